import type { Task } from '@osmo/crds';
import { amountsOf, type Amounts } from './view.ts';

/** Sums of what tasks ask for, per user, pool and priority, and per workflow when that is asked. */
export function summarise(
  tasks: Iterable<Task>,
  entryOf: (task: Task) => { user: unknown; workflow_id: unknown },
  byWorkflow: boolean,
): Record<string, unknown>[] {
  const sums = new Map<string, Record<string, unknown> & Amounts>();
  for (const task of tasks) {
    const { user, workflow_id } = entryOf(task);
    const { pool, priority } = task.spec;
    const key = { user, pool, priority: priority.toUpperCase(), ...(byWorkflow && { workflow_id }) };
    const name = JSON.stringify(key);
    const amounts = amountsOf(task);
    const sum = sums.get(name);
    if (sum === undefined) {
      sums.set(name, { ...key, ...amounts });
      continue;
    }
    for (const field of ['cpu', 'gpu', 'memory', 'storage'] as const) sum[field] += amounts[field];
  }
  return [...sums.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}
