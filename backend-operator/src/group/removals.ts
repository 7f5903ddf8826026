import { Finalizers } from '@osmo/crds';
import type { KubeObject, Pod } from '@osmo/kube';
import { isForced } from './cancel.ts';
import { attemptOfPod, taskOfObject, type TaskRef } from './identity.ts';
import { waitForLog } from './log-wait.ts';
import { isFinished } from './pod-facts.ts';
import { isRecorded } from './status.ts';
import type { GroupPlan, GroupWorld, Member } from './world.ts';

type Removals = Pick<
  GroupPlan,
  'deletePods' | 'killPods' | 'releasePods' | 'incompleteLogs' | 'deleteServices' | 'deletePodGroups'
> & {
  /** When pods go that wait for their logs now. */
  waits: Date[];
};

/**
 * What has to go: pods of ended or superseded attempts that still run, the finalizers of pods that somebody deletes, and
 * all that was made for Tasks which the hub says are gone. A Task that only the cache doesn't know loses nothing.
 */
export function removals(members: readonly Member[], world: GroupWorld): Removals {
  const result: Removals = {
    deletePods: [],
    killPods: [],
    releasePods: [],
    incompleteLogs: [],
    deleteServices: [],
    deletePodGroups: [],
    waits: [],
  };
  const byTask = new Map(members.map((member) => [member.task.metadata.uid, member]));
  const gone = goneTasks(world);
  for (const pod of world.pods) {
    const ref = taskOfObject(pod);
    const member = byTask.get(ref?.uid);
    if (member !== undefined) settle(pod, member, world, result);
    else if (ref !== undefined && gone.has(ref.uid)) endPod(pod, world, result);
  }
  if (members.length > 0) return result;
  const isLeft = (object: KubeObject): boolean => {
    const ref = taskOfObject(object);
    return ref !== undefined && gone.has(ref.uid) && object.metadata.deletionTimestamp === undefined;
  };
  result.deleteServices = world.services.filter(isLeft);
  result.deletePodGroups = (world.podGroups ?? []).filter(isLeft);
  return result;
}

/** Tasks of whom something is there although the hub's cache doesn't have them: the hub must be asked directly. */
export function unconfirmed(world: Pick<GroupWorld, 'tasks' | 'pods' | 'services' | 'podGroups' | 'gone'>): TaskRef[] {
  const known = new Set(world.tasks.map(({ metadata }) => metadata.uid));
  const shared = known.size > 0 ? [] : [...world.services, ...(world.podGroups ?? [])];
  const refs = [...world.pods, ...shared].map(taskOfObject).filter((ref) => ref !== undefined);
  const unknown = refs.filter(({ uid }) => !known.has(uid) && !world.gone.has(uid));
  return [...new Map(unknown.map((ref) => [ref.uid, ref])).values()];
}

/** A Task that is being deleted is as good as gone: nothing can stop its end any more. */
function goneTasks({ tasks, gone }: GroupWorld): Set<string> {
  const terminating = tasks.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  return new Set([...gone, ...terminating.map(({ metadata }) => metadata.uid ?? '')]);
}

/** The pod of a Task that exists. A finished pod stays for its logs until somebody deletes it, or its Task. */
function settle(pod: Pod, { task, attempt }: Member, world: GroupWorld, result: Removals): void {
  const superseded = attemptOfPod(pod) < attempt;
  if (!superseded && !isRecorded(task)) return;
  if (isForced(task) && !isFinished(pod) && pod.metadata.deletionGracePeriodSeconds !== 0) {
    result.killPods.push(pod);
    return;
  }
  if (superseded || pod.metadata.deletionTimestamp !== undefined || !isFinished(pod)) endPod(pod, world, result);
}

function endPod(pod: Pod, world: GroupWorld, result: Removals): void {
  const { deletionTimestamp, finalizers = [] } = pod.metadata;
  const isHeld = finalizers.includes(Finalizers.podResult);
  if (deletionTimestamp !== undefined && !isHeld) return;
  const goesAt = waitForLog(pod, world);
  if (goesAt !== undefined && goesAt > world.now) {
    result.waits.push(goesAt);
    return;
  }
  if (deletionTimestamp === undefined) {
    result.deletePods.push(pod);
    return;
  }
  result.releasePods.push(pod);
  if (goesAt !== undefined) result.incompleteLogs.push(pod);
}
