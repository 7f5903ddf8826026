import { type Condition, ConditionTypes, ExitCodes, TaskReasons } from '@osmo/crds';
import type { Pod } from '@osmo/kube';
import { userContainerName } from './pod-facts.ts';
import { dataOf } from '../transfer/outcome.ts';
import type { StatusFields, Task, TaskPhase, TaskStatus } from './task.ts';
import { shorten, type Verdict } from './verdict.ts';

const ranks: Readonly<Record<TaskPhase, number>> = {
  Pending: 0,
  Scheduling: 1,
  Initializing: 2,
  Running: 3,
  Completed: 4,
  Failed: 4,
};

/**
 * Phases that pass quickly on a healthy cluster are written only when they last: each write costs the hub. The times that they
 * are counted from have whole seconds, so what is waited is up to a second less: with one second a pod that is made late in a
 * second would be told of at once.
 */
const writtenAfterMs: Partial<Record<TaskPhase, number>> = { Scheduling: 2000, Initializing: 5000 };

/** True once the end of its run is on the Task: from then on its status doesn't change until it is run again. */
export function isRecorded(task: Task): boolean {
  return isOver(task.status?.phase) && !isBehindRun(task);
}

/** True when the Task is to run (again) and its status is still about an earlier run. */
export function isBehindRun({ spec, status }: Task): boolean {
  return (status?.run ?? 0) < (spec.run ?? 0);
}

export function isOver(phase: TaskPhase | undefined): boolean {
  return phase === 'Completed' || phase === 'Failed';
}

/** The status that a task has by its pod. Phases never go back: a verdict below what is recorded changes nothing. */
export function statusByPod(task: Task, pod: Pod, verdict: Verdict, attempt: number): TaskStatus {
  const old = task.status;
  const facts = { ...podFacts(pod, attempt), ...timesByPod(old, verdict) };
  if (ranks[verdict.phase] < ranks[old?.phase ?? 'Pending']) return complete(task, { ...old, ...facts });
  const { phase, reason, message, exitCode } = verdict;
  const data = isOver(phase) ? dataOf(pod) : undefined;
  return complete(task, {
    ...kept(old),
    ...facts,
    phase,
    ...(reason === undefined ? {} : { reason: word(reason) }),
    ...(message === undefined ? {} : { message }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(data === undefined ? {} : { data }),
  });
}

/** What ends a task other than its own pod. */
export interface Ending {
  phase: 'Completed' | 'Failed';
  reason?: string;
  message: string;
  exitCode?: number;
  completionTime: string;
}

/** The status of a task that something else ended; what is known about its pod stays. */
export function statusByEnding(task: Task, pod: Pod | undefined, ending: Ending, attempt: number): TaskStatus {
  const facts = pod === undefined ? { attempt } : podFacts(pod, attempt);
  return complete(task, { ...kept(task.status), ...facts, ...ending });
}

/** The cluster doesn't take the task's pod for now; the message says why. It waits for a node since `now`. */
export function statusByDelay(task: Task, message: string, now: string): TaskStatus {
  return complete(task, {
    ...kept(task.status),
    phase: 'Scheduling',
    reason: TaskReasons.podNotAccepted,
    message: shorten(message),
    schedulingTime: task.status?.schedulingTime ?? now,
  });
}

/** A pod that the Task's status names is not there any more: whatever it did is lost, and that attempt must not run again. */
export function vanished(task: Task, now: string): Verdict {
  const { podName = '', schedulingTime, initializingTime, startTime } = task.status ?? {};
  return {
    phase: 'Failed',
    reason: TaskReasons.backendError,
    message: `pod ${podName} vanished from the cluster before its task ended`,
    exitCode: ExitCodes.backendError,
    times: {
      ...(schedulingTime === undefined ? {} : { scheduling: schedulingTime }),
      ...(initializingTime === undefined ? {} : { initializing: initializingTime }),
      ...(startTime === undefined ? {} : { start: startTime }),
      completion: now,
    },
  };
}

/** A verdict without a pod to it, as the end of its task. */
export function endingOf({ phase, reason, message, exitCode, times }: Verdict, now: string): Ending {
  return {
    phase: phase === 'Completed' ? 'Completed' : 'Failed',
    ...(reason === undefined ? {} : { reason }),
    message: message ?? '',
    ...(exitCode === undefined ? {} : { exitCode }),
    completionTime: times.completion ?? now,
  };
}

/** The apiserver (or the pod builder) refuses the pod for what the Task says: trying again can't help. */
export function refused(message: string, now: string): Ending {
  return {
    phase: 'Failed',
    reason: TaskReasons.createError,
    message: shorten(message),
    exitCode: ExitCodes.createContainerError,
    completionTime: now,
  };
}

/** When a status is to be written: now, later, or never because it says nothing new. */
export function dueAt(task: Task, next: TaskStatus, now: Date): Date | undefined {
  const old = task.status;
  if (isSameAttempt(old, next)) {
    if ((old?.phase ?? 'Pending') === next.phase && old?.reason === next.reason) return undefined;
  } else return now;
  const delay = next.podName === undefined ? undefined : writtenAfterMs[next.phase];
  const since = next.phase === 'Initializing' ? next.initializingTime : next.schedulingTime;
  if (delay === undefined || since === undefined) return now;
  return new Date(Math.max(now.getTime(), Date.parse(since) + delay));
}

function isSameAttempt(old: TaskStatus | undefined, next: TaskStatus): boolean {
  return (['attempt', 'run', 'round'] as const).every((field) => (old?.[field] ?? 0) === (next[field] ?? 0));
}

/** What outlives a change of phase: reason, message, code and pause belong to the phase that set them. */
function kept(old: TaskStatus | undefined): StatusFields {
  const { reason: _reason, message: _message, exitCode: _exitCode, retryTime: _retryTime, ...rest } = old ?? {};
  return rest;
}

/** What a pod says about where the attempt runs. */
export function podFacts(pod: Pod, attempt: number): StatusFields {
  const { name, uid, namespace } = pod.metadata;
  const user = userContainerName(pod);
  const imageID = pod.status?.containerStatuses?.find((status) => status.name === user)?.imageID;
  return {
    attempt,
    podName: name,
    ...(uid === undefined ? {} : { podUID: uid }),
    ...(namespace === undefined ? {} : { podNamespace: namespace }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    ...(pod.status?.podIP === undefined ? {} : { podIP: pod.status.podIP }),
    ...(imageID === undefined || imageID === '' ? {} : { imageID }),
  };
}

/** Reasons of the cluster may hold punctuation that ours don't. */
function word(reason: string): string {
  return reason.replace(/[^A-Za-z0-9]+/g, '').slice(0, 64);
}

/** A time that was recorded once stays: the kubelet may forget (a container that is gone has no start). */
function timesByPod(old: TaskStatus | undefined, { times }: Verdict): StatusFields {
  const all: StatusFields = {};
  const set = (key: 'schedulingTime' | 'initializingTime' | 'startTime' | 'completionTime', time?: string) => {
    const value = old?.[key] ?? time;
    if (value !== undefined) all[key] = value;
  };
  set('schedulingTime', times.scheduling);
  set('initializingTime', times.initializing);
  set('startTime', times.start);
  set('completionTime', times.completion);
  return all;
}

/** A whole status of these fields; `since` is when the condition changed, if it did and the fields don't say. */
export function complete(task: Task, status: StatusFields, since?: string): TaskStatus {
  const generation = task.metadata.generation;
  return {
    ...status,
    phase: status.phase ?? 'Pending',
    attempt: status.attempt ?? 0,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [succeeded(task, status, since)],
  };
}

function succeeded(task: Task, status: StatusFields, changed?: string): Condition {
  const value = status.phase === 'Completed' ? 'True' : status.phase === 'Failed' ? 'False' : 'Unknown';
  const old = task.status?.conditions?.find(({ type }) => type === ConditionTypes.succeeded);
  const since = isOver(status.phase) ? status.completionTime : (changed ?? status.schedulingTime);
  const reason = status.reason ?? status.phase ?? TaskReasons.scheduling;
  const generation = task.metadata.generation;
  return {
    type: ConditionTypes.succeeded,
    status: value,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime:
      (old?.status === value ? old.lastTransitionTime : since) ?? task.metadata.creationTimestamp ?? '',
    reason,
    message: status.message ?? '',
  };
}
