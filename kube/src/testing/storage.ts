import type { KubeObject } from '../client/types.ts';

/** One committed change: what the object was and what it is. */
export interface Commit {
  revision: number;
  /** Which collection: 'plural.group'. */
  resource: string;
  /** 'namespace/name'. */
  key: string;
  old?: KubeObject | undefined;
  new?: KubeObject | undefined;
}

/**
 * An etcd of objects: one revision counter for everything, snapshots at past revisions, a log for watches, compaction.
 * Stored objects are never modified in place.
 */
export class Storage {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(commit: Commit) => void>();
  #log: Commit[] = [];
  #revision: number;
  #compacted: number;

  constructor(firstRevision = 1) {
    this.#revision = firstRevision;
    this.#compacted = firstRevision;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Changes up to this revision can't be watched or read any more. */
  get compacted(): number {
    return this.#compacted;
  }

  get(resource: string, key: string): KubeObject | undefined {
    return this.#objects.get(resource)?.get(key);
  }

  /** Stores the object at a new revision, which becomes its resourceVersion, and returns it as stored. */
  put(resource: string, key: string, object: KubeObject): KubeObject {
    const revision = ++this.#revision;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    const objects = this.#objects.get(resource) ?? new Map<string, KubeObject>();
    this.#objects.set(resource, objects);
    const old = objects.get(key);
    objects.set(key, stored);
    this.#commit({ revision, resource, key, old, new: stored });
    return stored;
  }

  remove(resource: string, key: string): KubeObject | undefined {
    const objects = this.#objects.get(resource);
    const old = objects?.get(key);
    if (!objects || !old) return undefined;
    objects.delete(key);
    this.#commit({ revision: ++this.#revision, resource, key, old });
    return old;
  }

  /** Objects of a collection by key, sorted by key as in etcd, as they were at `revision`. */
  list(resource: string, revision = this.#revision): [string, KubeObject][] {
    const state = new Map(this.#objects.get(resource));
    for (let i = this.#log.length - 1; i >= 0; i--) {
      const commit = this.#log[i] as Commit;
      if (commit.revision <= revision) break;
      if (commit.resource !== resource) continue;
      if (commit.old) state.set(commit.key, commit.old);
      else state.delete(commit.key);
    }
    return [...state].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Changes of a collection after `revision`, oldest first. Only from the compacted revision on. */
  since(resource: string, revision: number): Commit[] {
    return this.#log.filter((commit) => commit.revision > revision && commit.resource === resource);
  }

  /** Forgets history up to `revision` (default: all). */
  compact(revision = this.#revision): void {
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#revision));
    this.#log = this.#log.filter((commit) => commit.revision > this.#compacted);
  }

  /** Called synchronously with every change until the returned function is called. */
  subscribe(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #commit(commit: Commit): void {
    this.#log.push(commit);
    for (const listener of this.#listeners) listener(commit);
  }
}
