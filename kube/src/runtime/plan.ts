import type { KubeObject, ObjectRef, ResourceType } from '../client/types.ts';
import type { ObjectReference } from '../client/kinds/meta.ts';

/** Name of the cluster that writes go to unless they say otherwise. */
export const defaultCluster = 'default';

/** The shape of a kind's status. */
export type StatusOf<T> = T extends { status?: infer S } ? NonNullable<S> : object;

/**
 * What a reconcile wants to be done, as data. `execute` does it in this order: finalizers to add, `apply`, `remove`,
 * `status` and `statuses`, events, finalizers to remove, requeue at `wakeAt`. An empty plan writes nothing.
 */
export interface Plan<T extends KubeObject = KubeObject> {
  apply?: readonly Desired[];
  remove?: readonly Removal[];
  /**
   * The whole status of the reconciled object, as far as this controller owns it; written only if it differs from the
   * cache's. Fields that were ours and are absent now are removed by the server.
   */
  status?: StatusOf<T>;
  /** Statuses of other objects, for controllers whose key is not one object. */
  statuses?: readonly StatusWrite[];
  /** Emitted only after every write succeeded, or was refused for good. */
  events?: readonly EventIntent[];
  /** Reconcile again at this time although nothing changed; in the past means at once. */
  wakeAt?: Date;
  /** Finalizers of the reconciled object: added before anything else, removed after everything else. */
  finalizers?: { add?: readonly string[]; remove?: readonly string[] };
}

/** An object that should exist. */
export interface Desired {
  /** Name of the cluster; default 'default'. */
  on?: string;
  /**
   * 'create': POST; that it exists already is success if it is ours (see `identityLabel`). 'apply': server-side apply
   * with force under the controller's field manager.
   */
  mode: 'create' | 'apply';
  type: ResourceType;
  object: KubeObject;
  /**
   * For 'create': a label whose value, when equal on the object that has the name, says that it is ours. Without it (or
   * when it differs) an existing object is ours only if it has the same controller owner (by UID).
   */
  identityLabel?: string;
  /**
   * Another one of the same `apply`, without which this one is of no use: it is sent once that one is there, in the same
   * run, and not at all while that one can't be written. That one waits for none itself.
   */
  after?: Desired;
}

/** An object, or a finalizer, that should not be there. */
export interface Removal extends ObjectRef {
  on?: string;
  type: ResourceType;
  /** Only this incarnation; when it is gone already, the removal is done. */
  uid?: string;
  /** Only at this version; else a conflict, and the key is reconciled again. */
  resourceVersion?: string;
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  /** Take this finalizer off instead of deleting. */
  removeFinalizer?: string;
}

/** The status of one object. */
export interface StatusWrite {
  on?: string;
  type: ResourceType;
  /** The object as the cache has it: its identity (name, UID) and the status that is there now. */
  object: KubeObject;
  status: object;
  /** Only at the version of `object`: for what others write too. Else a conflict, and the key is reconciled again. */
  atVersion?: boolean;
  /** Top-level fields of the status that this writer owns; default: all. The others are neither compared nor touched. */
  fields?: readonly string[];
}

/** Something that has happened, for people. */
export interface EventIntent {
  on?: string;
  type: 'Normal' | 'Warning';
  /** PascalCase, ≤ 128 characters. */
  reason: string;
  /** What was done or failed, a PascalCase verb, ≤ 128 characters. */
  action: string;
  /** Cut to 1024 bytes. */
  note: string;
  /** Default: the reconciled object. */
  regarding?: ObjectReference;
  related?: ObjectReference;
  /** A step on the way: left out sooner than others when there is much to tell. */
  givesWay?: boolean;
}
