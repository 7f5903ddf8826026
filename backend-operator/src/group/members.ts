import type { Pod } from '@osmo/kube';
import { classify, seconds } from './classify.ts';
import { podNameOf } from './names.ts';
import { podFor } from './pod.ts';
import { isRecorded, refused, statusByDelay, statusByEnding, statusByPod, vanished } from './status.ts';
import type { Task, TaskStatus } from './task.ts';
import { UnbuildableError } from './unbuildable.ts';
import type { GroupWorld, Member } from './world.ts';

/** The tasks of the group that go on, in a fixed order, each with its pod and the status that it has by that alone. */
export function membersOf(world: GroupWorld): Member[] {
  const present = world.tasks.filter(({ metadata }) => metadata.deletionTimestamp === undefined).toSorted(byUid);
  const pods = new Map(world.pods.map((pod) => [pod.metadata.name, pod]));
  const whole = isWhole(present);
  return present.map((task) => memberOf(task, pods.get(podNameOfTask(task)), whole, world));
}

/** Whether all tasks of the group are here. */
export function isWhole(tasks: readonly Task[]): boolean {
  return tasks.length > 0 && tasks.every(({ spec }) => spec.group.size === tasks.length);
}

function memberOf(task: Task, pod: Pod | undefined, whole: boolean, world: GroupWorld): Member {
  const attempt = attemptOf(task);
  const started = pod !== undefined || task.status?.podUID !== undefined;
  const base = { task, attempt, pod, started };
  const now = seconds(world.now);
  if (isRecorded(task)) return { ...base, status: recorded(task) };
  const refusal = world.refusals.get(podNameOfTask(task));
  if (refusal !== undefined) return { ...base, status: statusByEnding(task, pod, refused(refusal, now), attempt) };
  if (pod !== undefined) {
    const verdict = classify(pod, world.now, world.settings.limits);
    return { ...base, status: statusByPod(task, pod, verdict, attempt), wakeAt: verdict.wakeAt };
  }
  if (started) return { ...base, status: statusByEnding(task, undefined, vanished(task, now), attempt) };
  return whole ? unstarted(task, world) : { ...base, status: recorded(task) };
}

/**
 * A task that waits for its pod. The pod is built before any of the group is created, so that a group is never begun that
 * can't be whole.
 */
function unstarted(task: Task, { now, delays, settings }: GroupWorld): Member {
  const attempt = attemptOf(task);
  const base = { task, attempt, pod: undefined, started: false };
  const namespace = task.metadata.namespace ?? '';
  try {
    const wanted = podFor(task, { namespace, attempt, nodeLostSeconds: settings.nodeLostSeconds });
    const delay = delays.get(wanted.metadata.name);
    return { ...base, wanted, status: delay === undefined ? recorded(task) : statusByDelay(task, delay) };
  } catch (error) {
    if (!(error instanceof UnbuildableError)) throw error;
    return { ...base, status: statusByEnding(task, undefined, refused(error.message, seconds(now)), attempt) };
  }
}

/** What the Task says by itself: nothing, until the first status is written. */
function recorded(task: Task): TaskStatus {
  return task.status ?? { phase: 'Pending', attempt: 0, conditions: [] };
}

function attemptOf(task: Task): number {
  return task.status?.attempt ?? 0;
}

/** Name of the pod of the task's attempt. */
export function podNameOfTask(task: Task): string {
  const { name, uid = '' } = task.metadata;
  return podNameOf({ name, uid }, attemptOf(task));
}

function byUid(a: Task, b: Task): number {
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}
