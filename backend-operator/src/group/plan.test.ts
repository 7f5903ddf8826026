import { describe, expect, test } from '@jest/globals';
import type { Pod, PodStatus, Service } from '@osmo/kube';
import {
  at,
  atDate,
  boundConditions,
  boundStatus,
  condition,
  container,
  deletedPod,
  running,
  terminated,
  waiting,
} from '../testing/pods.ts';
import { newGroup, newTask, uid } from '../testing/tasks.ts';
import { planGroup } from './plan.ts';
import { serviceKey } from './ledger.ts';
import { podFor } from './pod.ts';
import { unconfirmed } from './removals.ts';
import { serviceFor } from './service.ts';
import type { Task, TaskStatus } from './task.ts';
import { defaultLimits } from './verdict.ts';
import { toPlan } from './to-plan.ts';
import type { GroupPlan, GroupWorld } from './world.ts';

/** The pod of a task as the cluster has it. */
function podOf(task: Task, status: PodStatus = { phase: 'Pending' }, nodeName?: string): Pod {
  const pod = podFor(task, { namespace: 'team-a', attempt: 0, nodeLostSeconds: 300 });
  return {
    ...pod,
    metadata: { ...pod.metadata, uid: `pod-of-${task.spec.taskName}`, creationTimestamp: at(0) },
    spec: { ...pod.spec, ...(nodeName === undefined ? {} : { nodeName }) },
    status,
  };
}

const onNode = (task: Task, status: PodStatus) => podOf(task, status, 'node-1');
const own = (task: Task, state: Parameters<typeof container>[0]) => [container(state, task.spec.taskName)];
const runs = (task: Task) => onNode(task, boundStatus('Running', own(task, running())));
const ended = (task: Task, code: number) =>
  onNode(task, boundStatus(code === 0 ? 'Succeeded' : 'Failed', own(task, terminated(code))));
const over = (phase: 'Completed' | 'Failed', more: Partial<TaskStatus> = {}): TaskStatus => ({
  phase,
  attempt: 0,
  conditions: [],
  podName: 'p',
  podUID: 'u',
  ...more,
});
const recorded = (task: Task, status: TaskStatus): Task => ({ ...task, status });

const pendingLogs = { pending: new Set(['pod-of-train']), releaseSeconds: 300 };

function plan(world: Partial<GroupWorld>, now = 30): GroupPlan {
  return planGroup({
    now: atDate(now),
    tasks: [],
    pods: [],
    services: [],
    gone: new Set(),
    refusals: new Map(),
    delays: new Map(),
    filesStored: new Set(),
    settings: { limits: defaultLimits, nodeLostSeconds: 300, taskRuntimeImage: 'task-runtime:test' },
    ...world,
  });
}

/** What a plan does, in words. */
function deeds(made: GroupPlan): string[] {
  return [
    ...made.create.pods.map(({ spec }) => `create pod of ${spec.containers[0]?.name}`),
    ...made.create.services.map(() => 'create service'),
    ...made.create.secrets.map(({ metadata }) => `create files of ${metadata.ownerReferences?.[0]?.uid}`),
    ...made.deletePods.map(({ spec }) => `delete pod of ${spec.containers[0]?.name}`),
    ...made.killPods.map(({ spec }) => `kill pod of ${spec.containers[0]?.name}`),
    ...made.releasePods.map(({ spec }) => `release pod of ${spec.containers[0]?.name}`),
    ...made.incompleteLogs.map(({ spec }) => `give up the log of ${spec.containers[0]?.name}`),
    ...made.deleteServices.map(() => 'delete service'),
    ...made.statuses.map(({ task, status }) =>
      [task.spec.taskName, status.phase, status.reason, status.exitCode].filter((x) => x !== undefined).join(' '),
    ),
  ];
}

const single = newTask();
const withFiles = newTask({ spec: { files: [{ path: '/a', contents: 'x', base64: false }] } });
const [lead, peer] = newGroup(2) as [Task, Task];
const [withFilesOfTwo] = newGroup(2, {}, { files: [{ path: '/a', contents: 'x', base64: false }] }) as [Task];
const strict = newGroup(2, { ignoreNonleadStatus: false }) as [Task, Task];
const service = serviceFor(lead, 'team-a') as Service;

describe('planGroup', () => {
  test.each<[string, Partial<GroupWorld>, string[], number?]>([
    ['a task without a pod gets one', { tasks: [single] }, ['create pod of train']],
    ['half a group waits for the other half', { tasks: [lead] }, []],
    [
      'a whole group starts at once',
      { tasks: [lead, peer] },
      ['create pod of lead', 'create pod of peer-1', 'create service'],
    ],
    [
      'who ended while the group was held holds nobody any more when the others are let go',
      {
        tasks: newGroup(2, { ignoreNonleadStatus: true, barrier: false }).map((task) =>
          task.spec.lead
            ? recorded(task, { phase: 'Pending', reason: 'Held', attempt: 1, conditions: [] })
            : recorded({ ...task, spec: { ...task.spec, hold: true } }, over('Failed', { round: 0 })),
        ),
        services: [service],
      },
      ['create pod of lead'],
    ],
    [
      'while the group is held, a Service that was not taken a while ago begins no attempts',
      {
        tasks: newGroup(2).map((task) =>
          recorded(
            { ...task, spec: { ...task.spec, hold: true } },
            { phase: 'Pending', reason: 'Held', attempt: 1, conditions: [] },
          ),
        ),
        delays: new Map([[serviceKey(service.metadata.name), 'exceeded quota']]),
      },
      [],
    ],
    [
      'what a crash left out is made up for',
      { tasks: [lead, peer], pods: [runs(recorded(lead, { phase: 'Running', attempt: 0, conditions: [] }))] },
      ['create pod of peer-1', 'create service', 'lead Running'],
    ],
    [
      'a group whose Service is not taken for now says why',
      { tasks: [lead, peer], delays: new Map([[serviceKey(service.metadata.name), 'exceeded quota']]) },
      [
        'create pod of lead',
        'create pod of peer-1',
        'create service',
        'lead Scheduling PodNotAccepted',
        'peer-1 Scheduling PodNotAccepted',
      ],
    ],
    [
      "who pauses before an attempt doesn't miss the Service yet",
      {
        tasks: [
          recorded(lead, {
            phase: 'Scheduling',
            reason: 'Rescheduled',
            attempt: 1,
            conditions: [],
            retryTime: '2026-03-01T11:00:00Z',
          }),
          recorded(peer, { phase: 'Scheduling', reason: 'Rescheduled', attempt: 1, conditions: [] }),
        ],
        delays: new Map([[serviceKey(service.metadata.name), 'exceeded quota']]),
      },
      ['create service', 'peer-1 Scheduling PodNotAccepted'],
    ],
    [
      'of a Service that is there nothing that was said before counts',
      {
        tasks: [lead, peer],
        services: [service],
        delays: new Map([[serviceKey(service.metadata.name), 'exceeded quota']]),
      },
      ['create pod of lead', 'create pod of peer-1'],
    ],
    [
      'a Service that will never be taken ends the group',
      { tasks: [lead, peer], refusals: new Map([[serviceKey(service.metadata.name), 'no']]) },
      ['lead Failed CreateError 999', 'peer-1 Failed CreateError 999'],
    ],
    [
      'what is said of a Service says nothing of a task alone',
      { tasks: [single], delays: new Map([[serviceKey(service.metadata.name), 'exceeded quota']]) },
      ['create pod of train'],
    ],
    ['files follow the pod', { tasks: [withFiles], pods: [podOf(withFiles)] }, ['create files of pod-of-train'], 0],
    [
      'files are stored once',
      { tasks: [withFiles], pods: [podOf(withFiles)], filesStored: new Set(['pod-of-train']) },
      [],
      0,
    ],
    [
      'a pod gets its files although a peer is gone',
      { tasks: [withFilesOfTwo], pods: [podOf(withFilesOfTwo)] },
      ['create files of pod-of-lead'],
      0,
    ],
    ['a running pod has its files', { tasks: [withFiles], pods: [runs(withFiles)] }, ['train Running']],
    ['a pod that waits for less than a second is not worth a write', { tasks: [single], pods: [podOf(single)] }, [], 0],
    ['nor one that was made at the end of that second', { tasks: [single], pods: [podOf(single)] }, [], 1.9],
    ['a pod that waits longer is', { tasks: [single], pods: [podOf(single)] }, ['train Scheduling'], 2],
    [
      'pulling for less than five seconds is not worth a write',
      { tasks: [single], pods: [onNode(single, boundStatus('Pending', own(single, waiting('ContainerCreating'))))] },
      [],
      5,
    ],
    [
      'pulling for longer is',
      { tasks: [single], pods: [onNode(single, boundStatus('Pending', own(single, waiting('ContainerCreating'))))] },
      ['train Initializing'],
      6,
    ],
    ['running', { tasks: [single], pods: [runs(single)] }, ['train Running']],
    [
      'running, and known to',
      {
        tasks: [recorded(single, { phase: 'Running', attempt: 0, conditions: [], podUID: 'pod-of-train' })],
        pods: [runs(single)],
      },
      [],
    ],
    [
      'a pod that looks younger than what is known changes nothing',
      {
        tasks: [recorded(single, { phase: 'Running', attempt: 0, conditions: [], podUID: 'pod-of-train' })],
        pods: [podOf(single)],
      },
      [],
    ],
    ['completed', { tasks: [single], pods: [ended(single, 0)] }, ['train Completed 0']],
    ['failed', { tasks: [single], pods: [ended(single, 3)] }, ['train Failed Error 3']],
    ['a finished pod stays for its logs', { tasks: [recorded(single, over('Failed'))], pods: [ended(single, 3)] }, []],
    [
      'a finished pod that somebody deletes may go',
      { tasks: [recorded(single, over('Failed'))], pods: [deletedPod(ended(single, 3), 40)] },
      ['release pod of train'],
    ],
    [
      'a pod without our finalizer needs no release',
      {
        tasks: [recorded(single, over('Failed'))],
        pods: [{ ...ended(single, 3), metadata: { ...deletedPod(ended(single, 3), 40).metadata, finalizers: [] } }],
      },
      [],
    ],
    [
      'a pod that somebody deletes ends its attempt first',
      { tasks: [single], pods: [deletedPod(runs(single), 20)] },
      ['train Scheduling Rescheduled'],
    ],
    [
      'and may go then',
      { tasks: [recorded(single, over('Failed'))], pods: [deletedPod(runs(single), 20)] },
      ['release pod of train'],
    ],
    [
      'a pod that vanished ends its attempt and is not made again',
      { tasks: [recorded(single, { phase: 'Running', attempt: 0, conditions: [], podName: 'p', podUID: 'u' })] },
      ['train Scheduling Rescheduled'],
    ],
    ['an ended task gets no pod', { tasks: [recorded(single, over('Completed'))] }, []],
    [
      'a pod that would try for ever goes once its failure is recorded',
      {
        tasks: [recorded(single, over('Failed'))],
        pods: [onNode(single, boundStatus('Pending', own(single, waiting('ImagePullBackOff'))))],
      },
      ['delete pod of train'],
    ],
    [
      'the apiserver refuses the pod',
      { tasks: [single], refusals: new Map([[podOf(single).metadata.name, 'spec.x: no']]) },
      ['train Failed CreateError 999'],
    ],
    [
      'the apiserver refuses the files: the pod would wait for ever',
      {
        tasks: [withFiles],
        pods: [podOf(withFiles)],
        refusals: new Map([[podOf(withFiles).metadata.name, 'too big']]),
      },
      ['train Failed CreateError 999'],
    ],
    [
      'the lead completed: its peers are done',
      { tasks: [lead, peer], pods: [ended(lead, 0), runs(peer)], services: [service] },
      ['lead Completed 0', 'peer-1 Completed Completed'],
    ],
    [
      'the lead failed: so did its peers',
      { tasks: [lead, peer], pods: [ended(lead, 3), runs(peer)], services: [service] },
      ['lead Failed Error 3', 'peer-1 Failed PeerFailed'],
    ],
    [
      'a peer that had ended by itself keeps its end',
      { tasks: [lead, peer], pods: [ended(lead, 3), ended(peer, 0)], services: [service] },
      ['lead Failed Error 3', 'peer-1 Completed 0'],
    ],
    [
      'once that is recorded, what still runs is stopped',
      {
        tasks: [recorded(lead, over('Completed')), recorded(peer, over('Completed'))],
        pods: [ended(lead, 0), runs(peer)],
        services: [service],
      },
      ['delete pod of peer-1'],
    ],
    [
      'a peer failed and may',
      { tasks: [lead, peer], pods: [runs(lead), ended(peer, 3)], services: [service] },
      ['lead Running', 'peer-1 Failed Error 3'],
    ],
    [
      'a peer failed and may not',
      { tasks: strict, pods: [runs(strict[0]), ended(strict[1], 3)], services: [service] },
      ['lead Failed PeerFailed', 'peer-1 Failed Error 3'],
    ],
    [
      'a peer completed: the group goes on',
      { tasks: strict, pods: [runs(strict[0]), ended(strict[1], 0)], services: [service] },
      ['lead Running', 'peer-1 Completed 0'],
    ],
    [
      'a peer can not be had: nobody starts',
      { tasks: [lead, peer], refusals: new Map([[podOf(peer).metadata.name, 'no']]) },
      ['lead Failed PeerFailed', 'peer-1 Failed CreateError 999'],
    ],
    ['pods without their Task stay until the hub was asked', { pods: [runs(single)] }, []],
    ['the hub says it is gone', { pods: [runs(single)], gone: new Set([uid(1)]) }, ['delete pod of train']],
    [
      'and the deletion has begun',
      { pods: [deletedPod(runs(single), 20)], gone: new Set([uid(1)]) },
      ['release pod of train'],
    ],
    [
      'a Task that is being deleted is as good as gone',
      { tasks: [newTask({ deletionTimestamp: at(20) })], pods: [runs(single)] },
      ['delete pod of train'],
    ],
    ['a Service without its group stays until the hub was asked', { services: [service] }, []],
    ['a Service whose group is gone', { services: [service], gone: new Set([uid(1)]) }, ['delete service']],
    [
      'a Service stays while a task of its group is there',
      { tasks: [recorded(peer, over('Completed'))], services: [service], gone: new Set([uid(1)]) },
      [],
    ],
    [
      'a pod of an earlier attempt is stopped',
      { tasks: [{ ...single, status: { phase: 'Pending', attempt: 1, conditions: [] } }], pods: [runs(single)] },
      ['delete pod of train'],
    ],
    [
      'and the next one waits until it is gone',
      {
        tasks: [{ ...single, status: { phase: 'Pending', attempt: 1, conditions: [] } }],
        pods: [deletedPod(runs(single), 29, 2)],
      },
      ['release pod of train'],
    ],
    [
      'but not longer than it has time for',
      {
        tasks: [{ ...single, status: { phase: 'Pending', attempt: 1, conditions: [] } }],
        pods: [deletedPod(runs(single), 20, 10)],
      },
      ['create pod of train', 'release pod of train'],
    ],
    [
      'a pod that has ended is not deleted before its log is stored',
      {
        tasks: [{ ...single, status: { phase: 'Pending', attempt: 1, conditions: [] } }],
        pods: [ended(single, 3)],
        logs: pendingLogs,
      },
      ['create pod of train'],
    ],
    [
      'and one that is being deleted is kept for it',
      { pods: [deletedPod(ended(single, 0), 25)], gone: new Set([uid(1)]), logs: pendingLogs },
      [],
    ],
    [
      'but not for ever',
      { pods: [deletedPod(ended(single, 0), 25)], gone: new Set([uid(1)]), logs: pendingLogs },
      ['release pod of train', 'give up the log of train'],
      325,
    ],
    [
      'a copy that a person made of a pod is none of ours',
      {
        tasks: [recorded(single, { phase: 'Running', attempt: 0, conditions: [], podUID: 'pod-of-train' })],
        pods: [runs(single), { ...runs(single), metadata: { ...runs(single).metadata, name: 'debug' } }],
      },
      [],
    ],
  ])('%s', (...[, world, want, now]) => expect(deeds(plan(world, now))).toEqual(want));

  test('who waits for a log is looked at again when the time for that is over', () => {
    const world = { pods: [deletedPod(ended(single, 0), 25)], gone: new Set([uid(1)]), logs: pendingLogs };
    expect(plan(world).wakeAt).toEqual(atDate(325));
    expect(toPlan(plan(world, 325)).events).toMatchObject([
      { type: 'Warning', reason: 'LogsIncomplete', on: 'hub', regarding: { kind: 'Task', uid: uid(1) } },
    ]);
  });

  test('a whole status: what ran where, and when', () => {
    const pod = runs(single);
    const status = {
      ...pod.status,
      containerStatuses: [{ ...container(running(), 'train'), imageID: 'sha256:abc' }],
    } as PodStatus;
    const [first] = plan({ tasks: [single], pods: [{ ...pod, status }] }).statuses;
    expect(first?.status).toMatchInlineSnapshot(`
     {
       "attempt": 0,
       "conditions": [
         {
           "lastTransitionTime": "2026-03-01T10:00:00Z",
           "message": "",
           "observedGeneration": 1,
           "reason": "Running",
           "status": "Unknown",
           "type": "Succeeded",
         },
       ],
       "groupStartTime": "2026-03-01T10:00:04Z",
       "imageID": "sha256:abc",
       "initializingTime": "2026-03-01T10:00:01Z",
       "nodeName": "node-1",
       "observedGeneration": 1,
       "phase": "Running",
       "podIP": "10.244.0.7",
       "podName": "hello-train-a1b2c3d40000400080-0",
       "podNamespace": "team-a",
       "podUID": "pod-of-train",
       "schedulingTime": "2026-03-01T10:00:00Z",
       "startTime": "2026-03-01T10:00:04Z",
     }
    `);
    const after = recorded(single, first?.status as TaskStatus);
    const [second] = plan({ tasks: [after], pods: [ended(single, 3)] }).statuses;
    expect(second?.status).toMatchInlineSnapshot(`
     {
       "attempt": 0,
       "completionTime": "2026-03-01T10:00:20Z",
       "conditions": [
         {
           "lastTransitionTime": "2026-03-01T10:00:20Z",
           "message": "container train exited with code 3",
           "observedGeneration": 1,
           "reason": "Error",
           "status": "False",
           "type": "Succeeded",
         },
       ],
       "exitCode": 3,
       "groupStartTime": "2026-03-01T10:00:04Z",
       "imageID": "sha256:abc",
       "initializingTime": "2026-03-01T10:00:01Z",
       "message": "container train exited with code 3",
       "nodeName": "node-1",
       "observedGeneration": 1,
       "phase": "Failed",
       "podIP": "10.244.0.7",
       "podName": "hello-train-a1b2c3d40000400080-0",
       "podNamespace": "team-a",
       "podUID": "pod-of-train",
       "reason": "Error",
       "schedulingTime": "2026-03-01T10:00:00Z",
       "startTime": "2026-03-01T10:00:04Z",
     }
    `);
  });

  test('the message of a group that its lead ended', () => {
    const { statuses } = plan({ tasks: [lead, peer], pods: [ended(lead, 3), runs(peer)], services: [service] });
    expect(statuses[1]?.status).toMatchObject({
      message: 'Lead task lead of the group failed (Error)',
      podUID: 'pod-of-peer-1',
      completionTime: at(20),
      conditions: [{ type: 'Succeeded', status: 'False', reason: 'PeerFailed', lastTransitionTime: at(20) }],
    });
  });

  test('it looks again when a write falls due', () => {
    expect(plan({ tasks: [single], pods: [podOf(single)] }, 0).wakeAt).toEqual(atDate(2));
    const pulling = onNode(single, boundStatus('Pending', own(single, waiting('ContainerCreating'))));
    expect(plan({ tasks: [single], pods: [pulling] }, 2).wakeAt).toEqual(atDate(6));
    expect(plan({ tasks: [single], pods: [runs(single)] }).wakeAt).toBeUndefined();
  });

  test('it looks again when patience ends', () => {
    const stuck = onNode(
      single,
      boundStatus('Pending', own(single, waiting('ContainerCreating')), { conditions: boundConditions(false) }),
    );
    const known = recorded(single, { phase: 'Initializing', attempt: 0, conditions: [], podUID: 'pod-of-train' });
    expect(plan({ tasks: [known], pods: [stuck] }).wakeAt).toEqual(atDate(1801));
  });

  test('why a pod waits is told once, not at every change of the words', () => {
    const wait = (message: string) =>
      podOf(single, {
        phase: 'Pending',
        conditions: [condition('PodScheduled', 'False', 0, { reason: 'Unschedulable', message })],
      });
    const [told] = plan({ tasks: [single], pods: [wait('0/3 nodes are available')] }).statuses;
    expect(told?.status).toMatchObject({
      phase: 'Scheduling',
      reason: 'Unschedulable',
      message: '0/3 nodes are available',
    });
    expect(
      deeds(plan({ tasks: [recorded(single, told?.status as TaskStatus)], pods: [wait('0/4 nodes are available')] })),
    ).toEqual([]);
  });

  test('a pod that the cluster does not take for now: its task says why, and goes on trying', () => {
    const delays = new Map([[podOf(single).metadata.name, 'exceeded quota']]);
    const first = plan({ tasks: [single], delays });
    expect(deeds(first)).toEqual(['create pod of train', 'train Scheduling PodNotAccepted']);
    expect(first.statuses[0]?.status).toMatchObject({ message: 'exceeded quota' });
    const told = recorded(single, first.statuses[0]?.status as TaskStatus);
    expect(deeds(plan({ tasks: [told], delays }))).toEqual(['create pod of train']);
    expect(deeds(plan({ tasks: [told], pods: [podOf(single)] }, 32))).toEqual(['train Scheduling']);
  });

  test.each<[string, Parameters<typeof unconfirmed>[0], string[]]>([
    ['a pod whose Task is there', { tasks: [single], pods: [runs(single)], services: [], gone: new Set() }, []],
    ['a pod without Task', { tasks: [], pods: [runs(single)], services: [], gone: new Set() }, ['hello.train']],
    [
      'a pod whose Task is known to be gone',
      { tasks: [], pods: [runs(single)], services: [], gone: new Set([uid(1)]) },
      [],
    ],
    [
      'a Service and pods of one Task',
      { tasks: [], pods: [runs(lead)], services: [service], gone: new Set() },
      ['hello.lead'],
    ],
    ['a Service whose group goes on', { tasks: [peer], pods: [], services: [service], gone: new Set() }, []],
    [
      'somebody took the marks off',
      { tasks: [], pods: [{ ...runs(single), metadata: { name: 'x' } }], services: [], gone: new Set() },
      [],
    ],
  ])('asks the hub about: %s', (_, world, want) => expect(unconfirmed(world).map(({ name }) => name)).toEqual(want));
});
