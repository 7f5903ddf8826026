import { describe, expect, test } from '@jest/globals';
import type { TaskSpec } from '@osmo/crds';
import type { Pod, PodStatus } from '@osmo/kube';
import { at, atDate, boundStatus, container, running, terminated, waiting } from '../testing/pods.ts';
import { newGroup, newTask } from '../testing/tasks.ts';
import { planGroup } from './plan.ts';
import { podFor } from './pod.ts';
import type { Task, TaskStatus } from './task.ts';
import { defaultLimits } from './verdict.ts';
import type { GroupPlan } from './world.ts';

function podOf(task: Task, status: PodStatus, nodeName: string | undefined = 'node-1', createdAt = 0): Pod {
  const pod = podFor(task, { namespace: 'team-a', attempt: task.status?.attempt ?? 0, nodeLostSeconds: 300 });
  return {
    ...pod,
    metadata: { ...pod.metadata, uid: `pod-of-${task.spec.taskName}`, creationTimestamp: at(createdAt) },
    spec: { ...pod.spec, ...(nodeName === undefined ? {} : { nodeName }) },
    status,
  };
}
const own = (task: Task, state: Parameters<typeof container>[0]) => [container(state, task.spec.taskName)];
/** Runs since second 4. */
const runs = (task: Task) => podOf(task, boundStatus('Running', own(task, running())));
/** Ran from second 4 to 20. */
const ended = (task: Task, code: number) =>
  podOf(task, boundStatus(code === 0 ? 'Succeeded' : 'Failed', own(task, terminated(code))));
const queued = (task: Task, createdAt = 0) => {
  const { nodeName: _, ...pod } = podOf(task, { phase: 'Pending' }, 'x', createdAt).spec;
  return { ...podOf(task, { phase: 'Pending' }, 'x', createdAt), spec: pod };
};
const pulling = (task: Task) => podOf(task, boundStatus('Pending', own(task, waiting('ContainerCreating'))));
const recorded = (task: Task, status: Partial<TaskStatus>): Task => ({
  ...task,
  status: { phase: 'Running', attempt: 0, conditions: [], podUID: `pod-of-${task.spec.taskName}`, ...status },
});

function plan(tasks: Task[], pods: Pod[], now: number): GroupPlan {
  return planGroup({
    now: atDate(now),
    tasks,
    pods,
    services: [],
    gone: new Set(),
    refusals: new Map(),
    delays: new Map(),
    filesStored: new Set(),
    settings: { limits: defaultLimits, nodeLostSeconds: 300, taskRuntimeImage: 'task-runtime:test' },
  });
}

const writes = ({ statuses }: GroupPlan): string[] =>
  statuses.map(({ task, status }) => [task.spec.taskName, status.phase, status.reason].filter(Boolean).join(' '));

const single = (spec: Partial<TaskSpec>) => newTask({ spec });
const exec = (execSeconds: number) => ({ timeouts: { execSeconds } });
const queue = (queueSeconds: number) => ({ timeouts: { queueSeconds } });

describe('time limits', () => {
  test.each<[string, Task, (task: Task) => Pod, number, string[], number | undefined]>([
    ['within execSeconds', single(exec(30)), runs, 33, ['train Running'], 34],
    ['over execSeconds', single(exec(30)), runs, 34, ['train Failed ExecTimeout'], undefined],
    ['ended in time, seen too late', single(exec(16)), (task) => ended(task, 0), 999, ['train Completed'], undefined],
    [
      'failed in time, seen too late',
      single(exec(16)),
      (task) => ended(task, 3),
      999,
      ['train Failed Error'],
      undefined,
    ],
    ['ended too late', single(exec(15)), (task) => ended(task, 0), 20, ['train Failed ExecTimeout'], undefined],
    [
      'no further attempt once the time is over',
      single({ ...exec(15), retryPolicy: { maxRetries: 9 } }),
      (task) => ended(task, 1),
      30,
      ['train Failed ExecTimeout'],
      undefined,
    ],
    ['within queueSeconds', single(queue(30)), (task) => queued(task), 29, ['train Scheduling'], 30],
    ['over queueSeconds', single(queue(30)), (task) => queued(task), 30, ['train Failed QueueTimeout'], undefined],
    ['has a node: the wait is over', single(queue(30)), pulling, 40, ['train Initializing'], undefined],
    ['within startSeconds', single({ timeouts: { startSeconds: 60 } }), pulling, 60, ['train Initializing'], 61],
    [
      'over startSeconds, which is the cluster’s fault',
      single({ timeouts: { startSeconds: 60 } }),
      pulling,
      61,
      ['train Scheduling Rescheduled'],
      undefined,
    ],
  ])('%s', (...[, task, pod, now, want, wakeAt]) => {
    const made = plan([task], [pod(task)], now);
    expect(writes(made)).toEqual(want);
    expect(made.wakeAt).toEqual(wakeAt === undefined ? undefined : atDate(wakeAt));
  });

  test('they end with their own time and without an exit code', () => {
    const [write] = plan([single(exec(30))], [runs(single(exec(30)))], 500).statuses;
    expect(write?.status).toMatchObject({
      completionTime: at(34),
      message: 'the group ran for longer than 30 s (execSeconds)',
    });
    expect(write?.status.exitCode).toBeUndefined();
  });

  test('the start of the group is kept over attempts', () => {
    const task = recorded(single(exec(30)), {
      attempt: 3,
      phase: 'Scheduling',
      groupStartTime: at(4),
      podUID: undefined,
    });
    expect(writes(plan([task], [], 34))).toEqual(['train Failed ExecTimeout']);
    expect(plan([task], [], 33).wakeAt).toEqual(atDate(34));
  });

  test('clocks of nodes end nothing early: not one that is ahead, nor one that is behind', () => {
    const task = recorded(single(exec(30)), { startTime: at(4), groupStartTime: at(4), schedulingTime: at(0) });
    const ahead = recorded(task, { ...task.status, initializingTime: at(7200), startTime: at(7204) });
    expect(plan([ahead], [runs(task)], 20).wakeAt).toEqual(atDate(34));
    expect(writes(plan([ahead], [runs(task)], 34))).toEqual(['train Failed ExecTimeout']);
    // Its pod got the node at second 1.
    const behind = podOf(task, boundStatus('Running', own(task, running(-7200))));
    const fresh = single(exec(30));
    const made = plan([fresh], [behind], 3);
    expect(writes(made)).toEqual(['train Running']);
    expect(made.statuses[0]?.status).toMatchObject({ startTime: at(-7200), groupStartTime: at(1) });
    expect(made.wakeAt).toEqual(atDate(31));
    const known = recorded(fresh, { startTime: at(-7200), initializingTime: at(1) });
    expect(writes(plan([known], [behind], 30))).toEqual([]);
  });

  test('a peer that is tried again waits for its node from its own creation on', () => {
    const [lead, peer] = newGroup(2, { barrier: false }, queue(30)) as [Task, Task];
    const leads = recorded(lead, { schedulingTime: at(0), startTime: at(4), groupStartTime: at(4) });
    const again = recorded(peer, {
      phase: 'Scheduling',
      reason: 'Rescheduled',
      attempt: 1,
      groupStartTime: at(4),
      attempts: [{ attempt: 0, cause: 'Infrastructure', phase: 'Failed' }],
    });
    const pods = [runs(leads), queued(again, 500)];
    expect(plan([leads, again], pods, 505).wakeAt).toEqual(atDate(530));
    expect(writes(plan([leads, again], pods, 530))).toEqual(['lead Failed QueueTimeout', 'peer-1 Failed QueueTimeout']);
  });

  test('a lead that was in time ends its group, too late or not', () => {
    const [lead, peer] = newGroup(2, {}, exec(20)) as [Task, Task];
    expect(writes(plan([lead, peer], [ended(lead, 0), runs(peer)], 500))).toEqual([
      'lead Completed',
      'peer-1 Completed Completed',
    ]);
  });

  test('one that is on record ends the others, whatever they look like by now', () => {
    const [lead, peer] = newGroup(2, {}, queue(10)) as [Task, Task];
    const over = recorded(peer, { phase: 'Failed', reason: 'QueueTimeout', completionTime: at(10) });
    expect(writes(plan([lead, over], [runs(lead), pulling(over)], 30))).toEqual(['lead Failed QueueTimeout']);
  });
});

describe('what else ends a group', () => {
  const cancel = { cancel: { by: 'ann', reason: 'a typo' } };
  test('who cancels wants no result', () => {
    const task = single(cancel);
    const [write] = plan([task], [ended(task, 0)], 30).statuses;
    expect(write?.status).toMatchObject({ reason: 'Canceled', message: 'canceled by ann: a typo', phase: 'Failed' });
  });

  test('who cancels the lead cancels its peers, also those that have not been told', () => {
    const [lead, peer] = newGroup(2) as [Task, Task];
    const told = { ...lead, spec: { ...lead.spec, ...cancel } };
    expect(writes(plan([told, peer], [runs(told), runs(peer)], 30))).toEqual([
      'lead Failed Canceled',
      'peer-1 Failed Canceled',
    ]);
  });

  test('what is on record stays', () => {
    const task = recorded(single(cancel), { phase: 'Completed', exitCode: 0 });
    expect(writes(plan([task], [ended(task, 0)], 30))).toEqual([]);
  });

  test('canceled before it has a pod, it gets none', () => {
    const made = plan([single(cancel)], [], 0);
    expect(writes(made)).toEqual(['train Failed Canceled']);
    expect(made.create.pods).toEqual([]);
  });

  test('force leaves no time, also to a pod that was to end in order', () => {
    const task = recorded(single({ cancel: { force: true } }), { phase: 'Failed', reason: 'Canceled' });
    const pod = runs(task);
    expect(plan([task], [pod], 30).killPods).toEqual([pod]);
    const going = {
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: at(60), deletionGracePeriodSeconds: 30 },
    };
    expect(plan([task], [going], 30).killPods).toEqual([going]);
    const gone = { ...pod, metadata: { ...going.metadata, deletionGracePeriodSeconds: 0 } };
    const made = plan([task], [gone], 30);
    expect([made.killPods, made.releasePods]).toEqual([[], [gone]]);
  });

  test('a peer that fails for good before the barrier was passed ends the group, after it only itself', () => {
    const [lead, peer] = newGroup(2) as [Task, Task];
    const failed = podOf(
      peer,
      boundStatus('Failed', [], { initContainerStatuses: [container(terminated(2), 'prepare')] }),
    );
    expect(writes(plan([lead, peer], [pulling(lead), failed], 30))).toEqual([
      'lead Failed PeerFailed',
      'peer-1 Failed Error',
    ]);
    expect(writes(plan([lead, peer], [runs(lead), failed], 30))).toEqual(['lead Running', 'peer-1 Failed Error']);
  });

  test('a group whose Tasks are in different runs is left alone until the hub has told all of them', () => {
    const [lead, peer] = newGroup(2) as [Task, Task];
    const told = { ...recorded(lead, { phase: 'Failed', reason: 'Error' }), spec: { ...lead.spec, run: 1 } };
    const made = plan([told, peer], [ended(lead, 3), runs(peer)], 30);
    expect([writes(made), made.create.pods, made.deletePods]).toEqual([[], [], []]);
  });

  test('while the group is about to start anew, no pod is made for what goes with it', () => {
    const [lead, peer] = newGroup(2, {}, { retryPolicy: { maxRetries: 1 } }) as [Task, Task];
    const made = plan([lead, peer], [ended(lead, 3)], 30);
    expect([writes(made), made.create.pods, made.create.services]).toEqual([
      ['lead Scheduling Rescheduled', 'peer-1 Pending'],
      [],
      [],
    ]);
  });

  test('nothing is made for a group that is held', () => {
    const made = plan(newGroup(2, {}, { hold: true }), [], 30);
    expect([writes(made), made.create.pods, made.create.services]).toEqual([
      ['lead Pending Held', 'peer-1 Pending Held'],
      [],
      [],
    ]);
  });

  test('a pod that is there before the run is on record is of an earlier one', () => {
    const task = single({ run: 2 });
    const made = plan([task], [queued(task)], 30);
    expect(made.statuses.map(({ status }) => [status.run, status.attempt, status.phase])).toEqual([[2, 1, 'Pending']]);
  });
});
