import { TaskReasons } from '@osmo/crds';
import { isDelayed, isOver } from './glance.ts';
import type { TaskGlance } from './recent.ts';

/** What the ended tasks of a group amount to, as numbers, so that each end costs the same. */
export interface GroupTally {
  /** Tasks that have ended. */
  ended: number;
  /** Of these, failed ones, whether their outcome counts or not. */
  allFailed: number;
  /** Tasks for which something was done: all but those whose phase is Pending. */
  begun: number;
  /** Tasks whose command runs or has ended. */
  started: number;
  /** Tasks that are told to wait and have not ended. */
  held: number;
  /** Tasks that wait for what somebody may have to mend. */
  delayed: number;
  /** Failed tasks by reason, of those whose outcome counts. */
  reasons: Map<string, number>;
  /** Sum of `reasons`. */
  failed: number;
  /** Preempted tasks, whether their outcome counts or not. */
  preempted: number;
}

export function emptyTally(): GroupTally {
  return {
    ended: 0,
    allFailed: 0,
    begun: 0,
    started: 0,
    held: 0,
    delayed: 0,
    reasons: new Map(),
    failed: 0,
    preempted: 0,
  };
}

type Tallied = Pick<TaskGlance, 'phase' | 'reason' | 'held'>;

/** Adds (`by` 1) or takes back (-1) one task. `ignored`: it isn't the lead, and the group ignores the others. */
export function tally(group: GroupTally, task: Tallied, ignored: boolean, by: 1 | -1): void {
  const over = isOver(task);
  if (task.phase !== 'Pending') group.begun += by;
  if (over || task.phase === 'Running') group.started += by;
  if (!over && task.held) group.held += by;
  if (isDelayed(task)) group.delayed += by;
  if (over) group.ended += by;
  if (task.phase !== 'Failed') return;
  group.allFailed += by;
  const reason = task.reason ?? TaskReasons.unknown;
  if (reason === TaskReasons.preempted) group.preempted += by;
  if (ignored) return;
  group.failed += by;
  const left = (group.reasons.get(reason) ?? 0) + by;
  if (left === 0) group.reasons.delete(reason);
  else group.reasons.set(reason, left);
}

/**
 * The outcome of a group of `size` tasks, once all have ended: a preempted task fails it, whoever it is. `never` of them
 * will not be created, since the workflow was canceled: that fails it too.
 */
export function groupVerdict(group: GroupTally, size: number, never = 0): 'Completed' | 'Failed' | undefined {
  if (group.ended + never < size) return undefined;
  return group.failed > 0 || group.preempted > 0 || never > 0 ? 'Failed' : 'Completed';
}

/** In the order in which they explain a group, when tasks failed for different reasons. Preemption explains it in between. */
const aboveAll: readonly string[] = [TaskReasons.canceled, TaskReasons.execTimeout, TaskReasons.queueTimeout];
const strong: readonly string[] = [TaskReasons.evicted, TaskReasons.oomKilled];

/**
 * Why a failed group failed: somebody or a time limit ended it, else preemption, then eviction and memory, else the one
 * reason that its failed tasks share. Tasks that only followed a peer don't count beside one that failed by itself.
 */
export function groupReason(group: GroupTally): string {
  const first = aboveAll.find((reason) => group.reasons.has(reason));
  if (first !== undefined) return first;
  if (group.preempted > 0) return TaskReasons.preempted;
  const second = strong.find((reason) => group.reasons.has(reason));
  if (second !== undefined) return second;
  const own = [...group.reasons.keys()].filter((reason) => reason !== TaskReasons.peerFailed);
  if (own.length === 0) return TaskReasons.peerFailed;
  return commonReason(own);
}

/** In the order in which they explain a workflow, whatever else failed. */
const aboveCommon: readonly string[] = [
  TaskReasons.canceled,
  TaskReasons.refused,
  TaskReasons.execTimeout,
  TaskReasons.queueTimeout,
];

/**
 * Why a workflow failed, from the reasons of its failed groups: that it was canceled, refused by the API or out of time
 * explains it alone, else the one reason that all share. Eviction and memory are one reason here, as they are upstream.
 */
export function workflowReason(reasons: readonly string[]): string {
  const first = aboveCommon.find((reason) => reasons.includes(reason));
  if (first !== undefined) return first;
  const evicted = reasons.length > 1 && reasons.every((reason) => strong.includes(reason));
  return evicted ? TaskReasons.evicted : commonReason(reasons);
}

/** The only reason, or 'Failed' for different ones. */
function commonReason(reasons: readonly string[]): string {
  const [first, ...others] = reasons;
  return first !== undefined && others.length === 0 ? first : 'Failed';
}
