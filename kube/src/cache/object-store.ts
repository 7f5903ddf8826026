import type { KubeObject } from '../client/types.ts';
import type { Change, Indexers } from './types.ts';

/** Objects under one index value; most values have one, which then needs no Set. */
type Bucket<T> = T | Set<T>;

/**
 * Objects by namespace and name, with indexes that are kept up to date by difference. Knows nothing of versions: who
 * writes decides what is newer. Two maps by namespace and name instead of one by key spare a string per object.
 */
export class ObjectStore<T extends KubeObject> {
  readonly #byNamespace = new Map<string, Map<string, T>>();
  readonly #indexers: readonly [string, (object: T) => readonly string[]][];
  readonly #indexes: Map<string, Map<string, Bucket<T>>>;
  #size = 0;

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = Object.entries(indexers);
    this.#indexes = new Map(this.#indexers.map(([name]) => [name, new Map()]));
  }

  get size(): number {
    return this.#size;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#byNamespace.get(namespace ?? '')?.get(name);
  }

  list(namespace?: string): T[] {
    if (namespace !== undefined) return [...(this.#byNamespace.get(namespace)?.values() ?? [])];
    const all: T[] = [];
    for (const objects of this.#byNamespace.values()) for (const object of objects.values()) all.push(object);
    return all;
  }

  /** @throws RangeError on an index that was not declared. */
  byIndex(index: string, value: string): T[] {
    const buckets = this.#indexes.get(index);
    if (!buckets) {
      const known = [...this.#indexes.keys()].join(', ') || 'none';
      throw new RangeError(`no index ${JSON.stringify(index)}; declared are: ${known}`);
    }
    const bucket = buckets.get(value);
    if (bucket === undefined) return [];
    return bucket instanceof Set ? [...bucket] : [bucket];
  }

  /** Stores the object in place of the one of its name, which is returned. */
  put(object: T): T | undefined {
    const { namespace = '', name } = object.metadata;
    let objects = this.#byNamespace.get(namespace);
    if (!objects) {
      objects = new Map();
      this.#byNamespace.set(namespace, objects);
    }
    const old = objects.get(name);
    if (old === object) return old;
    objects.set(name, object);
    if (old) this.#unindex(old);
    else this.#size++;
    for (const [index, valuesOf] of this.#indexers) {
      for (const value of new Set(valuesOf(object))) this.#addTo(this.#bucketsOf(index), value, object);
    }
    return old;
  }

  /** Removes and returns the object of that name. */
  remove(namespace: string | undefined, name: string): T | undefined {
    const objects = this.#byNamespace.get(namespace ?? '');
    const old = objects?.get(name);
    if (!objects || !old) return undefined;
    objects.delete(name);
    if (objects.size === 0) this.#byNamespace.delete(namespace ?? '');
    this.#size--;
    this.#unindex(old);
    return old;
  }

  /**
   * Makes `objects` the whole content and returns what changed: deletions first, and an object that was deleted and made
   * anew (another UID) as a deletion and an addition. Objects that are the very same are no change.
   */
  replace(objects: Iterable<T>): Change<T>[] {
    const kept = new Set(objects);
    const gone = new Set(this.list().filter((old) => !kept.has(old)));
    const written: Change<T>[] = [];
    for (const object of kept) {
      const old = this.put(object);
      if (old === object) continue;
      const same = old !== undefined && old.metadata.uid === object.metadata.uid;
      if (same) gone.delete(old);
      written.push(same ? { old, new: object } : { new: object });
    }
    const deleted: Change<T>[] = [];
    for (const old of gone) {
      const { namespace, name } = old.metadata;
      if (this.get(namespace, name) === old) this.remove(namespace, name);
      deleted.push({ old });
    }
    return [...deleted, ...written];
  }

  #bucketsOf(index: string): Map<string, Bucket<T>> {
    return this.#indexes.get(index) as Map<string, Bucket<T>>;
  }

  #addTo(buckets: Map<string, Bucket<T>>, value: string, object: T): void {
    const bucket = buckets.get(value);
    if (bucket === undefined) buckets.set(value, object);
    else if (bucket instanceof Set) bucket.add(object);
    else if (bucket !== object) buckets.set(value, new Set([bucket, object]));
  }

  #unindex(old: T): void {
    for (const [index, valuesOf] of this.#indexers) {
      const buckets = this.#bucketsOf(index);
      for (const value of new Set(valuesOf(old))) {
        const bucket = buckets.get(value);
        if (bucket instanceof Set) {
          bucket.delete(old);
          if (bucket.size === 0) buckets.delete(value);
        } else if (bucket === old) {
          buckets.delete(value);
        }
      }
    }
  }
}
