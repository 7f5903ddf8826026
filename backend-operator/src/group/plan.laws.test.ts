import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Script, Simulator } from '../testing/simulator.ts';
import { newGroup, newTask } from '../testing/tasks.ts';
import { isOver } from './status.ts';
import type { Task } from './task.ts';

interface Story {
  name: string;
  tasks: () => Task[];
  scripts: Record<string, Script>;
  want: Record<string, string>;
}

const file = { path: '/run.sh', contents: 'echo', base64: false };

/** Stories whose end depends on nothing but the tasks: whoever is killed when, they must come out the same. */
const stories: Story[] = [
  {
    name: 'one task',
    tasks: () => [newTask({ spec: { files: [file] } })],
    scripts: { train: { exit: 0 } },
    want: { train: 'Completed' },
  },
  {
    name: 'one task that fails',
    tasks: () => [newTask()],
    scripts: { train: { exit: 3 } },
    want: { train: 'Failed Error' },
  },
  {
    name: 'one task whose image is missing',
    tasks: () => [newTask()],
    scripts: { train: 'bad image' },
    want: { train: 'Failed ImagePull' },
  },
  {
    name: 'a task that can not be built',
    tasks: () => [newTask({ spec: { podTemplate: { spec: { nodeName: '{{NO}}' } } } })],
    scripts: {},
    want: { train: 'Failed CreateError' },
  },
  {
    name: 'the lead completes, its peers would run for ever',
    tasks: () => newGroup(3, {}, { files: [file] }),
    scripts: { lead: { exit: 0 }, 'peer-1': 'forever', 'peer-2': 'forever' },
    want: { lead: 'Completed', 'peer-1': 'Completed Completed', 'peer-2': 'Completed Completed' },
  },
  {
    name: 'the lead fails',
    tasks: () => newGroup(3),
    scripts: { lead: { exit: 9 }, 'peer-1': 'forever', 'peer-2': 'forever' },
    want: { lead: 'Failed Error', 'peer-1': 'Failed PeerFailed', 'peer-2': 'Failed PeerFailed' },
  },
  {
    name: 'a peer fails and nobody may ignore it',
    tasks: () => newGroup(3, { ignoreNonleadStatus: false }),
    scripts: { lead: 'forever', 'peer-1': { exit: 4 }, 'peer-2': 'forever' },
    want: { lead: 'Failed PeerFailed', 'peer-1': 'Failed Error', 'peer-2': 'Failed PeerFailed' },
  },
  {
    name: 'one of a group can not be built: none of it runs',
    tasks: () =>
      newGroup(2).map((task, index) =>
        index === 1 ? { ...task, spec: { ...task.spec, podTemplate: { spec: { x: '{{NO}}' } } } } : task,
      ),
    scripts: { lead: 'forever' },
    want: { lead: 'Failed PeerFailed', 'peer-1': 'Failed CreateError' },
  },
];

type Move = { kind: 'arrive' | 'step' | 'reconcile' | 'crash' | 'wait'; n: number };
const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom('arrive', 'step', 'step', 'reconcile', 'reconcile', 'crash', 'crash', 'wait' as const),
  n: fc.nat(5),
}) as fc.Arbitrary<Move>;

function play(simulator: Simulator, waiting: Task[], { kind, n }: Move): void {
  switch (kind) {
    case 'arrive': {
      const [task] = waiting.splice(n % Math.max(waiting.length, 1), 1);
      if (task !== undefined) simulator.tasks.push(task);
      break;
    }
    case 'step':
      simulator.step(n);
      break;
    case 'reconcile':
      simulator.reconcile();
      break;
    case 'crash':
      simulator.reconcile(n);
      break;
    case 'wait':
      simulator.time += n;
  }
}

describe('planGroup, whatever happens when', () => {
  test.each(stories)('$name', ({ tasks, scripts, want }) => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), (moves) => {
        const simulator = new Simulator(scripts);
        const waiting = tasks();
        for (const one of moves) play(simulator, waiting, one);
        simulator.tasks.push(...waiting);
        simulator.settle();
        expect(simulator.violations).toEqual([]);
        expect(simulator.phases()).toEqual(want);
        expect([...simulator.creations.values()].filter((count) => count > 1)).toEqual([]);
        // Nothing that could still run is left of a group that has ended.
        expect(
          simulator.pods.filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending'),
        ).toEqual([]);
        // Applied to what it led to, the plan asks for nothing more.
        expect(simulator.reconcile()).toEqual({
          create: { pods: [], services: [], secrets: [] },
          deletePods: [],
          killPods: [],
          releasePods: [],
          incompleteLogs: [],
          deleteServices: [],
          deletePodGroups: [],
          podGroups: [],
          statuses: [],
        });
        // With the Tasks goes everything that was made for them.
        simulator.tasks = [];
        simulator.settle();
        expect(simulator.left()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('somebody deletes pods and Tasks at any time: every Task ends, nothing runs twice, nothing stays', () => {
    const chaos = fc.oneof(move, fc.record({ kind: fc.constantFrom('delete pod', 'delete task'), n: fc.nat(5) }));
    fc.assert(
      fc.property(fc.array(chaos, { maxLength: 40 }), fc.boolean(), (moves, ignoreNonleadStatus) => {
        const simulator = new Simulator({ lead: { exit: 0 }, 'peer-1': { exit: 1 }, 'peer-2': 'forever' });
        const waiting = newGroup(3, { ignoreNonleadStatus });
        for (const one of moves) {
          if (one.kind === 'delete pod') simulator.deletePod(one.n);
          else if (one.kind === 'delete task') simulator.tasks.splice(one.n, 1);
          else play(simulator, waiting, one as Move);
        }
        simulator.tasks.push(...waiting);
        const whole = simulator.tasks.length === 3;
        simulator.settle();
        expect(simulator.violations).toEqual([]);
        expect([...simulator.creations.values()].filter((count) => count > 1)).toEqual([]);
        if (whole) expect(simulator.tasks.filter(({ status }) => !isOver(status?.phase))).toEqual([]);
        simulator.tasks = [];
        simulator.settle();
        expect(simulator.left()).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  test('the order of tasks and pods is irrelevant', async () => {
    const { planGroup } = await import('./plan.ts');
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), fc.boolean(), (moves, fails) => {
        const simulator = new Simulator({ lead: 'forever', 'peer-1': { exit: fails ? 1 : 0 }, 'peer-2': 'forever' });
        simulator.tasks.push(...newGroup(3, { ignoreNonleadStatus: false }));
        for (const one of moves) play(simulator, [], one);
        const world = simulator.world();
        const turned = { ...world, tasks: world.tasks.toReversed(), pods: world.pods.toReversed() };
        const sorted = (value: unknown): unknown => {
          if (Array.isArray(value))
            return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
          if (value === null || typeof value !== 'object' || value instanceof Date) return value;
          return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]));
        };
        expect(sorted(planGroup(turned))).toEqual(sorted(planGroup(world)));
      }),
    );
  });
});
