import { describe, expect, test } from '@jest/globals';
import type { WorkflowSpec } from '@osmo/crds';
import fc from 'fast-check';
import { anySpec, fanOut } from '../testing/graphs.ts';
import { after, template, workflow } from '../testing/objects.ts';
import { phaseOf, SimulatedBackend, type Outcome } from '../testing/simulated-backend.ts';
import { isEmpty, Simulation } from '../testing/simulation.ts';
import { compileGraph } from '@osmo/workflow-spec/graph';
import { isFinal } from './status.ts';

type Edit = Partial<WorkflowSpec>;

interface Story {
  spec: Partial<WorkflowSpec>;
  outcome: Outcome;
  /** What users change, one after the other: each when the backend has made so many moves since the one before. */
  edits: readonly (readonly [moves: number, edit: Edit])[];
}

/** Plays a story to its end. The process dies once before the write of this number, if there is one. */
function play({ spec, outcome, edits }: Story, dies = Number.POSITIVE_INFINITY) {
  const run = new Simulation(workflow(spec));
  const { graph } = compileGraph(run.workflow.spec);
  if (graph === undefined) throw new Error('no graph');
  const backend = new SimulatedBackend(run, graph, outcome);
  const left = [...edits];
  let writes = 0;
  let moves = 0;
  const settle = (): void => {
    for (let round = 0; round < 500; round++) {
      const plan = run.plan();
      const count = (plan.apply ?? []).length + (plan.remove ?? []).length + Number(plan.status !== undefined);
      if (writes < dies && dies <= writes + count) run.crash(dies - writes - 1);
      else run.reconcile();
      writes += count;
      run.advance(1100);
      if (isEmpty(plan)) return;
    }
    throw new Error('the plan never becomes empty');
  };
  for (let round = 0; round < 1000; round++) {
    settle();
    const [next] = left;
    const moved = (next === undefined || moves < next[0]) && backend.move(round * 7);
    if (moved) moves += 1;
    else if (next === undefined) return { run, backend, writes };
    else {
      run.edit(next[1]);
      left.shift();
      moves = 0;
    }
  }
  throw new Error('the story never ends');
}

/** What must not depend on where the process died. */
function outcomeOf({ run }: ReturnType<typeof play>) {
  const { phase, reason, message, taskCounts, groupCounts, run: number, restartID } = run.workflow.status ?? {};
  const tasks = [...run.tasks].map(([name, task]): [string, object] => [
    name,
    [task.spec.run ?? 0, task.spec.cancel, phaseOf(task), task.status?.reason],
  ]);
  return { phase, reason, message, taskCounts, groupCounts, number, restartID, tasks: Object.fromEntries(tasks) };
}

const gang = (name: string, ...needs: string[]) => ({
  name,
  barrier: true,
  ignoreNonleadStatus: false,
  tasks: [{ ...after(`${name}-0`, ...needs), lead: true }, template(`${name}-1`), template(`${name}-2`)],
});
const diamond = [template('a'), after('b', 'a'), after('c', 'a'), after('d', 'b', 'c')];
const never = 1000;
const succeeds: Outcome = () => 'Completed';
const failsFirst =
  (...names: string[]): Outcome =>
  (task, run) =>
    run === 0 && names.includes(task) ? 'Failed' : 'Completed';

const stories: [string, Story][] = [
  ['a diamond', { spec: { tasks: diamond }, outcome: succeeds, edits: [] }],
  ['gangs', { spec: { groups: [gang('g'), gang('h', 'g-0')] }, outcome: failsFirst('h-1'), edits: [] }],
  [
    'a cancellation in the middle',
    { spec: { tasks: diamond }, outcome: succeeds, edits: [[4, { cancel: { by: 'ann' } }]] },
  ],
  [
    'a cancellation of gangs that is forced later',
    {
      spec: { groups: [gang('g'), gang('h')] },
      outcome: succeeds,
      edits: [
        [2, { cancel: {} }],
        [0, { cancel: { force: true } }],
      ],
    },
  ],
  [
    'suspended, resumed',
    {
      spec: { groups: [gang('g'), gang('h', 'g-0')], suspend: true },
      outcome: succeeds,
      edits: [
        [0, { suspend: false }],
        [2, { suspend: true }],
        [never, { suspend: undefined }],
      ],
    },
  ],
  [
    'restarted after failures',
    { spec: { tasks: diamond }, outcome: failsFirst('b', 'c'), edits: [[never, { restart: { id: '1' } }]] },
  ],
  [
    'a chosen gang restarted while others run, then all that failed',
    {
      spec: { groups: [gang('g'), gang('h', 'g-0'), gang('i')] },
      outcome: (task, run) => (run < 2 && task === 'h-2' ? 'Failed' : 'Completed'),
      edits: [
        [12, { restart: { id: '1', tasks: ['g-1'], pinned: true } }],
        [never, { restart: { id: '2' } }],
      ],
    },
  ],
  ...[8, 10, 12, 14, 16, 18].map((moves): [string, Story] => [
    `a gang that failed restarted while others run, after ${moves} moves`,
    {
      spec: { groups: [gang('g'), gang('i'), gang('j', 'i-0')] },
      outcome: failsFirst('g-2'),
      edits: [
        [moves, { restart: { id: '1' } }],
        [never, { restart: { id: '2' } }],
      ],
    },
  ]),
  [
    'canceled, then restarted with the cancellation taken away',
    {
      spec: { tasks: diamond },
      outcome: succeeds,
      edits: [
        [4, { cancel: {} }],
        [never, { cancel: undefined, restart: { id: '1' } }],
      ],
    },
  ],
  [
    'a sweep with maxParallel, suspended and restarted',
    {
      spec: { ...fanOut(6), maxParallel: 2 },
      outcome: failsFirst('mid-1', 'mid-4'),
      edits: [
        [6, { suspend: true }],
        [never, { suspend: false }],
        [never, { restart: { id: '1' } }],
      ],
    },
  ],
];

describe('a story comes to the same end wherever the process dies', () => {
  test.each(stories)('%s', (_, story) => {
    const smooth = play(story);
    const want = outcomeOf(smooth);
    expect(isFinal(smooth.run.workflow.status)).toBe(true);
    expect(new Set(smooth.backend.started).size).toBe(smooth.backend.started.length);
    for (let dies = 1; dies <= smooth.writes; dies++) {
      const crashed = play(story, dies);
      expect({ dies, ...outcomeOf(crashed) }).toEqual({ dies, ...want });
      expect(crashed.backend.started.toSorted()).toEqual(smooth.backend.started.toSorted());
    }
  });
});

test('whatever users ask for and wherever processes die, every workflow ends as its Tasks did, and rests then', () => {
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.constant({ suspend: true }),
    fc.constant({ suspend: false }),
    fc.nat(3).map((id) => ({ restart: { id: String(id) } })),
    fc
      .tuple(fc.nat(3), fc.nat(9))
      .map(([id, task]) => ({ restart: { id: String(id), tasks: [`t${task}`, `t${task}-0`] } })),
    fc.boolean().map((force) => ({ cancel: { force } })),
    fc.constant({ cancel: undefined }),
    fc.integer({ min: 1, max: 4 }).map((maxParallel) => ({ maxParallel })),
  );
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant('backend' as const), pick: fc.nat(20) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('reconcile' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), pick: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), edit }) },
  );
  const steps = fc.array(step, { minLength: 10, maxLength: 120 });
  fc.assert(
    fc.property(anySpec(8), steps, fc.array(fc.nat(3), { minLength: 32, maxLength: 32 }), (spec, script, dice) => {
      const run = new Simulation(workflow(spec));
      const { graph } = compileGraph(run.workflow.spec);
      if (graph === undefined) throw new Error('no graph');
      const index = (name: string): number => graph.taskByName.get(name)?.index ?? 0;
      const outcome: Outcome = (task, number) =>
        dice[(index(task) + number * 5) % dice.length] === 0 ? 'Failed' : 'Completed';
      const backend = new SimulatedBackend(run, graph, outcome);
      for (const each of script) {
        if (each.kind === 'backend') backend.move(each.pick);
        else if (each.kind === 'reconcile') run.reconcile();
        else if (each.kind === 'crash') run.crash(each.pick);
        else run.edit(each.edit);
        run.advance(400);
        const { total = 0, ...parts } = run.workflow.status?.taskCounts ?? {};
        expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(total);
      }
      run.edit({ suspend: undefined });
      for (let round = 0; round < 600; round++) {
        const plan = run.reconcile();
        run.advance(1100);
        if (!backend.move(round) && isEmpty(plan) && isFinal(run.workflow.status)) break;
      }
      const { status } = run.workflow;
      expect(isFinal(status)).toBe(true);
      expect(new Set(backend.started).size).toBe(backend.started.length);
      const phases = [...run.tasks.values()].filter(({ spec: { hold } }) => hold !== true).map(phaseOf);
      expect(phases.every((phase) => phase === 'Completed' || phase === 'Failed')).toBe(true);
      const completed = graph.tasks.filter(({ name }) => {
        const task = run.tasks.get(`wf.${name}`);
        return task !== undefined && phaseOf(task) === 'Completed';
      });
      expect(status?.taskCounts).toMatchObject({ completed: completed.length, waiting: 0, active: 0 });
      if (status?.phase === 'Completed') expect(status.groupCounts?.completed).toBe(graph.groups.length);
      run.restart();
      run.advance(60_000);
      expect(isEmpty(run.plan())).toBe(true);
    }),
    { numRuns: Number(process.env['OSMO_RUNS'] ?? 120) },
  );
});
