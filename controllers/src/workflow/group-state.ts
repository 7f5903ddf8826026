import { TaskReasons } from '@osmo/crds';
import type { GraphGroup } from '@osmo/workflow-spec/graph';
import { groupReason, groupVerdict, type GroupTally } from './group-verdict.ts';
import type { TaskGlance } from './recent.ts';

/**
 * 'Runnable': all it needs completed, and no Task exists or those that do are held. 'Active': it was started. 'Upstream':
 * something it needs failed, so it will not run. 'Failed' are also those that a cancellation kept from starting.
 */
export type GroupState = 'Waiting' | 'Runnable' | 'Active' | 'Completed' | 'Failed' | 'Upstream';

/** What is kept about one group. */
export interface GroupRecord {
  state: GroupState;
  /** Indexes of its tasks that have no Task object, in the order of the spec. */
  missing: Set<number>;
  /** Upstream groups and joins that have not completed. */
  waitsFor: number;
  /** Upstream groups that failed or will never run, and joins behind such. */
  blockedBy: number;
  tally: GroupTally;
  /** Whether what needs it will not run; what its dependents were told last. */
  blocks: boolean;
  /** Why it is in state 'Failed'. */
  reason: string | undefined;
  /** Set when the API refused one of its Tasks: it can never be complete, so it has failed. */
  refusal: TaskGlance | undefined;
}

/** Whether what needs it will not run. A cancellation reaches that by itself, and is the better explanation there. */
export function blocks({ state, reason }: GroupRecord, canceled: boolean): boolean {
  return state === 'Upstream' || (state === 'Failed' && !(canceled && reason === TaskReasons.canceled));
}

/** The state that follows from its Tasks and from what it needs; `canceled`: what has no Task will get none. */
export function stateOf(group: GroupRecord, { tasks }: GraphGroup, canceled: boolean): GroupState {
  if (group.refusal !== undefined) return 'Failed';
  const { missing, tally: sums } = group;
  const some = missing.size < tasks.length;
  const verdict = some ? groupVerdict(sums, tasks.length, canceled ? missing.size : 0) : undefined;
  if (verdict !== undefined) return verdict;
  if (some && (sums.held === 0 || sums.begun > 0)) return 'Active';
  if (group.blockedBy > 0) return 'Upstream';
  if (canceled && !some) return 'Failed';
  return group.waitsFor === 0 ? 'Runnable' : 'Waiting';
}

/** Why it failed. */
export function reasonOf({ refusal, missing, tally: sums }: GroupRecord): string {
  if (refusal !== undefined) return refusal.reason ?? TaskReasons.refused;
  // Only a cancellation leaves a failed group without some of its Tasks.
  return missing.size > 0 ? TaskReasons.canceled : groupReason(sums);
}
