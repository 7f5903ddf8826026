import { expect, test } from '@jest/globals';
import type { Task, TaskPhase } from '@osmo/crds';
import { counting } from '../testing/counting.ts';
import { pool, template, workflow } from '../testing/objects.ts';
import { nextBatch } from './batch.ts';
import { compileGraph } from '@osmo/workflow-spec/graph';
import { applyTaskChange, rebuildProgress } from './progress.ts';
import { taskFor } from './tasks.ts';

/** How much is read for one end among `size` tasks that as many wait for, 50 at a time, and for the tasks that follow. */
function readsOf(size: number): number {
  const tasks = [
    template('part', { count: size, maxParallel: 50 }),
    template('next', { count: size, inputs: [{ task: { name: 'part' } }] }),
  ];
  const owner = workflow({ tasks });
  const { graph } = compileGraph(owner.spec);
  if (graph === undefined) throw new Error('no graph');
  const context = { workflow: owner, graph, pool: pool(), platforms: new Map() };
  const task = (index: number, phase: TaskPhase): Task => {
    const found = graph.tasks[index];
    if (found === undefined) throw new Error(`no task ${index}`);
    return { ...taskFor(found, context), status: { conditions: [], attempt: 0, phase } };
  };
  const counter = { reads: 0 };
  const started = Array.from({ length: 50 }, (_, index) => task(index, 'Running'));
  const progress = counting(rebuildProgress(graph, started), counter);
  counter.reads = 0;
  expect(nextBatch(progress, undefined, () => undefined)).toEqual([]);
  applyTaskChange(progress, started[7], task(7, 'Completed'));
  expect(nextBatch(progress, undefined, () => undefined).map((next) => next.task.index)).toEqual([50]);
  return counter.reads;
}

test('an end costs the same in a sweep of 100, 1,000 and 5,000, however many wait', () => {
  const reads = [100, 1000, 5000].map(readsOf);
  expect(new Set(reads).size).toBe(1);
  expect(reads[0]).toBeGreaterThan(10);
});
