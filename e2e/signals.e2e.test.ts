import { beforeAll, expect, test } from '@jest/globals';
import type { Task, Workflow } from '@osmo/crds';
import { Event } from '@osmo/kube';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster } from './harness/connect.ts';
import {
  endOf,
  type Lab,
  newLab,
  podsOf,
  shell,
  submit,
  tasksOf,
  taskWhen,
  workflowWhen,
  Workflows,
} from './harness/lab.ts';

let lab: Lab;
const limit = 240_000;
const resources = [
  { name: 'default', cpu: '20m', memory: '16Mi' },
  { name: 'huge', cpu: '900', memory: '16Mi' },
];

beforeAll(async () => {
  lab = await newLab(await connectToCluster(), 'e2e-signals');
}, 180_000);

const edit = (name: string, spec: object): Promise<Workflow> =>
  lab.client.patch(Workflows, { name, namespace: lab.namespace }, { kind: 'merge', body: { spec } });
const taskThat = (workflow: string, name: string, what: string, is: (task: Task) => boolean): Promise<Task> =>
  poll(
    `task ${workflow}.${name}: ${what}`,
    async () => {
      const task = (await tasksOf(lab, workflow)).find(({ spec }) => spec.taskName === name);
      if (task !== undefined && is(task)) return task;
      throw new Error(JSON.stringify(task?.status));
    },
    { timeoutMs: limit },
  );
const podNames = async (): Promise<string[]> => (await podsOf(lab)).map(({ metadata }) => metadata.name);
/** Waits for the Events of a workflow, which are sent in the background. */
const toldBy = (workflow: string, ...reasons: string[]): Promise<boolean> =>
  poll(
    `Events of ${workflow}`,
    async () => {
      const { items } = await lab.client.list(Event, { namespace: lab.namespace });
      const own = items.filter(({ regarding }) => regarding?.kind === 'Workflow' && regarding.name === workflow);
      const found = new Set(own.map(({ reason }) => reason));
      if (!reasons.every((reason) => found.has(reason))) throw new Error([...found].join(', '));
      return true;
    },
    { timeoutMs: limit },
  );

test('what waits for a node says why, gives its place up while suspended, and what runs goes on', async () => {
  await submit(lab, 'pause', {
    resources,
    tasks: [shell('runs', 'sleep 20'), shell('waits', 'true', { resource: 'huge' })],
  });
  await taskWhen(lab, 'pause', 'runs', ['Running']);
  const waiting = await taskWhen(lab, 'pause', 'waits', ['Scheduling']);
  await edit('pause', { suspend: true });
  await taskThat('pause', 'waits', 'held', ({ status }) => status?.reason === 'Held');
  await poll(
    'its pod to go',
    async () => {
      const names = await podNames();
      if (names.includes(waiting.status?.podName ?? '')) throw new Error(names.join(', '));
      return true;
    },
    { timeoutMs: limit },
  );
  await taskWhen(lab, 'pause', 'runs', ['Completed']);
  await edit('pause', { suspend: null });
  const again = await taskWhen(lab, 'pause', 'waits', ['Scheduling']);
  expect(again.status?.podName).not.toBe(waiting.status?.podName);
  const { status } = await workflowWhen(lab, 'pause', 'says why', (found) => found.status?.reason === 'Queued', limit);
  expect(status?.message).toMatch(/^waiting for pool \S+: 900 CPUs asked, [\d.]+ free$/);
  await edit('pause', { cancel: { by: 'ann', reason: 'no such node', force: true } });
  const { workflow, tasks } = await endOf(lab, 'pause', limit);
  expect(workflow.status).toMatchObject({ reason: 'Canceled', message: 'canceled by ann: no such node' });
  expect(tasks.get('runs')?.status?.phase).toBe('Completed');
  await toldBy('pause', 'Started', 'Suspended', 'Resumed', 'Canceled', 'Failed');
}, 600_000);

test('what failed is run again with what depends on it, in pods of its own, and the rest is left alone', async () => {
  await submit(lab, 'again', {
    resources,
    tasks: [
      shell('a', 'true'),
      shell('b', 'case $HOSTNAME in *-0) exit 3;; esac', { inputs: [{ task: { name: 'a' } }] }),
      shell('c', 'true', { inputs: [{ task: { name: 'b' } }] }),
    ],
  });
  const first = await endOf(lab, 'again', limit);
  expect(first.workflow.status).toMatchObject({
    phase: 'Failed',
    taskCounts: { completed: 1, failed: 1, upstream: 1 },
  });
  await edit('again', { restart: { id: 'one', by: 'ann' } });
  const isDone = ({ status }: Workflow): boolean => status?.run === 1 && status.phase === 'Completed';
  await workflowWhen(lab, 'again', 'completed in its second run', isDone, limit);
  const tasks = new Map((await tasksOf(lab, 'again')).map((task) => [task.spec.taskName, task]));
  expect(tasks.get('a')?.metadata.uid).toBe(first.tasks.get('a')?.metadata.uid);
  expect(tasks.get('a')?.status?.attempt).toBe(0);
  expect(tasks.get('b')?.status).toMatchObject({
    run: 1,
    attempt: 1,
    phase: 'Completed',
    attempts: [{ cause: 'Restart' }],
  });
  await toldBy('again', 'Failed', 'Restarted', 'Completed');
}, 600_000);

test('a canceled workflow leaves nothing running', async () => {
  const peer = (name: string, lead: boolean) => ({ ...shell(name, 'trap "exit 0" TERM; sleep 300 & wait'), lead });
  await submit(lab, 'cancel', {
    resources,
    groups: [
      { name: 'g', tasks: [peer('x', true), peer('y', false)] },
      { name: 'h', tasks: [shell('z', 'true', { inputs: [{ task: { name: 'x' } }] })] },
    ],
  });
  await taskWhen(lab, 'cancel', 'y', ['Running']);
  await edit('cancel', { cancel: { by: 'ann' } });
  const { workflow, tasks } = await endOf(lab, 'cancel', limit);
  expect(workflow.status).toMatchObject({ reason: 'Canceled', taskCounts: { total: 3, failed: 3 } });
  expect([...tasks.keys()].toSorted()).toEqual(['x', 'y']);
  await poll(
    'no container of it to run',
    async () => {
      const running = (await podsOf(lab)).filter(
        ({ metadata, status }) => metadata.labels?.['osmo.workflow_id'] === 'cancel' && status?.phase === 'Running',
      );
      if (running.length > 0) throw new Error(running.map(({ metadata }) => metadata.name).join(', '));
      return true;
    },
    { timeoutMs: limit },
  );
}, 600_000);
