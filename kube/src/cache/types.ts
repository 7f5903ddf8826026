import type { KubeClient, KubeObject, ObjectRef, ResourceType, SelectorOptions } from '../client/types.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';

/** A change of the cache: `new` only = added, both = updated, `old` only = deleted. */
export interface Change<T extends KubeObject = KubeObject> {
  old?: T;
  new?: T;
}

/** Functions that give the values under which an object is found; an object may have none or several. */
export type Indexers<T extends KubeObject> = Record<string, (object: T) => readonly string[]>;

/**
 * A cache of one kind (all, one namespace, or what selectors match) that follows the server for ever.
 *
 * Objects are shared: they must not be modified. Reads are synchronous and consistent with each other until the next
 * event-loop turn.
 */
export interface Informer<T extends KubeObject = KubeObject> {
  readonly type: ResourceType<T>;
  /** Follows the server until `signal` aborts. Call it once. Returns at once; errors are logged and retried for ever. */
  start(signal: AbortSignal): void;
  /** Resolves when the first full state is in the cache; rejects only if the signal aborts before. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /** `namespace` is undefined (or '') for cluster-scoped kinds. */
  get(namespace: string | undefined, name: string): T | undefined;
  /** All objects, or those of a namespace; order unspecified. */
  list(namespace?: string): readonly T[];
  /** Objects with that value under an index of `newInformer`. @throws RangeError on an unknown index. */
  byIndex(index: string, value: string): readonly T[];
  /**
   * Called synchronously, after cache and indexes were updated, exactly once per change, in the server's order per
   * object. Listeners added later are not told about what is already there. A listener that throws is logged; the others
   * and the cache are not affected.
   */
  onChange(listener: (change: Change<T>) => void): void;
  /**
   * Whether the cache has that version of that object or a later one, or saw its deletion after it. A controller asks
   * this about its own last writes before it acts on the cache.
   */
  hasSeen(ref: ObjectRef, resourceVersion: string): boolean;
  /** Number of cached objects. */
  readonly size: number;
  /** The resourceVersion that the cache is at; undefined before the first list. */
  readonly resourceVersion: string | undefined;
}

/** What reflectors count, under the names of client-go's reflector metrics. */
export interface ReflectorMetrics {
  /** The full state was read, by list or as a stream. `resource` is 'plural' or 'plural.group'. */
  listed(resource: string, result: 'ok' | 'error', items: number, seconds: number): void;
  watchStarted(resource: string): void;
  /** How a watch ended: 'eof', 'expired', or the reason of its error. */
  watchEnded(resource: string, why: string, events: number, seconds: number): void;
  objects(resource: string, count: number): void;
}

export interface InformerOptions<T extends KubeObject> extends SelectorOptions {
  client: KubeClient;
  type: ResourceType<T>;
  indexes?: Indexers<T> | undefined;
  /** Shrinks or normalises an object before it is stored; may return its argument, modified. Must keep the identity. */
  transform?: ((object: T) => T) | undefined;
  clock: Clock;
  logger: Logger;
  metrics?: ReflectorMetrics | undefined;
  /** Deep-freezes what is stored, so that a reader that modifies it fails. For tests: costs time per object. */
  freeze?: boolean | undefined;
  /** Stream the first state (WatchList) where the server can. Default true. */
  watchList?: boolean | undefined;
  /** The full state is read again, at the end of a watch, when older than this, ms. Default one hour. */
  verifyAfterMs?: number | undefined;
  /** A watch is given up when nothing, not even a bookmark, came for so long, ms. Default 150 s. */
  stallTimeoutMs?: number | undefined;
  /** Objects per page of a list. Default 500. */
  pageSize?: number | undefined;
  /** A number in [0, 1); jitter of back-off and watch timeouts. Default Math.random. */
  random?: (() => number) | undefined;
}
