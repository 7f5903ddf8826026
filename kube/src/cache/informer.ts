import type { KubeObject, ObjectRef, WatchEvent } from '../client/types.ts';
import { ingestor } from './ingest.ts';
import { groupResourceOf } from '../client/resource.ts';
import { ObjectStore } from './object-store.ts';
import { reflect, type ReflectorSink } from './reflector.ts';
import type { Change, Informer, InformerOptions } from './types.ts';
import { compareVersions, isAtLeast } from './versions.ts';

/** Makes an informer; nothing happens until `start`. */
export function newInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  return new CachingInformer(options);
}

class CachingInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly type;
  readonly synced: Promise<void>;
  readonly #options: InformerOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #listeners: ((change: Change<T>) => void)[] = [];
  readonly #ingest: (object: T) => T;
  readonly #sync = Promise.withResolvers<void>();
  #resourceVersion: string | undefined;
  /** Whether all up to `#resourceVersion` is here, as it is when the stream is in order. */
  #complete = true;
  #started = false;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.type = options.type;
    this.#store = new ObjectStore(options.indexes);
    this.#ingest = ingestor(options);
    this.synced = this.#sync.promise;
    // Nobody has to wait for it; who does still sees the rejection.
    this.synced.catch(() => undefined);
  }

  start(signal: AbortSignal): void {
    if (this.#started) throw new Error(`the informer of ${this.type.kind} was started before`);
    this.#started = true;
    const { client, clock, logger, metrics, namespace, labelSelector, fieldSelector } = this.#options;
    signal.addEventListener('abort', () => this.#sync.reject(signal.reason), { once: true });
    if (signal.aborted) this.#sync.reject(signal.reason);
    const random = this.#options.random ?? Math.random;
    void reflect(
      {
        client,
        type: this.type,
        selector: { namespace, labelSelector, fieldSelector },
        sink: this,
        clock,
        logger,
        metrics,
        random,
        pageSize: this.#options.pageSize ?? 500,
        watchList: this.#options.watchList ?? true,
        // Not all informers of a process at the same time.
        verifyAfterMs: (this.#options.verifyAfterMs ?? 60 * 60_000) * (1 + random() / 5),
        stallTimeoutMs: this.#options.stallTimeoutMs ?? 150_000,
      },
      signal,
    );
  }

  hasSynced(): boolean {
    return this.#resourceVersion !== undefined;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#store.get(namespace, name);
  }

  list(namespace?: string): readonly T[] {
    return this.#store.list(namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value);
  }

  onChange(listener: (change: Change<T>) => void): void {
    this.#listeners.push(listener);
  }

  hasSeen(ref: ObjectRef, resourceVersion: string): boolean {
    // Everything up to the cache's own version is in it: either the object at that version or later, or its deletion.
    const reached = this.#complete ? this.#resourceVersion : undefined;
    if (reached !== undefined && isAtLeast(reached, resourceVersion)) return true;
    const cached = this.#store.get(ref.namespace, ref.name)?.metadata.resourceVersion;
    return cached !== undefined && isAtLeast(cached, resourceVersion);
  }

  get size(): number {
    return this.#store.size;
  }

  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  prepare(object: T): T {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const cached = this.#store.get(namespace, name);
    const same = cached?.metadata.uid === uid && cached?.metadata.resourceVersion === resourceVersion;
    return cached && same ? cached : this.#ingest(object);
  }

  replace(objects: Iterable<T>, resourceVersion: string): void {
    const changes = this.#store.replace(objects);
    const first = this.#resourceVersion === undefined;
    this.#resourceVersion = resourceVersion;
    this.#complete = true;
    for (const change of changes) this.#tell(change);
    this.#count();
    if (first) this.#sync.resolve();
  }

  apply(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void {
    const { object } = event;
    const { namespace, name, uid, resourceVersion: version = '' } = object.metadata;
    const cached = this.#store.get(namespace, name);
    const known = cached?.metadata.resourceVersion;
    const age = known === undefined ? 1 : (compareVersions(version, known) ?? 1);
    // What is here is newer, or the very same: that was told already. A deletion may carry the version of what it deleted.
    if (age < 0 || (age === 0 && event.type !== 'DELETED')) return;
    this.#progress(version);
    if (event.type === 'DELETED') {
      if (!cached) return;
      this.#store.remove(namespace, name);
      this.#tell({ old: cached });
    } else if (cached && cached.metadata.uid !== uid) {
      // Its deletion was not told (it fell between two watches), but it must have happened.
      this.#store.remove(namespace, name);
      this.#tell({ old: cached });
      this.#store.put(object);
      this.#tell({ new: object });
    } else {
      this.#store.put(object);
      this.#tell(cached ? { old: cached, new: object } : { new: object });
    }
    this.#count();
  }

  bookmark(resourceVersion: string): void {
    this.#progress(resourceVersion);
  }

  distrust(): void {
    this.#complete = false;
  }

  #progress(version: string): void {
    if ((compareVersions(version, this.#resourceVersion ?? '0') ?? 1) > 0) this.#resourceVersion = version;
  }

  #tell(change: Change<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        const { name, namespace } = (change.new ?? change.old)?.metadata ?? { name: '' };
        this.#options.logger.error('a listener of a cache failed', {
          kind: this.type.kind,
          namespace,
          name,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    }
  }

  #count(): void {
    this.#options.metrics?.objects(groupResourceOf(this.type), this.#store.size);
  }
}
