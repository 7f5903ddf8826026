import type { JsonPatchOperation, KubeObject } from '../../client/types.ts';

/**
 * Finalizers: how a controller makes sure that it can clean up before an object disappears.
 *
 * Flow: the finalizer is added before the controller makes anything that must be cleaned up (`Plan.finalizers.add`, which
 * `execute` writes before everything else). A delete then only sets `deletionTimestamp`; the plan for a deleting object
 * removes what was made and, once the cache shows that it is gone, removes the finalizer (`Plan.finalizers.remove`,
 * written after everything else, and only if all of that succeeded).
 *
 * Guarantees: no cleanup is skipped, whatever crashes; other finalizers are never touched, and a concurrent change of the
 * list makes our patch fail instead of undoing it.
 *
 * Assumes that cleanup is idempotent: it runs again after a crash or a failed removal.
 *
 * Caveat: when the controller is gone for good, objects with its finalizer stay until someone takes it off.
 */
export interface FinalizerChange {
  add?: readonly string[];
  remove?: readonly string[];
}

/**
 * A JSON patch that changes the finalizers of this incarnation of the object and nothing else; undefined when they are as
 * wanted. It fails (422) when the list is not what `object` says. A deleting object gets no new finalizers: the server
 * would refuse them.
 */
export function finalizerPatch(object: KubeObject, change: FinalizerChange): JsonPatchOperation[] | undefined {
  const { uid, finalizers = [], deletionTimestamp } = object.metadata;
  const additions = deletionTimestamp === undefined ? (change.add ?? []) : [];
  const removals = new Set(change.remove);
  const kept = finalizers.filter((finalizer) => !removals.has(finalizer));
  const wanted = [...kept, ...additions.filter((finalizer) => !kept.includes(finalizer))];
  if (wanted.length === finalizers.length && wanted.every((finalizer, i) => finalizer === finalizers[i])) {
    return undefined;
  }
  const path = '/metadata/finalizers';
  return [
    ...(uid === undefined ? [] : [{ op: 'test' as const, path: '/metadata/uid', value: uid }]),
    { op: 'test', path, value: finalizers.length === 0 ? null : finalizers },
    wanted.length === 0 ? { op: 'remove', path } : { op: 'add', path, value: wanted },
  ];
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}
