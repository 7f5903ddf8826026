import { describe, expect, test } from '@jest/globals';
import { WorkflowReasons } from '@osmo/crds';
import type { WorkflowStatus } from '@osmo/crds';
import { workflow } from '../testing/objects.ts';
import { eventsOf } from './events.ts';
import type { RestartStep } from './restart.ts';
import type { WorkflowReason } from './waiting-reasons.ts';
import type { WorkflowWorld } from './world.ts';

type Phase = WorkflowStatus['phase'];
interface Wish {
  phase: Phase;
  reason?: string | undefined;
  message?: string;
  /** The reason of Admitted=False; True without it. */
  admitted?: string;
  started?: boolean;
}

const at = '2026-01-01T12:00:00Z';

function status({ phase, reason, message, admitted, started }: Wish): WorkflowStatus {
  const condition = (type: string, value: 'True' | 'False', why: string) => ({
    type,
    status: value,
    reason: why,
    message: admitted === undefined ? '' : (message ?? ''),
    lastTransitionTime: at,
  });
  return {
    phase,
    conditions: [
      admitted === undefined ? condition('Admitted', 'True', 'Admitted') : condition('Admitted', 'False', admitted),
    ],
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    ...((started ?? phase !== 'Pending') && { startTime: at }),
    taskCounts: { total: 3, waiting: 0, active: 0, completed: 3, failed: 0, upstream: 0 },
  };
}

function eventsFor(before: Wish | undefined, after: Wish, restart?: RestartStep) {
  const object = { ...workflow({ restart: { id: '1', by: 'ann' } }), ...(before && { status: status(before) }) };
  const world: WorkflowWorld = {
    now: new Date(at),
    workflow: object,
    batch: [],
    tell: [],
    surplus: [],
    publish: [],
    awaits: [],
    unpublished: 0,
    suspended: false,
    status: { room: 'full' },
    restart,
  };
  return eventsOf(world, status(after));
}

const notes = (...args: Parameters<typeof eventsFor>): string[] =>
  eventsFor(...args).map(({ type, reason, note }) => `${type} ${reason}: ${note}`);

/** A status, the one before it, and what is told. */
type Row = [before: Wish | undefined, after: Wish, told: string[]];

const notAdmitted = (reason: WorkflowReason): Row => [
  undefined,
  { phase: 'Pending', reason, message: 'why', admitted: reason },
  [`Warning NotAdmitted: ${reason}: why`],
];
const refused = (reason: WorkflowReason): Row => [
  undefined,
  { phase: 'Failed', reason, message: 'why', admitted: reason, started: false },
  [`Warning Failed: ${reason}: why`],
];
const waits = (reason: WorkflowReason, told: string): Row => [
  { phase: 'Running' },
  { phase: 'Running', reason, message: 'waiting for it' },
  [told],
];

/** Of each reason a row, so that none can come without that somebody decides what is told of it. */
const byReason: Record<WorkflowReason, Row> = {
  Queued: waits('Queued', 'Normal Queued: Waiting for it'),
  DataNotFound: waits('DataNotFound', 'Warning Delayed: DataNotFound: waiting for it'),
  Publishing: waits('Publishing', 'Normal Delayed: Publishing: waiting for it'),
  Pending: waits('Pending', 'Warning Delayed: Pending: waiting for it'),
  Admitted: [undefined, { phase: 'Pending' }, ['Normal Admitted: Admitted']],
  PoolNotFound: notAdmitted('PoolNotFound'),
  PlatformNotFound: notAdmitted('PlatformNotFound'),
  BackendNotFound: notAdmitted('BackendNotFound'),
  PoolNotReady: notAdmitted('PoolNotReady'),
  Unsupported: notAdmitted('Unsupported'),
  Suspended: [
    { phase: 'Running' },
    { phase: 'Running', reason: 'Suspended', admitted: 'Suspended' },
    ['Normal Suspended: Suspended'],
  ],
  Canceled: [
    { phase: 'Running' },
    { phase: 'Running', reason: 'Canceled', message: 'canceled by ann', admitted: 'Canceled' },
    ['Normal Canceled: Canceled by ann'],
  ],
  InvalidSpec: refused('InvalidSpec'),
  NotAllowed: refused('NotAllowed'),
  ResourceRule: refused('ResourceRule'),
  Running: [{ phase: 'Pending' }, { phase: 'Running' }, ['Normal Started: Started the first of 3 tasks']],
  Completed: [{ phase: 'Running' }, { phase: 'Completed' }, ['Normal Completed: Completed 3 of 3 tasks']],
  Failed: [{ phase: 'Running' }, { phase: 'Failed', reason: 'Failed', message: 'm' }, ['Warning Failed: Failed: m']],
};

const told: RestartStep = { kind: 'told', run: 1, tasks: 2 };

const others: [string, ...Row, RestartStep?][] = [
  ['starts at once', undefined, { phase: 'Running' }, ['Normal Started: Started the first of 3 tasks']],
  [
    'has ended at once',
    undefined,
    { phase: 'Completed' },
    ['Normal Started: Started the first of 3 tasks', 'Normal Completed: Completed 3 of 3 tasks'],
  ],
  [
    'starts after it was queued',
    { phase: 'Pending', reason: 'Queued' },
    { phase: 'Running' },
    ['Normal Started: Started the first of 3 tasks'],
  ],
  [
    'waits no more while it runs',
    { phase: 'Running', reason: 'DataNotFound' },
    { phase: 'Running' },
    ['Normal Continued: Continued: no longer DataNotFound'],
  ],
  [
    'is suspended while it is queued',
    { phase: 'Pending', reason: 'Queued' },
    { phase: 'Pending', reason: 'Suspended', admitted: 'Suspended' },
    ['Normal Suspended: Suspended'],
  ],
  [
    'is resumed',
    { phase: 'Running', reason: 'Suspended', admitted: 'Suspended' },
    { phase: 'Running' },
    ['Normal Resumed: Resumed'],
  ],
  [
    'is resumed without a pool',
    { phase: 'Pending', reason: 'Suspended', admitted: 'Suspended' },
    { phase: 'Pending', reason: 'PoolNotFound', message: 'no pool', admitted: 'PoolNotFound' },
    ['Normal Resumed: Resumed', 'Warning NotAdmitted: PoolNotFound: no pool'],
  ],
  [
    'has its pool now',
    { phase: 'Pending', reason: 'PoolNotFound', admitted: 'PoolNotFound' },
    { phase: 'Pending' },
    ['Normal Admitted: Admitted'],
  ],
  [
    'has its pool now, and runs',
    { phase: 'Pending', reason: 'PoolNotFound', admitted: 'PoolNotFound' },
    { phase: 'Running' },
    ['Normal Started: Started the first of 3 tasks', 'Normal Admitted: Admitted'],
  ],
  [
    'waits for another reason',
    { phase: 'Pending', reason: 'PoolNotFound', admitted: 'PoolNotFound' },
    { phase: 'Pending', reason: 'BackendNotFound', message: 'm', admitted: 'BackendNotFound' },
    ['Warning NotAdmitted: BackendNotFound: m'],
  ],
  [
    'waits for what the API says in words of its own',
    { phase: 'Running' },
    { phase: 'Running', reason: 'Other', message: 'm' },
    ['Warning Delayed: Other: m'],
  ],
  [
    'is run again',
    { phase: 'Failed', reason: 'Error' },
    { phase: 'Running' },
    ['Normal Restarted: Restarted 2 tasks by ann, as run 1'],
    told,
  ],
  [
    'is run again after it was canceled',
    { phase: 'Failed', reason: 'Canceled', admitted: 'Canceled' },
    { phase: 'Pending', started: true },
    ['Normal Restarted: Restarted 2 tasks by ann, as run 1'],
    told,
  ],
  [
    'runs again as a whole',
    { phase: 'Pending', started: true },
    { phase: 'Running' },
    ['Normal Started: Started the first of 3 tasks'],
  ],
  [
    'waits again after a restart',
    { phase: 'Failed', reason: 'Queued' },
    { phase: 'Pending', reason: 'Queued', message: 'm', started: true },
    ['Normal Restarted: Restarted 2 tasks by ann, as run 1', 'Normal Queued: M'],
    told,
  ],
];

describe('eventsOf', () => {
  test('the table has every reason', () => {
    expect(Object.keys(byReason).toSorted()).toEqual(Object.values(WorkflowReasons).toSorted());
  });

  test.each(Object.entries(byReason))('%s is told', (_, [before, after, want]) => {
    expect(notes(before, after)).toEqual(want);
  });

  // A row that is too short would be completed by a callback.
  test.each(others.map(([what, ...row]) => ({ what, row })))('a workflow that $what', ({ row }) => {
    const [before, after, want, restart] = row;
    expect(notes(before, after, restart)).toEqual(want);
  });

  test('whatever phase or reason a workflow comes to, something is told, and nothing when it stays there', () => {
    const phases: Phase[] = ['Pending', 'Running', 'Completed', 'Failed'];
    const over = (phase: Phase) => phase === 'Completed' || phase === 'Failed';
    const conditional: ReadonlySet<string | undefined> = new Set(
      Object.entries(byReason).flatMap(([reason, [, { admitted }]]) => (admitted === reason ? [reason] : [])),
    );
    const all = phases.flatMap((phase) =>
      [...Object.values(WorkflowReasons), undefined].map((reason): Wish => {
        // Only what hasn't ended has a reason that is its admission's.
        return { phase, reason, ...(!over(phase) && conditional.has(reason) && { admitted: reason as string }) };
      }),
    );
    // These are no reasons of `status.reason` while it goes on: the phase or the end says them.
    const says = ({ phase, reason }: Wish): boolean => over(phase) || wait.has(reason);
    const wait: ReadonlySet<string | undefined> = new Set([
      undefined,
      ...conditional,
      'Queued',
      'DataNotFound',
      'Publishing',
      'Pending',
    ]);
    const possible = all.filter(says);
    for (const before of possible.filter(({ phase }) => !over(phase))) {
      for (const after of possible.filter(
        ({ phase }) => over(phase) || before.phase !== 'Running' || phase === 'Running',
      )) {
        const isSame = before.phase === after.phase && before.reason === after.reason;
        expect([before, after, eventsFor(before, after).length > 0]).toEqual([before, after, !isSame]);
      }
    }
  });

  test('what it waits for gives way to what becomes of it', () => {
    const ways = [byReason.Queued, byReason.DataNotFound, byReason.Publishing, byReason.Pending, byReason.Admitted];
    for (const [before, after] of ways) expect(eventsFor(before, after)).toMatchObject([{ givesWay: true }]);
    for (const reason of ['Running', 'Completed', 'Failed', 'Canceled'] as const) {
      const [before, after] = byReason[reason];
      for (const event of eventsFor(before, after)) expect(event.givesWay).toBeUndefined();
    }
  });
});
