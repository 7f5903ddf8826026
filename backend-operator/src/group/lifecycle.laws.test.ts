import { describe, expect, test } from '@jest/globals';
import { type Scripts, Simulator } from '../testing/simulator.ts';
import { newGroup, newTask } from '../testing/tasks.ts';
import type { Task } from './task.ts';

/** What the hub, or a person, does once so many effects have been done. */
interface Deed {
  after: number;
  does: (simulator: Simulator) => void;
}

interface Story {
  name: string;
  tasks: () => Task[];
  scripts: Scripts;
  deeds?: readonly Deed[];
  /** Phase, reason, attempt and retries of each task in the end. */
  want: Record<string, string>;
  /** Which attempt it comes to depends on when the operator hears of it. */
  anyAttempt?: true;
}

const again = [{ action: 'Reschedule', exitCodes: '1-255' }] as const;
const named = (name: string) => (task: Task) => task.spec.taskName === name;

const stories: Story[] = [
  {
    name: 'an exit action reschedules until it goes well',
    tasks: () => [newTask({ spec: { exitActions: [...again] } })],
    scripts: { train: [{ exit: 4 }, { exit: 5 }, { exit: 0 }] },
    want: { train: 'Completed attempt 2 (2 user)' },
  },
  {
    name: 'retries with pauses are used up',
    tasks: () => [newTask({ spec: { retryPolicy: { maxRetries: 2, backoffSeconds: 30 } } })],
    scripts: { train: { exit: 4 } },
    want: { train: 'Failed Error attempt 2 (2 user)' },
  },
  {
    name: 'the cluster fails in every way, the command never',
    tasks: () => [newTask({ spec: { retryPolicy: { maxInfrastructureRetries: 4 } } })],
    scripts: { train: ['bad image', 'preempted', 'evicted', 'interrupted start', { exit: 0 }] },
    want: { train: 'Completed attempt 4 (4 infrastructure)' },
  },
  {
    name: "out of memory is the command's",
    tasks: () => [newTask()],
    scripts: { train: 'out of memory' },
    want: { train: 'Failed OOMKilled attempt 0' },
  },
  {
    name: 'a lead that is preempted takes its peers along, and back',
    tasks: () => newGroup(3),
    scripts: { lead: ['preempted', { exit: 0 }], 'peer-1': 'forever', 'peer-2': 'forever' },
    want: {
      lead: 'Completed attempt 1 (1 infrastructure)',
      'peer-1': 'Completed Completed attempt 1 (1 peer)',
      'peer-2': 'Completed Completed attempt 1 (1 peer)',
    },
  },
  {
    name: 'a peer that nobody may ignore takes the group along',
    tasks: () => newGroup(3, { ignoreNonleadStatus: false, barrier: false }),
    scripts: { lead: ['forever', { exit: 0 }], 'peer-1': ['evicted', 'forever'], 'peer-2': 'forever' },
    want: {
      lead: 'Completed attempt 1 (1 peer)',
      'peer-1': 'Completed Completed attempt 1 (1 infrastructure)',
      'peer-2': 'Completed Completed attempt 1 (1 peer)',
    },
  },
  {
    name: 'a peer that may be ignored is tried again alone',
    tasks: () => newGroup(2, { barrier: false }, { exitActions: [...again], timeouts: { execSeconds: 60 } }),
    scripts: { lead: 'forever', 'peer-1': [{ exit: 9 }, { exit: 0 }] },
    want: { lead: 'Failed ExecTimeout attempt 0', 'peer-1': 'Completed attempt 1 (1 user)' },
  },
  {
    name: 'a gang of KAI: one peer ends, another is tried again alone, after a pause',
    tasks: () =>
      newGroup(
        3,
        { barrier: false },
        {
          scheduling: { type: 'KAI' },
          retryPolicy: { maxRetries: 1, backoffSeconds: 20 },
          timeouts: { execSeconds: 90 },
        },
      ),
    scripts: { lead: 'forever', 'peer-1': { exit: 0 }, 'peer-2': [{ exit: 1 }, { exit: 0 }] },
    want: {
      lead: 'Failed ExecTimeout attempt 0',
      'peer-1': 'Completed attempt 0',
      'peer-2': 'Completed attempt 1 (1 user)',
    },
  },
  {
    name: 'a gang of KAI that starts anew as a whole',
    tasks: () => newGroup(3, {}, { scheduling: { type: 'KAI' } }),
    scripts: { lead: ['preempted', { exit: 0 }], 'peer-1': 'forever', 'peer-2': 'forever' },
    want: {
      lead: 'Completed attempt 1 (1 infrastructure)',
      'peer-1': 'Completed Completed attempt 1 (1 peer)',
      'peer-2': 'Completed Completed attempt 1 (1 peer)',
    },
  },
  {
    name: 'a peer without a node: nobody gets anywhere, the queue is over',
    tasks: () => newGroup(3, {}, { timeouts: { queueSeconds: 40 } }),
    scripts: { lead: 'forever', 'peer-1': 'no node', 'peer-2': 'forever' },
    want: {
      lead: 'Failed QueueTimeout attempt 0',
      'peer-1': 'Failed QueueTimeout attempt 0',
      'peer-2': 'Failed QueueTimeout attempt 0',
    },
  },
  {
    name: 'the time runs out while one waits for its next attempt',
    tasks: () => [
      newTask({ spec: { retryPolicy: { maxRetries: 9, backoffSeconds: 50 }, timeouts: { execSeconds: 70 } } }),
    ],
    scripts: { train: { exit: 1 } },
    want: { train: 'Failed ExecTimeout attempt 2 (2 user)' },
  },
  {
    name: 'canceled while it runs',
    tasks: () => newGroup(2),
    scripts: { lead: 'forever', 'peer-1': 'forever' },
    deeds: [{ after: 4, does: (simulator) => simulator.tell({ cancel: { by: 'ann' } }) }],
    want: { lead: 'Failed Canceled attempt 0', 'peer-1': 'Failed Canceled attempt 0' },
  },
  {
    name: 'one peer is canceled, the others are to go on',
    tasks: () => newGroup(3, { barrier: false }, { timeouts: { execSeconds: 50 } }),
    scripts: { lead: 'forever', 'peer-1': 'forever', 'peer-2': 'forever' },
    deeds: [{ after: 6, does: (simulator) => simulator.tell({ cancel: { force: true } }, named('peer-2')) }],
    want: {
      lead: 'Failed ExecTimeout attempt 0',
      'peer-1': 'Failed ExecTimeout attempt 0',
      'peer-2': 'Failed Canceled attempt 0',
    },
  },
  {
    name: 'restarted after its end',
    tasks: () => [newTask()],
    scripts: { train: [{ exit: 1 }, { exit: 0 }] },
    deeds: [{ after: 3, does: (simulator) => simulator.tell({ run: 1 }) }],
    want: { train: 'Completed attempt 1 run 1' },
  },
  {
    name: 'restarted while it runs',
    tasks: () => newGroup(2),
    scripts: { lead: ['forever', { exit: 0 }], 'peer-1': 'forever' },
    deeds: [{ after: 5, does: (simulator) => simulator.tell({ run: 1 }) }],
    want: { lead: 'Completed attempt 1 run 1', 'peer-1': 'Completed Completed attempt 1 run 1' },
  },
  {
    name: 'held before its commands start, and let go again',
    tasks: () => newGroup(2),
    scripts: { lead: { exit: 0 }, 'peer-1': 'forever' },
    deeds: [
      { after: 3, does: (simulator) => simulator.tell({ hold: true }) },
      { after: 5, does: (simulator) => simulator.tell({ hold: false }) },
    ],
    want: { lead: 'Completed', 'peer-1': 'Completed Completed' },
    anyAttempt: true,
  },
  {
    name: 'held from the start, and let go',
    tasks: () => newGroup(2, {}, { hold: true }),
    scripts: { lead: { exit: 0 }, 'peer-1': 'forever' },
    deeds: [{ after: 2, does: (simulator) => simulator.tell({ hold: false }) }],
    want: { lead: 'Completed attempt 0', 'peer-1': 'Completed Completed attempt 0' },
  },
  {
    name: 'held while it runs: it goes on',
    tasks: () => newGroup(2),
    scripts: { lead: { exit: 0 }, 'peer-1': 'forever' },
    deeds: [{ after: 4, does: (simulator) => simulator.tell({ hold: true }) }],
    want: { lead: 'Completed attempt 0', 'peer-1': 'Completed Completed attempt 0' },
  },
  {
    name: 'restarted by a hub that dies between two Tasks',
    tasks: () => newGroup(2),
    scripts: { lead: [{ exit: 1 }, { exit: 0 }], 'peer-1': 'forever' },
    deeds: [
      { after: 7, does: (simulator) => simulator.tell({ run: 1 }, named('peer-1')) },
      { after: 7, does: (simulator) => simulator.tell({ run: 1 }, named('lead')) },
    ],
    want: { lead: 'Completed attempt 1 run 1', 'peer-1': 'Completed Completed attempt 1 run 1' },
  },
];

/** A whole story; the operator dies in place of the effects `deaths`; the Tasks are read, and written, in either order. */
function tell(story: Story, deaths: readonly number[] = [], turned = false): Simulator {
  const simulator = new Simulator(story.scripts, { turned });
  simulator.tasks.push(...story.tasks());
  for (const death of deaths) simulator.deaths.add(death);
  const deeds = [...(story.deeds ?? [])];
  for (let round = 0; round < 40 && deeds.length > 0; round += 1) {
    simulator.reconcile();
    for (let index = simulator.pods.length - 1; index >= 0; index -= 1) simulator.step(index);
    simulator.time += 2;
    if (deeds[0] !== undefined && simulator.effects >= deeds[0].after) deeds.shift()?.does(simulator);
  }
  expect(deeds).toEqual([]);
  simulator.settle();
  return simulator;
}

function ends(simulator: Simulator, anyAttempt = false): Record<string, string> {
  return Object.fromEntries(
    simulator.tasks.map(({ spec, status }) => {
      if (anyAttempt) return [spec.taskName, [status?.phase, status?.reason].filter(Boolean).join(' ')];
      const retries = Object.entries(status?.retries ?? {}).filter(([, count]) => count > 0);
      const counts = retries.map(([cause, count]) => `${count} ${cause}`).join(', ');
      const run = status?.run === undefined ? '' : ` run ${status.run}`;
      const words = [status?.phase, status?.reason, `attempt ${status?.attempt}${run}`, counts && `(${counts})`];
      return [spec.taskName, words.filter(Boolean).join(' ')];
    }),
  );
}

function check(simulator: Simulator, story: Story): void {
  expect(simulator.violations).toEqual([]);
  expect(ends(simulator, story.anyAttempt)).toEqual(story.want);
  expect([...simulator.creations.values()].filter((count) => count > 1)).toEqual([]);
  const alive = simulator.pods.filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending');
  expect(alive).toEqual([]);
  const { statuses, create } = simulator.reconcile();
  expect({ statuses, create }).toEqual({ statuses: [], create: { pods: [], services: [], secrets: [] } });
}

describe('planGroup over a life', () => {
  test.each(stories)('$name', (story) => check(tell(story), story));

  test.each(stories)('$name: the operator dies before any one effect', (story) => {
    const { effects } = tell(story);
    expect(effects).toBeGreaterThan(2);
    for (let death = 0; death < effects; death += 1) {
      check(tell(story, [death]), story);
      check(tell(story, [death], true), story);
    }
  });

  test.each(stories)('$name: the operator dies twice', (story) => {
    const { effects } = tell(story);
    for (let first = 0; first < effects; first += 1) {
      for (let second = first; second < effects; second += 7) check(tell(story, [first, second]), story);
    }
  });
});
