import { TaskReasons } from '@osmo/crds';
import type { TaskPhase, TaskStatus } from './task.ts';

/**
 * What has happened to a task that waits: `queued` for a node; `delayed` by what somebody may have to mend; `scheduled` to a
 * node; `accepted` by it; `prepared` and waiting for its group; `gathered` with all of its group, so that it goes on; `held`
 * by its spec.
 */
export type WaitingStep = 'queued' | 'delayed' | 'scheduled' | 'accepted' | 'prepared' | 'gathered' | 'held';

export type TaskReason = (typeof TaskReasons)[keyof typeof TaskReasons];

const byPhase = {
  Pending: 'queued',
  Scheduling: 'queued',
  Initializing: 'accepted',
} as const satisfies Partial<Record<TaskPhase, WaitingStep>>;

/**
 * A task with this reason has come to this step. 'of the phase': the reason adds nothing to that, 'no wait': a task with
 * this reason has ended, or runs. Reasons that are the cluster's own words, such as those of a scheduler, aren't listed: they
 * are of the phase.
 */
const byReason: Readonly<Record<TaskReason, WaitingStep | 'of the phase' | 'no wait'>> = {
  [TaskReasons.scheduling]: 'of the phase',
  [TaskReasons.initializing]: 'of the phase',
  [TaskReasons.rescheduled]: 'of the phase',
  [TaskReasons.unschedulable]: 'queued',
  [TaskReasons.schedulingGated]: 'queued',
  [TaskReasons.podNotAccepted]: 'delayed',
  [TaskReasons.createContainerConfigError]: 'delayed',
  [TaskReasons.containerStatusUnknown]: 'delayed',
  [TaskReasons.waitingForPeers]: 'prepared',
  [TaskReasons.held]: 'held',
  [TaskReasons.running]: 'no wait',
  [TaskReasons.nodeUnreachable]: 'no wait',
  [TaskReasons.completed]: 'no wait',
  [TaskReasons.error]: 'no wait',
  [TaskReasons.imagePull]: 'no wait',
  [TaskReasons.createError]: 'no wait',
  [TaskReasons.startError]: 'no wait',
  [TaskReasons.evicted]: 'no wait',
  [TaskReasons.oomKilled]: 'no wait',
  [TaskReasons.preempted]: 'no wait',
  [TaskReasons.backendError]: 'no wait',
  [TaskReasons.startTimeout]: 'no wait',
  [TaskReasons.downloadFailed]: 'no wait',
  [TaskReasons.uploadFailed]: 'no wait',
  [TaskReasons.dataDenied]: 'no wait',
  [TaskReasons.dataError]: 'no wait',
  [TaskReasons.execTimeout]: 'no wait',
  [TaskReasons.queueTimeout]: 'no wait',
  [TaskReasons.canceled]: 'no wait',
  [TaskReasons.peerFailed]: 'no wait',
  [TaskReasons.upstream]: 'no wait',
  [TaskReasons.refused]: 'no wait',
  [TaskReasons.unknown]: 'no wait',
};

/** Whether nothing has run in the phase and nothing has ended. */
export function isWaiting(phase: TaskPhase): phase is keyof typeof byPhase {
  return Object.hasOwn(byPhase, phase);
}

/** The step that a waiting task has come to from `former`; undefined when it has taken none, or doesn't wait. */
export function waitingStep(former: TaskStatus | undefined, status: TaskStatus): WaitingStep | undefined {
  const { phase, reason, nodeName } = status;
  const before = former?.phase ?? 'Pending';
  if (!isWaiting(phase) || (before === phase && former?.reason === reason)) return undefined;
  const isGathered = before === phase && former?.reason === TaskReasons.waitingForPeers && reason === undefined;
  if (isGathered) return 'gathered';
  const step = reason !== undefined && isListed(reason) ? byReason[reason] : 'of the phase';
  if (step !== 'of the phase' && step !== 'no wait') return step;
  return phase === 'Scheduling' && nodeName !== undefined ? 'scheduled' : byPhase[phase];
}

function isListed(reason: string): reason is TaskReason {
  return Object.hasOwn(byReason, reason);
}
