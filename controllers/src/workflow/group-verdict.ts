import { TaskReasons } from '@osmo/crds';

/** What the ended tasks of a group amount to, as numbers, so that each end costs the same. */
export interface GroupTally {
  /** Tasks that have ended. */
  ended: number;
  /** Failed tasks by reason, of those whose outcome counts. */
  reasons: Map<string, number>;
  /** Sum of `reasons`. */
  failed: number;
  /** Preempted tasks, whether their outcome counts or not. */
  preempted: number;
}

export function emptyTally(): GroupTally {
  return { ended: 0, reasons: new Map(), failed: 0, preempted: 0 };
}

/** Adds (`by` 1) or takes back (-1) one task. `ignored`: it isn't the lead, and the group ignores the others. */
export function tally(group: GroupTally, task: { phase: string; reason?: string }, ignored: boolean, by: 1 | -1): void {
  if (task.phase !== 'Completed' && task.phase !== 'Failed') return;
  group.ended += by;
  if (task.phase !== 'Failed') return;
  const reason = task.reason ?? TaskReasons.unknown;
  if (reason === TaskReasons.preempted) group.preempted += by;
  if (ignored) return;
  group.failed += by;
  const left = (group.reasons.get(reason) ?? 0) + by;
  if (left === 0) group.reasons.delete(reason);
  else group.reasons.set(reason, left);
}

/** The outcome of a group of `size` tasks, once all have ended: a preempted task fails it, whoever it is. */
export function groupVerdict(group: GroupTally, size: number): 'Completed' | 'Failed' | undefined {
  if (group.ended < size) return undefined;
  return group.failed > 0 || group.preempted > 0 ? 'Failed' : 'Completed';
}

/** In the order in which they explain a group, when tasks failed for different reasons. */
const strongest: readonly string[] = [TaskReasons.preempted, TaskReasons.evicted, TaskReasons.oomKilled];

/**
 * Why a failed group failed: preemption, then eviction and memory, else the one reason that its failed tasks share.
 * Tasks that only followed a peer don't count beside one that failed by itself.
 */
export function groupReason(group: GroupTally): string {
  if (group.preempted > 0) return TaskReasons.preempted;
  const strong = strongest.find((reason) => group.reasons.has(reason));
  if (strong !== undefined) return strong;
  const own = [...group.reasons.keys()].filter((reason) => reason !== TaskReasons.peerFailed);
  if (own.length === 0) return TaskReasons.peerFailed;
  return commonReason(own);
}

/** The only reason, or 'Failed' for different ones. */
export function commonReason(reasons: readonly string[]): string {
  const [first, ...others] = reasons;
  return first !== undefined && others.length === 0 ? first : 'Failed';
}
