import { describe, expect, test } from '@jest/globals';
import type { Task, TaskPhase, TaskSpec } from '@osmo/crds';
import fc from 'fast-check';
import { backend, platform } from '../testing/objects.ts';
import { capacityOf } from './amounts.ts';
import { waitFacts } from './facts.ts';
import { PoolQueues } from './pool-queues.ts';

interface Shape {
  phase?: TaskPhase;
  reason?: string;
  schedulingTime?: string;
  run?: number;
  spec?: Partial<TaskSpec>;
  second?: number;
}

function task(workflow: string, name: string, shape: Shape = {}): Task {
  const { phase, run = 0, spec = {}, second = 0, reason, schedulingTime } = shape;
  return {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Task',
    metadata: {
      name: `${workflow}.${name}`,
      namespace: 'lab',
      uid: `${workflow}.${name}`,
      creationTimestamp: `2026-01-01T12:00:${String(second).padStart(2, '0')}Z`,
    },
    spec: {
      workflow: { name: workflow, uid: `uid-${workflow}` },
      taskName: name,
      lead: true,
      group: { name, size: 1, barrier: true, ignoreNonleadStatus: true },
      backend: 'local',
      pool: 'p',
      priority: 'Normal',
      scheduling: { type: 'Default' },
      resources: { cpu: '500m', memory: '1Gi', gpu: 2 },
      image: 'busybox',
      command: [],
      privileged: false,
      hostNetwork: false,
      ...spec,
    },
    ...(phase !== undefined && {
      status: {
        conditions: [],
        attempt: 0,
        phase,
        run,
        ...(reason !== undefined && { reason }),
        ...(schedulingTime !== undefined && { schedulingTime }),
      },
    }),
  };
}

function queuesOf(...tasks: Task[]): PoolQueues {
  const queues = new PoolQueues();
  for (const each of tasks) queues.taskChanged({ new: each });
  return queues;
}

describe('a workflow', () => {
  test('waits from its first Task on, behind those of higher priority and those that came before', () => {
    const queues = queuesOf(
      task('late', 'a', { second: 30 }),
      task('early', 'a', { second: 10 }),
      task('low', 'a', { second: 1, spec: { priority: 'Low' } }),
      task('high', 'a', { second: 50, spec: { priority: 'High' } }),
      task('elsewhere', 'a', { spec: { pool: 'q' } }),
    );
    const ahead = ['high', 'early', 'late', 'low', 'elsewhere'].map((name) => queues.waitOf(`uid-${name}`)?.ahead);
    expect(ahead).toEqual([0, 1, 2, 3, 0]);
  });

  test('asks for what all its Tasks that wait need together, and has what has a node', () => {
    const queues = queuesOf(
      task('wf', 'a'),
      task('wf', 'b', { phase: 'Scheduling' }),
      task('other', 'a', { phase: 'Running' }),
    );
    expect(queues.waitOf('uid-wf')).toEqual({
      pool: 'p',
      backend: 'local',
      platform: undefined,
      since: Date.parse('2026-01-01T12:00:00Z'),
      asked: { gpu: 4, cpu: 1000, memory: 2 * 2 ** 30 },
      placed: { gpu: 2, cpu: 500, memory: 2 ** 30 },
      ahead: 0,
    });
  });

  test.each<[string, Task]>([
    ['something of it has a node', task('wf', 'b', { phase: 'Initializing' })],
    ['it is told to wait', task('wf', 'a', { spec: { hold: true } })],
    ['it is told to end', task('wf', 'a', { spec: { cancel: {} } })],
    ['it has ended', task('wf', 'a', { phase: 'Completed' })],
    ['its next attempt has no pod yet', task('wf', 'a', { phase: 'Scheduling', reason: 'Rescheduled' })],
  ])('does not wait for nodes when %s', (_, change) => {
    const before = task('wf', 'a');
    const queues = queuesOf(before);
    const isSame = change.metadata.uid === before.metadata.uid;
    queues.taskChanged({ ...(isSame && { old: before }), new: change });
    expect(queues.waitOf('uid-wf')).toBeUndefined();
  });

  test('that is tried again waits since its pod does, and keeps its place in the queue', () => {
    const schedulingTime = '2026-01-01T12:00:40Z';
    const queues = queuesOf(
      task('other', 'a', { second: 20 }),
      task('wf', 'a', { second: 10, phase: 'Scheduling', schedulingTime }),
    );
    expect(queues.waitOf('uid-wf')).toMatchObject({ since: Date.parse(schedulingTime), ahead: 0 });
  });

  test('waits again when it is to run again', () => {
    const queues = queuesOf(task('wf', 'a', { phase: 'Failed', spec: { run: 1 } }));
    expect(queues.waitOf('uid-wf')).toMatchObject({ asked: { gpu: 2 } });
  });
});

test('after any history of changes the queues are those of the Tasks that are left', () => {
  const phase = fc.constantFrom<TaskPhase | undefined>(
    undefined,
    'Pending',
    'Scheduling',
    'Initializing',
    'Running',
    'Completed',
  );
  const change = fc.record({
    workflow: fc.constantFrom('v', 'w', 'x'),
    name: fc.constantFrom('a', 'b', 'c'),
    next: fc.option(fc.record({ phase, run: fc.nat(1), hold: fc.boolean() }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (history) => {
      const queues = new PoolQueues();
      const left = new Map<string, Task>();
      for (const { workflow, name, next } of history) {
        const old = left.get(`${workflow}.${name}`);
        const made =
          next &&
          task(workflow, name, { ...(next.phase && { phase: next.phase }), spec: { hold: next.hold, run: next.run } });
        if (made === undefined) left.delete(`${workflow}.${name}`);
        else left.set(`${workflow}.${name}`, made);
        queues.taskChanged({ ...(old && { old }), ...(made && { new: made }) });
      }
      const fresh = queuesOf(...left.values());
      for (const name of ['v', 'w', 'x']) expect(queues.waitOf(`uid-${name}`)).toEqual(fresh.waitOf(`uid-${name}`));
    }),
    { numRuns: 300 },
  );
});

test('when one leaves a long queue, those are woken for whom that changes what is told', () => {
  const names = Array.from({ length: 30 }, (_, index) => `w${index}`);
  const tasks = names.map((name, index) => task(name, 'a', { second: index }));
  const queues = queuesOf(...tasks);
  expect(queues.takeMovedUp()).toEqual([]);
  const [first] = tasks;
  if (first === undefined) throw new Error('no task');
  queues.taskChanged({ old: first });
  expect(queues.takeMovedUp()).toEqual(['lab/w10', 'lab/w20']);
  expect(queues.takeMovedUp()).toEqual([]);
});

test('what is free is what usable nodes of the platform have, less what is placed there', () => {
  const allocatable = { cpu: '4', memory: '8Gi', storage: '50Gi', gpu: 2 };
  const shape = { id: 'gpu', count: 3, available: 2, labels: { kind: 'gpu' }, taints: [], allocatable };
  const tainted = { ...shape, id: 'kept', taints: [{ key: 'k', effect: 'NoSchedule' as const }] };
  const other = { ...shape, id: 'cpu', labels: { kind: 'cpu' } };
  const cluster = backend('local', { shapes: [shape, tainted, other] });
  const gpu = platform({ nodeSelector: { kind: 'gpu' } }, 'gpu');
  expect(capacityOf(cluster, gpu)).toEqual({ gpu: 4, cpu: 8000, memory: 16 * 2 ** 30 });
  expect(capacityOf(cluster, undefined).gpu).toBe(8);
  const queues = queuesOf(
    task('wf', 'a', { spec: { platform: 'gpu' } }),
    task('other', 'a', { phase: 'Running', spec: { platform: 'gpu' } }),
    task('third', 'a', { phase: 'Running', spec: { platform: 'cpu' } }),
  );
  const wait = queues.waitOf('uid-wf');
  if (wait === undefined) throw new Error('it should wait');
  expect(waitFacts(wait, cluster, gpu)).toMatchObject({ connected: true, free: { gpu: 2, cpu: 7500 } });
  expect(waitFacts(wait, cluster, undefined).free).toBeUndefined();
  expect(waitFacts(wait, undefined, gpu).free).toBeUndefined();
});
