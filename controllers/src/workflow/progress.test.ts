import { describe, expect, test } from '@jest/globals';
import type { Task, TaskSpec, TaskStatus } from '@osmo/crds';
import fc from 'fast-check';
import { counting } from '../testing/counting.ts';
import { anySpec, fanOut } from '../testing/graphs.ts';
import { after, pool, template, workflow } from '../testing/objects.ts';
import { compileGraph } from '@osmo/workflow-spec/graph';
import {
  applyTaskChange,
  hasEnded,
  newProgress,
  rebuildProgress,
  recentTasks,
  refuseTask,
  setCanceled,
  type Progress,
} from './progress.ts';
import { taskFor } from './tasks.ts';

function setUp(spec: Parameters<typeof workflow>[0]) {
  const owner = workflow(spec);
  const { graph, problems } = compileGraph(owner.spec);
  if (graph === undefined) throw new Error(JSON.stringify(problems));
  const context = { workflow: owner, graph, pool: pool(), platforms: new Map() };
  const task = (name: string, status?: Partial<TaskStatus>): Task => {
    const definition = graph.taskByName.get(name);
    if (definition === undefined) throw new Error(`no task ${name}`);
    const made = taskFor(definition, context);
    return status === undefined
      ? made
      : { ...made, status: { conditions: [], attempt: 0, phase: 'Pending', ...status } };
  };
  return { graph, task };
}

/** What can be seen of a progress, without the order of sets. */
function visible(progress: Progress) {
  const numbers = (set: ReadonlySet<number>) => [...set].toSorted((a, b) => a - b);
  return {
    taskCounts: progress.taskCounts,
    groupCounts: progress.groupCounts,
    joins: progress.joins,
    lanes: progress.lanes.map(({ runnable, active }) => [numbers(runnable), active]),
    incomplete: numbers(progress.incomplete),
    held: numbers(progress.held),
    refused: numbers(progress.refused),
    reasons: Object.fromEntries(progress.failureReasons),
    pools: Object.fromEntries(progress.pools),
    started: progress.started,
    begun: progress.begun,
    recent: recentTasks(progress),
    groups: progress.groups.map(({ state, missing, waitsFor, blockedBy, reason }) => [
      state,
      [...missing],
      waitsFor,
      blockedBy,
      reason,
    ]),
  };
}

const phases = ['Pending', 'Scheduling', 'Initializing', 'Running', 'Completed', 'Failed'] as const;
const anyStatus: fc.Arbitrary<Partial<TaskStatus>> = fc
  .record({
    phase: fc.constantFrom(...phases),
    reason: fc.constantFrom('Error', 'Evicted', 'Preempted', 'PeerFailed', 'ImagePull'),
    second: fc.nat(59),
  })
  .map(({ phase, reason, second }) => {
    const at = `2026-01-01T12:00:${String(second).padStart(2, '0')}Z`;
    return { phase, startTime: at, completionTime: at, ...(phase === 'Failed' && { reason, exitCode: 1 }) };
  });

/** What the hub tells a Task, now and then. */
const anySignals: fc.Arbitrary<Partial<TaskSpec>> = fc.record(
  { run: fc.nat(2), hold: fc.boolean(), cancel: fc.record({ force: fc.boolean() }) },
  { requiredKeys: [] },
);

test('after any history of changes, the progress is the one of the Tasks that are left', () => {
  const change = fc.record({
    pick: fc.nat(),
    status: fc.option(anyStatus, { nil: undefined }),
    signals: anySignals,
    canceled: fc.option(fc.boolean(), { nil: undefined, freq: 6 }),
  });
  fc.assert(
    fc.property(anySpec(40), fc.array(change, { maxLength: 80 }), (spec, changes) => {
      const { graph, task } = setUp(spec);
      const progress = newProgress(graph);
      const left = new Map<string, Task>();
      for (const { pick, status, signals, canceled } of changes) {
        const name = graph.tasks[pick % graph.tasks.length]?.name ?? '';
        const before = left.get(name);
        const made = status === undefined ? undefined : task(name, status);
        const now = made && { ...made, spec: { ...made.spec, ...signals } };
        if (now === undefined) left.delete(name);
        else left.set(name, now);
        applyTaskChange(progress, before, now);
        if (canceled !== undefined) setCanceled(progress, canceled);
        expect(sum(progress)).toBe(graph.tasks.length);
      }
      const fresh = rebuildProgress(graph, [...left.values()].toReversed());
      setCanceled(fresh, progress.canceled);
      expect(visible(progress)).toEqual(visible(fresh));
    }),
    { numRuns: 300 },
  );
});

const sum = ({ taskCounts: { waiting, active, completed, failed, upstream } }: Progress): number =>
  waiting + active + completed + failed + upstream;

test('seeing the same change twice changes nothing', () => {
  const { graph, task } = setUp({ tasks: [template('a'), after('b', 'a')] });
  const done = task('a', { phase: 'Completed' });
  const once = rebuildProgress(graph, [done]);
  expect(visible(rebuildProgress(graph, [done, done]))).toEqual(visible(once));
});

test('an object that only claims to be a task of the workflow is not counted', () => {
  const { graph, task } = setUp({ tasks: [template('a')] });
  const real = task('a');
  const claim = {
    ...real,
    metadata: { ...real.metadata, name: 'wf.other' },
    status: { conditions: [], attempt: 0, phase: 'Completed' as const },
  };
  expect(rebuildProgress(graph, [claim]).groupCounts).toMatchObject({ waiting: 1, completed: 0 });
});

describe('the outcome of a group', () => {
  const groupOf = (ignoreNonleadStatus: boolean) => ({
    groups: [
      {
        name: 'g',
        barrier: true,
        ignoreNonleadStatus,
        tasks: [template('lead', { lead: true }), template('p'), template('q')],
      },
    ],
  });
  const ok: Partial<TaskStatus> = { phase: 'Completed' };
  const failed = (reason: string): Partial<TaskStatus> => ({ phase: 'Failed', reason });

  test.each<[string, { ignore: boolean; lead: Partial<TaskStatus>; p: Partial<TaskStatus>; want: [string, string?] }]>([
    ['completes with its lead', { ignore: true, lead: ok, p: failed('Error'), want: ['Completed'] }],
    ['fails with its lead', { ignore: true, lead: failed('Error'), p: ok, want: ['Failed', 'Error'] }],
    [
      'fails with any member when none is ignored',
      { ignore: false, lead: ok, p: failed('ImagePull'), want: ['Failed', 'ImagePull'] },
    ],
    [
      'fails when any member was preempted, ignored or not',
      { ignore: true, lead: ok, p: failed('Preempted'), want: ['Failed', 'Preempted'] },
    ],
    [
      'says preempted before evicted',
      { ignore: false, lead: failed('Evicted'), p: failed('Preempted'), want: ['Failed', 'Preempted'] },
    ],
    [
      'says evicted before other failures',
      { ignore: false, lead: failed('Error'), p: failed('Evicted'), want: ['Failed', 'Evicted'] },
    ],
    [
      'leaves out those that only followed a peer',
      { ignore: false, lead: failed('PeerFailed'), p: failed('Error'), want: ['Failed', 'Error'] },
    ],
    [
      'says Failed for different reasons',
      { ignore: false, lead: failed('StartError'), p: failed('Error'), want: ['Failed', 'Failed'] },
    ],
    ['is open while any member runs', { ignore: true, lead: ok, p: { phase: 'Running' }, want: ['Active'] }],
  ])('%s', (_, { ignore, lead, p, want }) => {
    const { graph, task } = setUp(groupOf(ignore));
    const progress = rebuildProgress(graph, [task('lead', lead), task('p', p), task('q', ok)]);
    expect([progress.groups[0]?.state, progress.groups[0]?.reason]).toEqual([want[0], want[1]]);
  });
});

describe('a failure', () => {
  test('blocks what is downstream of it, and nothing else', () => {
    const { graph, task } = setUp({
      tasks: [template('a'), after('b', 'a'), after('c', 'b'), after('d', 'a'), after('e', 'd', 'c'), template('z')],
    });
    const progress = rebuildProgress(graph, [
      task('a', { phase: 'Completed' }),
      task('b', { phase: 'Failed', reason: 'Error' }),
    ]);
    expect(progress.groups.map((group) => group.state)).toEqual([
      'Completed',
      'Failed',
      'Upstream',
      'Runnable',
      'Upstream',
      'Runnable',
    ]);
    expect(progress.taskCounts).toEqual({ total: 6, waiting: 2, active: 0, completed: 1, failed: 1, upstream: 2 });
    expect(hasEnded(progress)).toBe(false);
  });

  test('of the API to take a Task fails its whole group and leaves the peers that exist to be removed', () => {
    const { graph, task } = setUp({
      groups: [
        { name: 'g', barrier: true, ignoreNonleadStatus: true, tasks: [template('a', { lead: true }), template('b')] },
        { name: 'h', barrier: true, ignoreNonleadStatus: true, tasks: [after('c', 'a')] },
      ],
    });
    const progress = rebuildProgress(graph, [task('a', { phase: 'Pending' })]);
    const [, refused] = graph.tasks;
    if (refused === undefined) throw new Error('no task b');
    refuseTask(progress, refused, 'Refused', 'too large', 0);
    expect(progress.taskCounts).toEqual({ total: 3, waiting: 0, active: 0, completed: 0, failed: 2, upstream: 1 });
    expect([...progress.refused]).toEqual([0]);
    applyTaskChange(progress, task('a'), undefined);
    expect(progress.refused.size).toBe(0);
    expect(hasEnded(progress)).toBe(true);
    expect(recentTasks(progress)).toMatchObject([
      { name: 'b', phase: 'Failed', reason: 'Refused', message: 'too large' },
    ]);
  });
});

describe('the cost of a change', () => {
  /** Reads of the graph, of the record's lists and of the task during one change. */
  function readsOf(width: number): number {
    const { graph, task } = setUp(fanOut(width));
    const tasks = graph.tasks.map(({ name }) => task(name, { phase: name === 'first' ? 'Completed' : 'Running' }));
    const counter = { reads: 0 };
    const progress = counting(rebuildProgress(graph, tasks.slice(0, -1)), counter);
    counter.reads = 0;
    const before = tasks[1];
    applyTaskChange(progress, before, task('mid-0', { phase: 'Completed', completionTime: '2026-01-01T13:00:00Z' }));
    recentTasks(progress);
    return counter.reads;
  }

  test('is the same for 100, 1,000 and 2,000 tasks', () => {
    const reads = [100, 1000, 2000].map(readsOf);
    expect(new Set(reads).size).toBe(1);
    expect(reads[0]).toBeGreaterThan(10);
  });
});

test('what is shown are failures first, then the latest, at most 32 of them', () => {
  const { graph, task } = setUp(fanOut(60));
  const at = (second: number): string => `2026-01-01T12:00:${String(second).padStart(2, '0')}Z`;
  const tasks: Task[] = graph.tasks
    .slice(0, 60)
    .map(({ name, index }) =>
      task(
        name,
        index % 3 === 0
          ? { phase: 'Failed', reason: 'Error', completionTime: at(index) }
          : { phase: 'Running', startTime: at(index) },
      ),
    );
  const shown = recentTasks(rebuildProgress(graph, tasks)).map(({ index, phase }) => [phase, index]);
  const failed = tasks
    .map((_, index) => index)
    .filter((index) => index % 3 === 0)
    .toReversed();
  const running = tasks
    .map((_, index) => index)
    .filter((index) => index % 3 !== 0)
    .toReversed();
  const want = [...failed.map((index) => ['Failed', index]), ...running.map((index) => ['Running', index])].slice(
    0,
    32,
  );
  expect(shown).toEqual(want);
});
