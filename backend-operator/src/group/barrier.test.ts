import { describe, expect, test } from '@jest/globals';
import type { Pod } from '@osmo/kube';
import { at, atDate, condition, container, running } from '../testing/pods.ts';
import { newGroup, newTask } from '../testing/tasks.ts';
import { barrierContainer, startTogether } from './barrier.ts';
import { membersOf } from './members.ts';
import { planGroup } from './plan.ts';
import { podFor } from './pod.ts';
import type { Task, TaskStatus } from './task.ts';
import { defaultLimits } from './verdict.ts';
import type { GroupWorld } from './world.ts';

const [lead, peer] = newGroup(3) as [Task, Task];
const start = startTogether(lead, { epoch: 2, members: 3, image: 'registry/task-runtime:1' });
const options = { namespace: 'team-a', attempt: 0, nodeLostSeconds: 300 };
const withResources = (task: Task, resources: Task['spec']['resources']): Task => ({
  ...task,
  spec: { ...task.spec, resources },
});

const worldOf = (tasks: Task[], pods: Pod[] = [], now = 0): GroupWorld => ({
  now: atDate(now),
  tasks,
  pods,
  services: [],
  gone: new Set(),
  refusals: new Map(),
  delays: new Map(),
  filesStored: new Set(),
  settings: { limits: defaultLimits, nodeLostSeconds: 300, taskRuntimeImage: 'r' },
});

describe('the start barrier of a pod', () => {
  test('is there only for tasks that start together', () => {
    expect(podFor(peer, options).spec.initContainers).toBeUndefined();
    expect(podFor(peer, { ...options, start }).spec.initContainers).toHaveLength(1);
  });

  test('of a task leads to the lead by the name of its pod', () => {
    const barrier = barrierContainer(peer, start);
    const { hostname, subdomain } = podFor(lead, { ...options, start }).spec;
    expect(barrier).toMatchSnapshot();
    expect(barrier.args).toContain(`--lead-host=${hostname}.${subdomain}`);
    expect(barrier.args).not.toContain('--lead');
  });

  test('of the lead has the same group and epoch, and listens', () => {
    const [of, from] = [barrierContainer(lead, start).args, barrierContainer(peer, start).args];
    expect(of).toContain('--lead');
    for (const flag of ['group', 'epoch', 'size', 'lead-host']) {
      const one = (args: string[] | undefined) => args?.find((arg) => arg.startsWith(`--${flag}=`));
      expect(one(of)).toBe(one(from));
    }
  });

  test('comes after the init containers of the template, and its safety is not the template’s to take', () => {
    const podTemplate = {
      spec: {
        initContainers: [{ name: 'prepare', image: 'p' }],
        securityContext: { runAsUser: 0 },
      },
    };
    const pod = podFor({ ...peer, spec: { ...peer.spec, podTemplate } }, { ...options, start });
    expect(pod.spec.initContainers?.map(({ name }) => name)).toEqual(['prepare', 'osmo-barrier']);
    expect(pod.spec.initContainers?.[1]?.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65_532 });
  });

  test.each<[string, Task['spec']['resources'], object]>([
    ['nothing where its task asks for nothing', {}, { requests: {}, limits: {} }],
    [
      'no more than its task, if that is small',
      { cpu: '100m', memory: '16Mi' },
      { requests: { cpu: '100m', memory: '16Mi' }, limits: { cpu: '500m', memory: `${96 << 20}` } },
    ],
    [
      'as much as it may use, if its task asks for more: the pod’s class of service stays',
      { cpu: 8, memory: '64Gi', gpu: 4 },
      { requests: { cpu: '500m', memory: `${96 << 20}` }, limits: { cpu: '500m', memory: `${96 << 20}` } },
    ],
  ])('asks for %s', (_, resources, want) => {
    expect(barrierContainer(withResources(peer, resources), start).resources).toEqual(want);
  });

  test('of the lead of a large group may use more', () => {
    const large = { ...start, members: 4096 };
    const { limits } = barrierContainer(withResources(lead, { memory: '1Gi' }), large).resources ?? {};
    expect(limits).toEqual({ memory: `${(96 + 64) << 20}` });
  });

  test('a task by its name is refused', () => {
    const task = newTask({ name: 'osmo_barrier', group: { size: 2 } });
    expect(() => podFor(task, { ...options, start })).toThrow('spec.taskName "osmo_barrier"');
  });
});

describe('the start barriers of a group', () => {
  /** Epoch and size that each pod is created with; undefined for one without a barrier. */
  const created = (tasks: Task[], pods: Pod[] = []) =>
    planGroup(worldOf(tasks, pods)).create.pods.map((pod) => {
      const args = pod.spec.initContainers?.find(({ name }) => name === 'osmo-barrier')?.args;
      return args?.filter((arg) => /^--(epoch|size)/.test(arg)).join(' ');
    });
  const withStatus = (task: Task, status: Partial<TaskStatus>): Task => ({
    ...task,
    status: { phase: 'Scheduling', attempt: 1, conditions: [], ...status },
  });
  const before = (cause: 'Infrastructure' | 'Peer'): Partial<TaskStatus> => ({
    attempts: [{ attempt: 0, cause, phase: 'Failed', completionTime: at(0) }],
  });

  test('bring all of its tasks together', () =>
    expect(created(newGroup(3))).toEqual(Array.from({ length: 3 }, () => '--epoch=0 --size=3')));
  test('are not there where it wants none', () =>
    expect(created(newGroup(3, { barrier: false }))).toEqual([undefined, undefined, undefined]));
  test('in a further round bring those together that haven’t ended, as a round of its own', () => {
    const [head, ended, other] = newGroup(3) as [Task, Task, Task];
    const tasks = [
      withStatus(head, { ...before('Infrastructure'), round: 1 }),
      withStatus(ended, { phase: 'Completed', attempt: 0, exitCode: 0 }),
      withStatus(other, { ...before('Peer'), round: 1 }),
    ];
    expect(created(tasks)).toEqual(['--epoch=2 --size=2', '--epoch=2 --size=2']);
  });
  test('hold nobody back whose peers go on', () => {
    const [head, alone] = newGroup(2) as [Task, Task];
    const pod: Pod = {
      ...podFor(head, options),
      status: { phase: 'Running', containerStatuses: [container(running(3), 'lead')] },
    };
    const tasks = [
      withStatus(head, { phase: 'Running', attempt: 0, startTime: at(3), podUID: 'p' }),
      withStatus(alone, before('Infrastructure')),
    ];
    expect(created(tasks, [pod])).toEqual([undefined]);
  });
});

describe('the time limit for the start of tasks that wait for each other', () => {
  const tasks = newGroup(2).map((task): Task => ({
    ...task,
    spec: { ...task.spec, timeouts: { startSeconds: 60 } },
  }));
  const podOf = (task: Task, onNodeAt: number | undefined) => ({
    ...podFor(task, { ...options, start }),
    status: {
      phase: 'Pending' as const,
      conditions:
        onNodeAt === undefined
          ? [condition('PodScheduled', 'False', 0, { reason: 'Unschedulable' })]
          : [condition('PodScheduled', 'True', onNodeAt)],
      ...(onNodeAt === undefined ? {} : { initContainerStatuses: [container(running(onNodeAt), 'osmo-barrier')] }),
    },
  });
  const membersAt = (now: number, ...onNodes: (number | undefined)[]) =>
    membersOf(
      worldOf(
        tasks,
        tasks.map((task, index) => podOf(task, onNodes[index])),
        now,
      ),
    ).map(({ verdict }) => [verdict?.phase, verdict?.reason, verdict?.wakeAt]);

  test('doesn’t count while one of them waits for a node', () =>
    expect(membersAt(1000, 0, undefined)).toEqual([
      ['Initializing', 'WaitingForPeers', undefined],
      ['Scheduling', 'Unschedulable', undefined],
    ]));
  test('counts from the last one’s node', () => {
    const waiting = ['Initializing', 'WaitingForPeers', atDate(160)];
    expect(membersAt(159, 0, 100)).toEqual([waiting, waiting]);
    expect(membersAt(160, 0, 100).map(([phase, reason]) => [phase, reason])).toEqual([
      ['Failed', 'StartTimeout'],
      ['Failed', 'StartTimeout'],
    ]);
  });
});
