import type { Informer } from '../../cache/types.ts';
import type { KubeObject } from '../../client/types.ts';
import type { RefusedWrite } from '../execute/refusal.ts';
import type { Logger } from '../logger.ts';
import type { Plan } from '../plan.ts';
import type { Backoff } from '../../cache/backoff.ts';
import type { Key, Mapper } from './keys.ts';
import type { Predicate } from './predicates.ts';

/** The kind that is reconciled. */
export interface ForSource<T extends KubeObject> {
  informer: Informer<T>;
  /** Cluster of the informer; default 'default'. */
  on?: string | undefined;
  predicate?: Predicate<T> | undefined;
}

/** Objects whose controller (owner reference) is reconciled when they change. */
export interface OwnsSource<C extends KubeObject = KubeObject> extends ForSource<C> {}

/** Objects that concern keys in any other way. */
export interface WatchSource<C extends KubeObject = KubeObject> extends ForSource<C> {
  enqueue: Mapper<C>;
}

export interface ReconcileContext {
  now: Date;
  /** Aborts when the reconcile takes too long, the process stops or leadership is lost. */
  signal: AbortSignal;
  /** With controller, object and reconcileID. */
  logger: Logger;
}

/**
 * A controller: what it watches, how it reads its world and what it wants.
 *
 * `observe` reads caches (or, exceptionally, the API) into a snapshot; undefined: there is nothing (any more) to do.
 * `plan` is pure. Both may be called at any time, any number of times, for keys that exist or not.
 */
export interface ControllerDefinition<T extends KubeObject = KubeObject, W = unknown> {
  /** For logs, metrics and as default field manager suffix; kebab-case. */
  name: string;
  /** Absent: keys are whatever the mappers of `watches` give, and `Plan.status` and `Plan.finalizers` can't be used. */
  for?: ForSource<T> | undefined;
  owns?: readonly OwnsSource[] | undefined;
  watches?: readonly WatchSource[] | undefined;
  observe(key: Key, context: ReconcileContext): W | undefined | Promise<W | undefined>;
  plan(world: W): Plan<T>;
  /**
   * Told of a write that the apiserver will never take. Return true after noting it for the next `observe`: the key is
   * then reconciled again at once. Else the reconcile fails, and is tried again with growing delays.
   */
  refused?: ((key: Key, write: RefusedWrite, error: Error) => boolean) | undefined;
  /** Reconciles at once, of different keys. Default 4. */
  workers?: number | undefined;
  /** A reconcile is aborted after this. Default 60 s. */
  reconcileTimeoutMs?: number | undefined;
  /** Default 5 ms doubling to 1,000 s. */
  backoff?: Backoff | undefined;
  /** Bounds the retries of all keys together, for a kind whose failures come in crowds. Default: no bound. */
  retryLimit?: { perSecond: number; burst: number } | undefined;
  /** Writes under way at once within a reconcile. Default 16. */
  writeParallelism?: number | undefined;
  /** Creates, applies and removals of one reconcile. Default 256. */
  maxWritesPerReconcile?: number | undefined;
  /** Default: the manager's. */
  fieldManager?: string | undefined;
}

/** Declares a controller; checks its numbers. @throws RangeError naming what is wrong. */
export function defineController<T extends KubeObject, W>(
  definition: ControllerDefinition<T, W>,
): ControllerDefinition<T, W> {
  const { name } = definition;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new RangeError(`controller name ${JSON.stringify(name)}: must be kebab-case`);
  }
  for (const field of ['workers', 'reconcileTimeoutMs', 'writeParallelism', 'maxWritesPerReconcile'] as const) {
    const value = definition[field];
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
      throw new RangeError(`controller ${name}: ${field} is ${value}, must be a positive integer`);
    }
  }
  if (definition.for === undefined && (definition.watches ?? []).length === 0) {
    throw new RangeError(`controller ${name}: needs for or watches`);
  }
  if (definition.for === undefined && (definition.owns ?? []).length > 0) {
    throw new RangeError(`controller ${name}: owns needs for, the kind of the owner`);
  }
  return definition;
}

/** A watch source with the types of its own kind; a list of sources has none. */
export function watching<C extends KubeObject>(source: WatchSource<C>): WatchSource {
  return source as unknown as WatchSource;
}

/** An owns source with the types of its own kind. */
export function owning<C extends KubeObject>(source: OwnsSource<C>): OwnsSource {
  return source as unknown as OwnsSource;
}
