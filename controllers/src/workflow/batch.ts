import type { Task } from '@osmo/crds';
import type { GraphTask } from '@osmo/workflow-spec/graph';
import { groupsToStart } from './lanes.ts';
import { existingTasks, type Progress } from './progress.ts';
import type { Candidate } from './world.ts';

/**
 * Most Tasks that one reconcile creates or removes. It bounds the time that one large workflow holds a worker; the rest
 * follows at once, after the others had their turn.
 */
export const batchLimit = 100;

/**
 * The next tasks to create: first those of groups that were started, so that a gang isn't held up by its peers.
 * `maxParallel` is the workflow's.
 */
export function nextBatch(
  progress: Progress,
  maxParallel: number | undefined,
  find: (task: GraphTask) => Task | undefined,
): Candidate[] {
  const batch: Candidate[] = [];
  const { graph, lanes, groupCounts } = progress;
  const starting = groupsToStart({ graph, lanes, active: groupCounts.active }, maxParallel, batchLimit);
  for (const index of [...first(progress.incomplete, batchLimit), ...starting]) {
    for (const missing of progress.groups[index]?.missing ?? []) {
      const task = progress.graph.tasks[missing];
      if (task !== undefined) batch.push({ task, occupant: find(task) });
      if (batch.length >= batchLimit) return batch;
    }
  }
  return batch;
}

/** Tasks of refused groups. */
export function surplusTasks(progress: Progress, find: (task: GraphTask) => Task | undefined): Task[] {
  return first(progress.refused, 1)
    .flatMap((index) => {
      const group = progress.graph.groups[index];
      return group === undefined ? [] : existingTasks(progress, group);
    })
    .slice(0, batchLimit)
    .map(find)
    .filter((task) => task !== undefined);
}

function first(set: ReadonlySet<number>, limit: number): number[] {
  const taken: number[] = [];
  for (const item of set) {
    if (taken.length >= limit) break;
    taken.push(item);
  }
  return taken;
}
