import type { GroupRecord } from './group-state.ts';

/** Numbers that add up: `total` is the sum of the others. */
export interface Counts {
  total: number;
  waiting: number;
  active: number;
  completed: number;
  failed: number;
  upstream: number;
}

/** Under which number a group counts, and those of its tasks that have not begun. */
export const countedAs = {
  Waiting: 'waiting',
  Runnable: 'waiting',
  Active: 'active',
  Completed: 'completed',
  Failed: 'failed',
  Upstream: 'upstream',
} as const;

/**
 * Adds the `size` tasks of a group to the counts, or takes them off: those that exist by their own phase, the others by the
 * group's.
 */
export function addTasks(taskCounts: Counts, group: GroupRecord, size: number, canceled: boolean, by: 1 | -1): void {
  if (group.refusal !== undefined) {
    taskCounts.failed += by * size;
    return;
  }
  const { state, missing, tally: sums } = group;
  const isIdle = state === 'Waiting' || state === 'Runnable' || state === 'Upstream';
  taskCounts.completed += by * (sums.ended - sums.allFailed);
  taskCounts.failed += by * sums.allFailed;
  taskCounts[isIdle ? countedAs[state] : 'active'] += by * (size - missing.size - sums.ended);
  taskCounts[state === 'Upstream' ? 'upstream' : canceled ? 'failed' : 'waiting'] += by * missing.size;
}
