import type { Change, KubeObject, ObjectRef, Pod } from '@osmo/kube';
import { byGroup, type GroupCaches, indexValue } from './caches.ts';
import type { TaskConfirmer } from './confirmer.ts';
import { type GroupKey, groupKeyString, groupOfObject, groupOfTask, parseGroupKey, taskOfObject } from './identity.ts';
import type { CreateLedger } from './ledger.ts';
import { podNameOf } from './names.ts';
import { unconfirmed } from './removals.ts';
import type { Task } from './task.ts';
import type { GroupSettings, GroupWorld } from './world.ts';

/** What the operator knows beside the caches. */
export interface GroupSources {
  caches: GroupCaches;
  ledger: CreateLedger;
  confirmer: TaskConfirmer;
  settings: GroupSettings;
}

/** The key of a group in the queue. */
export function queueKeyOf(key: GroupKey): ObjectRef & { namespace: string } {
  return { namespace: key.namespace, name: groupKeyString(key) };
}

/**
 * Reads the world of a group. Where something is left of a Task that the cache doesn't have, the hub is asked in the
 * background, and the group is looked at again when it has answered.
 */
export function observeGroup(
  ref: ObjectRef,
  now: Date,
  sources: GroupSources,
  again: (key: ObjectRef) => void,
): GroupWorld {
  const { caches, ledger, confirmer, settings } = sources;
  const value = indexValue(parseGroupKey(ref.namespace ?? '', ref.name));
  const world: GroupWorld = {
    now,
    tasks: caches.tasks.byIndex(byGroup, value),
    pods: caches.pods.byIndex(byGroup, value),
    services: caches.services.byIndex(byGroup, value),
    gone: confirmer.gone,
    refusals: ledger.refusals,
    delays: ledger.delays,
    filesStored: ledger.filesStored,
    settings,
  };
  for (const task of unconfirmed(world)) confirmer.ask(task, () => again(ref));
  return world;
}

/** Tells `enqueue` of every group that a change of a cache is about, and forgets what is known of things that are gone. */
export function watchGroups({ caches, ledger, confirmer }: GroupSources, enqueue: (key: ObjectRef) => void): void {
  caches.tasks.onChange(({ old, new: task }) => {
    const either = task ?? old;
    if (task === undefined && old !== undefined) ledger.forget(podOfTask(old), old.status?.podUID);
    if (either !== undefined) enqueue(queueKeyOf(groupOfTask(either)));
  });
  caches.pods.onChange((change) => {
    const { old, new: pod } = change;
    if (pod === undefined && old !== undefined) {
      ledger.forget(old.metadata.name, old.metadata.uid);
      confirmer.forget(taskOfObject(old)?.uid ?? '');
    }
    for (const key of groupsOf<Pod>(change)) enqueue(key);
  });
  caches.services.onChange((change) => {
    for (const key of groupsOf(change)) enqueue(key);
  });
}

/** The groups of both states: marks may have been changed by hand. */
function groupsOf<T extends KubeObject>({ old, new: current }: Change<T>): ObjectRef[] {
  const keys = [old, current].map((object) => (object === undefined ? undefined : groupOfObject(object)));
  const found = keys.filter((key) => key !== undefined).map(queueKeyOf);
  return [...new Map(found.map((key) => [`${key.namespace}/${key.name}`, key])).values()];
}

function podOfTask({ metadata, status }: Task): string {
  return podNameOf({ name: metadata.name, uid: metadata.uid ?? '' }, status?.attempt ?? 0);
}
