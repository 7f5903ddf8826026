import { expect, test } from '@jest/globals';
import { template, workflow } from '../testing/objects.ts';
import { compileGraph } from '@osmo/workflow-spec/graph';
import { groupsToStart, newLanes } from './lanes.ts';

const { graph } = compileGraph(
  workflow({
    tasks: [
      template('single'),
      template('a', { count: 100, maxParallel: 2 }),
      template('b', { count: 100, maxParallel: 30 }),
      template('c', { count: 100 }),
    ],
  }).spec,
);
if (graph === undefined) throw new Error('no graph');

/** Groups that are runnable by lane, and how many of each are under way. */
function start(active: readonly number[], limits: { maxParallel?: number; most?: number } = {}): number[] {
  if (graph === undefined) throw new Error('no graph');
  const lanes = newLanes(graph);
  for (const { index, lane } of graph.groups) lanes[lane]?.runnable.add(index);
  for (const [index, lane] of lanes.entries()) lane.active = active[index] ?? 0;
  const sum = active.reduce((a, b) => a + b, 0);
  const starting = groupsToStart({ graph, lanes, active: sum }, limits.maxParallel, limits.most ?? 1000);
  expect(new Set(starting).size).toBe(starting.length);
  const counts = lanes.map(() => 0);
  for (const group of starting) {
    const lane = graph.groups[group]?.lane ?? -1;
    counts[lane] = (counts[lane] ?? 0) + 1;
  }
  return counts;
}

test.each<[string, { active: number[]; limits?: { maxParallel?: number; most?: number }; want: number[] }]>([
  ['every lane is filled, those without a limit share one', { active: [0, 0, 0], want: [101, 2, 30] }],
  ['what is under way counts', { active: [50, 1, 29], want: [101, 1, 1] }],
  ['a full lane keeps no other back', { active: [0, 2, 30], want: [101, 0, 0] }],
  ['a lane that has too many starts none', { active: [0, 5, 0], want: [101, 0, 30] }],
  ["the workflow's limit holds for all together", { active: [3, 0, 0], limits: { maxParallel: 10 }, want: [7, 0, 0] }],
  [
    'a limit that was lowered below what is under way starts none',
    { active: [3], limits: { maxParallel: 2 }, want: [0, 0, 0] },
  ],
  ['no more than asked for', { active: [], limits: { most: 102 }, want: [101, 1, 0] }],
])('%s', (_, { active, limits, want }) => {
  expect(start(active, limits)).toEqual(want);
});
