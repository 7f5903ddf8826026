import { describe, expect, test } from '@jest/globals';
import { TaskReasons } from '@osmo/crds';
import { newTask } from '../testing/tasks.ts';
import type { TaskPhase, TaskStatus } from './task.ts';
import { taskEvents } from './task-events.ts';
import type { TaskReason } from './waiting-steps.ts';

const status = (more: Partial<TaskStatus>): TaskStatus => ({ phase: 'Running', attempt: 0, conditions: [], ...more });
const eventsOf = (before: TaskStatus | undefined, after: TaskStatus) =>
  taskEvents(newTask(before === undefined ? {} : { status: before }), after);
const notes = (before: TaskStatus | undefined, after: TaskStatus) =>
  eventsOf(before, after).map(({ type, reason, note }) => `${type} ${reason}: ${note}`);
const place = { podName: 'hello-train-0', nodeName: 'node-1' };
const times = {
  schedulingTime: '2026-01-01T12:00:00Z',
  initializingTime: '2026-01-01T12:00:04Z',
  startTime: '2026-01-01T12:00:07Z',
};

/** A status, the one before it, and what is told. */
type Row = [before: Partial<TaskStatus> | undefined, after: Partial<TaskStatus>, told: string[]];

/** Of each reason at least one row, so that none can come without that somebody decides what is told of it. */
const byReason: Record<TaskReason, Row> = {
  Scheduling: [
    { phase: 'Pending' },
    { phase: 'Scheduling', reason: 'Scheduling' },
    ['Normal Queued: Queued attempt 0: Scheduling'],
  ],
  Initializing: [
    { phase: 'Scheduling' },
    { phase: 'Initializing', reason: 'Initializing', ...place },
    ['Normal Accepted: Accepted attempt 0 in pod hello-train-0 on node node-1: Initializing'],
  ],
  Rescheduled: [
    { phase: 'Running' },
    {
      phase: 'Scheduling',
      reason: 'Rescheduled',
      message: 'attempt 0 ended: Error: exited with code 3',
      attempt: 1,
      attempts: [{ attempt: 0, cause: 'User', phase: 'Failed' }],
    },
    ['Warning Rescheduled: attempt 0 ended: Error: exited with code 3; attempt 1 follows (User)'],
  ],
  Unschedulable: [
    { phase: 'Pending' },
    { phase: 'Scheduling', reason: 'Unschedulable', message: '0/1 nodes are available', podName: 'hello-train-0' },
    ['Normal Queued: Queued attempt 0 in pod hello-train-0: Unschedulable: 0/1 nodes are available'],
  ],
  SchedulingGated: [
    { phase: 'Scheduling', reason: 'Unschedulable' },
    { phase: 'Scheduling', reason: 'SchedulingGated' },
    ['Normal Queued: Queued attempt 0: SchedulingGated'],
  ],
  PodNotAccepted: [
    { phase: 'Pending' },
    { phase: 'Scheduling', reason: 'PodNotAccepted', message: 'exceeded quota' },
    ['Warning Delayed: Delayed attempt 0: PodNotAccepted: exceeded quota'],
  ],
  CreateContainerConfigError: [
    { phase: 'Pending' },
    { phase: 'Scheduling', reason: 'CreateContainerConfigError', message: 'secret "s" not found' },
    ['Warning Delayed: Delayed attempt 0: CreateContainerConfigError: secret "s" not found'],
  ],
  ContainerStatusUnknown: [
    { phase: 'Pending' },
    { phase: 'Scheduling', reason: 'ContainerStatusUnknown' },
    ['Warning Delayed: Delayed attempt 0: ContainerStatusUnknown'],
  ],
  WaitingForPeers: [
    { phase: 'Initializing' },
    { phase: 'Initializing', reason: 'WaitingForPeers', message: 'waits for the others', ...place },
    ['Normal Prepared: Prepared attempt 0 in pod hello-train-0 on node node-1: waits for the others'],
  ],
  Held: [
    { phase: 'Pending' },
    { phase: 'Pending', reason: 'Held' },
    ['Normal Held: Held attempt 0: it is not to start yet'],
  ],
  Running: [{ phase: 'Scheduling' }, { reason: 'Running' }, ['Normal Started: Started attempt 0']],
  NodeUnreachable: [
    { phase: 'Running', ...place },
    { phase: 'Running', reason: 'NodeUnreachable', ...place },
    ['Warning Disconnected: Lost contact with attempt 0 in pod hello-train-0 on node node-1'],
  ],
  Completed: [
    { phase: 'Running' },
    { phase: 'Completed', reason: 'Completed', exitCode: 0 },
    ['Normal Completed: Completed attempt 0 with exit code 0'],
  ],
  ...ends('Error', 'ImagePull', 'CreateError', 'StartError', 'Evicted', 'OOMKilled', 'Preempted', 'BackendError'),
  ...ends('StartTimeout', 'DownloadFailed', 'UploadFailed', 'DataDenied', 'DataError', 'ExecTimeout', 'QueueTimeout'),
  ...ends('Canceled', 'PeerFailed', 'Upstream', 'Refused', 'Unknown'),
};

function ends<R extends TaskReason>(...reasons: R[]): Record<R, Row> {
  const rowOf = (reason: R): Row => [
    { phase: 'Running' },
    { phase: 'Failed', reason, message: 'so it went' },
    [`Warning Failed: ${reason}: so it went`],
  ];
  return Object.fromEntries(reasons.map((reason) => [reason, rowOf(reason)])) as Record<R, Row>;
}

/** What no reason goes with, and what depends on what was before. */
const byPhase: Record<TaskPhase, [string, ...Row][]> = {
  Pending: [
    [
      'it is to run again, and had not begun',
      { phase: 'Pending' },
      { phase: 'Pending', run: 1, reason: 'Held' },
      ['Normal Restarted: Restarted as run 1'],
    ],
    [
      'no reason is left to be held',
      { phase: 'Pending', reason: 'Held' },
      { phase: 'Pending' },
      ['Normal Queued: Queued attempt 0: it waits for a node'],
    ],
  ],
  Scheduling: [
    [
      'its pod waits',
      undefined,
      { phase: 'Scheduling', podName: 'p' },
      ['Normal Queued: Queued attempt 0 in pod p: it waits for a node'],
    ],
    [
      'its quota is there again',
      { phase: 'Scheduling', reason: 'PodNotAccepted' },
      { phase: 'Scheduling' },
      ['Normal Queued: Queued attempt 0: it waits for a node'],
    ],
    [
      'the pod of the next attempt waits',
      { phase: 'Scheduling', reason: 'Rescheduled', attempt: 1 },
      { phase: 'Scheduling', attempt: 1 },
      ['Normal Queued: Queued attempt 1: it waits for a node'],
    ],
    [
      'it has a node that has not begun with it',
      { phase: 'Scheduling', reason: 'Unschedulable' },
      { phase: 'Scheduling', ...place },
      ['Normal Scheduled: Scheduled attempt 0 in pod hello-train-0 on node node-1'],
    ],
    [
      'a scheduler has words of its own',
      { phase: 'Scheduling' },
      { phase: 'Scheduling', reason: 'Gangs', message: 'm' },
      ['Normal Queued: Queued attempt 0: Gangs: m'],
    ],
  ],
  Initializing: [
    [
      'the node has begun with it',
      { phase: 'Scheduling' },
      { phase: 'Initializing', ...place },
      [
        'Normal Accepted: Accepted attempt 0 in pod hello-train-0 on node node-1: its images, volumes and inputs are fetched',
      ],
    ],
    [
      'its group is whole',
      { phase: 'Initializing', reason: 'WaitingForPeers' },
      { phase: 'Initializing', ...place },
      ['Normal Gathered: Gathered the group of attempt 0 in pod hello-train-0 on node node-1: it goes on'],
    ],
  ],
  Running: [
    [
      'its command runs',
      { phase: 'Initializing' },
      { ...place, ...times },
      [
        'Normal Started: Started attempt 0 in pod hello-train-0 on node node-1: 4 s until it had a node, 3 s more until its command ran',
      ],
    ],
    [
      'its node is back',
      { phase: 'Running', reason: 'NodeUnreachable' },
      place,
      ['Normal Reconnected: Heard again of attempt 0 in pod hello-train-0 on node node-1'],
    ],
    [
      'its node is gone before anybody saw it run',
      { phase: 'Scheduling' },
      { reason: 'NodeUnreachable', startTime: times.startTime },
      ['Normal Started: Started attempt 0', 'Warning Disconnected: Lost contact with attempt 0'],
    ],
    [
      'the next attempt runs already',
      { phase: 'Running' },
      { attempt: 1, attempts: [{ attempt: 0, cause: 'Peer', phase: 'Failed' }] },
      ['Warning Rescheduled: attempt 1 follows (Peer)', 'Normal Started: Started attempt 1'],
    ],
  ],
  Completed: [
    [
      'nobody saw the start',
      undefined,
      { phase: 'Completed', exitCode: 0, ...place, ...times },
      [
        'Normal Started: Started attempt 0 in pod hello-train-0 on node node-1: 4 s until it had a node, 3 s more until its command ran',
        'Normal Completed: Completed attempt 0 in pod hello-train-0 on node node-1 with exit code 0',
      ],
    ],
    [
      'its lead ended, and it never ran',
      { phase: 'Scheduling' },
      { phase: 'Completed', reason: 'Completed' },
      ['Normal Completed: Completed attempt 0'],
    ],
  ],
  Failed: [
    [
      'nobody saw the start',
      { phase: 'Scheduling' },
      { phase: 'Failed', reason: 'Error', startTime: times.startTime },
      ['Normal Started: Started attempt 0', 'Warning Failed: Error'],
    ],
    [
      'only a container beside the command had started',
      undefined,
      { phase: 'Failed', reason: 'ImagePull', startTime: times.startTime },
      ['Warning Failed: ImagePull'],
    ],
    ['nothing says why', { phase: 'Running' }, { phase: 'Failed' }, ['Warning Failed: ']],
  ],
};

const phases: readonly TaskPhase[] = ['Pending', 'Scheduling', 'Initializing', 'Running', 'Completed', 'Failed'];
const reasons: readonly (TaskReason | undefined)[] = [...Object.values(TaskReasons), undefined];

describe('taskEvents', () => {
  test('the table has every phase and every reason', () => {
    expect(Object.keys(byReason).toSorted()).toEqual(Object.values(TaskReasons).toSorted());
    expect(Object.keys(byPhase)).toEqual(phases);
  });

  test.each(Object.entries(byReason))('%s is told', (_, [before, after, told]) => {
    expect(notes(before && status(before), status(after))).toEqual(told);
  });

  test.each(phases.flatMap((phase) => byPhase[phase].map((row) => [phase, ...row] as const)))(
    '%s, where %s',
    (_, __, before, after, told) => {
      expect(notes(before && status(before), status({ ...after }))).toEqual(told);
    },
  );

  test('whatever phase or reason a task comes to, something is told, and nothing when it stays there', () => {
    const all = phases.flatMap((phase) =>
      reasons.map((reason) => status({ phase, ...(reason === undefined ? {} : { reason }) })),
    );
    const over = (phase: TaskPhase) => phase === 'Completed' || phase === 'Failed';
    for (const before of all.filter(({ phase }) => !over(phase))) {
      for (const after of all) {
        const told = eventsOf(before, after);
        const isSame = before.phase === after.phase && before.reason === after.reason;
        expect([before, after, told.length > 0]).toEqual([before, after, !isSame]);
        // One, but where it must be said too that it ran.
        expect(told.filter(({ reason }) => reason !== 'Started').length).toBeLessThanOrEqual(1);
      }
    }
  });

  test('an attempt that ran and ended between two looks is told before the next', () => {
    const again = status({
      phase: 'Scheduling',
      reason: 'Rescheduled',
      message: 'attempt 0 ended: Error',
      attempt: 1,
      attempts: [{ attempt: 0, cause: 'User', phase: 'Failed', startTime: times.startTime, podName: 'hello-train-0' }],
    });
    const rescheduled = 'Warning Rescheduled: attempt 0 ended: Error; attempt 1 follows (User)';
    expect(notes(status({ phase: 'Scheduling' }), again)).toEqual([
      'Normal Started: Started attempt 0 in pod hello-train-0',
      rescheduled,
    ]);
    expect(notes(status({ phase: 'Running' }), again)).toEqual([rescheduled]);
    expect(notes(again, { ...again, phase: 'Running' })).toEqual(['Normal Started: Started attempt 1']);
  });

  test.each(['Restart', 'Held'] as const)('a further attempt since people asked for it (%s) is no warning', (cause) => {
    const attempts = [{ attempt: 0, cause, phase: 'Completed' as const, startTime: times.startTime }];
    const again = status({ phase: 'Pending', attempt: 1, run: 1, attempts });
    expect(notes(status({ phase: 'Completed' }), again)).toEqual([`Normal Rescheduled: attempt 1 follows (${cause})`]);
  });

  test('that it waits gives way to what comes of it', () => {
    const waiting = eventsOf(undefined, status({ phase: 'Scheduling', reason: 'PodNotAccepted' }));
    const others = [status({}), status({ phase: 'Failed' }), status({ phase: 'Completed' })];
    expect(waiting).toMatchObject([{ givesWay: true }]);
    for (const other of others) for (const told of eventsOf(undefined, other)) expect(told.givesWay).toBeUndefined();
  });

  test('they are about the Task, on the hub', () => {
    const [event] = eventsOf(undefined, status({ phase: 'Failed' }));
    expect(event).toMatchObject({ on: 'hub', regarding: { kind: 'Task', name: 'hello.train', namespace: 'team-a' } });
  });
});
