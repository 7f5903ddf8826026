import type { Change } from '../../cache/types.ts';
import type { KubeObject } from '../../client/types.ts';
import { jsonEqual } from '../objects/equality.ts';

/** Whether a change of the cache matters. Pure. */
export type Predicate<T extends KubeObject = KubeObject> = (change: Change<T>) => boolean;

/** For updates: whether what `read` gives has changed. Additions and deletions always matter. */
export function changed<T extends KubeObject>(read: (object: T) => unknown): Predicate<T> {
  return ({ old, new: now }) => old === undefined || now === undefined || !jsonEqual(read(old), read(now));
}

/** The spec changed (where the kind counts generations), or the object was replaced by another incarnation. */
export const generationChanged: Predicate = changed(({ metadata }) => [metadata.uid, metadata.generation]);
export const labelsChanged: Predicate = changed(({ metadata }) => metadata.labels ?? {});
export const annotationsChanged: Predicate = changed(({ metadata }) => metadata.annotations ?? {});
export const finalizersChanged: Predicate = changed(({ metadata }) => metadata.finalizers ?? []);
/** The object began to be deleted. */
export const deletionChanged: Predicate = changed(({ metadata }) => metadata.deletionTimestamp);
/** Anything changed; false for the repetition of what is known. */
export const resourceVersionChanged: Predicate = changed(({ metadata }) => [metadata.uid, metadata.resourceVersion]);

export function and<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (change) => predicates.every((predicate) => predicate(change));
}

export function or<T extends KubeObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (change) => predicates.some((predicate) => predicate(change));
}

export function not<T extends KubeObject>(predicate: Predicate<T>): Predicate<T> {
  return (change) => !predicate(change);
}
