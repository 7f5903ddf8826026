import { ExitCodes, TaskReasons } from '@osmo/crds';
import type { Pod } from '@osmo/kube';
import { containersOf, deletionRequestedAt, finishedAt, isFinished, trueCondition } from './pod-facts.ts';
import { sentence, type Verdict } from './verdict.ts';

const preemptionReason = 'PreemptionByScheduler';

/**
 * A pod that something outside ended: a scheduler preempted it, Kubernetes disrupted it (drain, node lost, taint), or
 * somebody deleted it. A pod whose containers had ended before that is not interrupted: its own end counts.
 */
export function interruption(
  pod: Pod,
  kind: 'preempted' | 'disrupted' | 'deleted',
): Omit<Verdict, 'times'> | undefined {
  switch (kind) {
    case 'preempted':
      return preempted(pod);
    case 'disrupted':
      return disrupted(pod);
    case 'deleted':
      return deleted(pod);
  }
}

function preempted(pod: Pod): Omit<Verdict, 'times'> | undefined {
  const condition = pod.status?.conditions?.find((c) => c.status === 'True' && c.reason === preemptionReason);
  if (condition === undefined || endedBefore(pod, timeOf(condition.lastTransitionTime))) return undefined;
  return {
    phase: 'Failed',
    reason: TaskReasons.preempted,
    message: sentence('preempted by the scheduler', condition.message),
    exitCode: ExitCodes.preempted,
  };
}

/**
 * `DisruptionTarget` alone is an intention that Kubernetes may take back (it clears a stale one after two minutes), so it
 * counts once the pod is being deleted or has ended.
 */
function disrupted(pod: Pod): Omit<Verdict, 'times'> | undefined {
  const condition = trueCondition(pod, 'DisruptionTarget');
  if (condition === undefined || !(isFinished(pod) || pod.metadata.deletionTimestamp !== undefined)) return undefined;
  if (endedBefore(pod, timeOf(condition.lastTransitionTime))) return undefined;
  return {
    phase: 'Failed',
    reason: TaskReasons.backendError,
    message: sentence('disrupted', condition.reason, condition.message),
    exitCode: ExitCodes.backendError,
  };
}

function deleted(pod: Pod): Omit<Verdict, 'times'> | undefined {
  const at = deletionRequestedAt(pod);
  if (at === undefined || endedBefore(pod, at)) return undefined;
  return {
    phase: 'Failed',
    reason: TaskReasons.backendError,
    message: `pod ${pod.metadata.name} was deleted before its task ended`,
    exitCode: ExitCodes.backendError,
  };
}

/**
 * True when the pod's own end came first. Times have whole seconds: an end in the same second counts as first, so that a
 * task which finished is never called lost, unless it died of a signal, which is how the interruption ends it. Without any
 * time a success counts as its own end, and a failure does not.
 */
function endedBefore(pod: Pod, at: number | undefined): boolean {
  if (!isFinished(pod)) return false;
  const end = finishedAt(pod);
  if (end === undefined || at === undefined) return pod.status?.phase === 'Succeeded';
  return diedOfSignal(pod) ? Date.parse(end) < at : Date.parse(end) <= at;
}

/** Exit codes of a command that SIGTERM or SIGKILL ended. */
const killed: ReadonlySet<number> = new Set([137, 143]);

function diedOfSignal(pod: Pod): boolean {
  return containersOf(pod).some(({ role, state }) => role === 'user' && killed.has(state.terminated?.exitCode ?? 0));
}

function timeOf(time: string | null | undefined): number | undefined {
  return time === null || time === undefined ? undefined : Date.parse(time);
}
