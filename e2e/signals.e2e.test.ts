import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { Task, Workflow } from '@osmo/crds';
import { Event } from '@osmo/kube';
import { tagImage } from '../hack/cluster/node/images.ts';
import { layoutOf } from '../hack/cluster/node/layout.ts';
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
import { siteOf } from './harness/site.ts';

let lab: Lab;
const root = join(import.meta.dirname, '..');
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

test('chosen tasks are run again with what depends on them while the rest runs on', async () => {
  await submit(lab, 'subset', {
    resources,
    tasks: [
      shell('rest', 'sleep 3600'),
      shell('a', 'true'),
      shell('b', 'true', { inputs: [{ task: { name: 'a' } }] }),
      shell('other', 'true'),
    ],
  });
  for (const name of ['b', 'other']) await taskWhen(lab, 'subset', name, ['Completed']);
  const before = await taskWhen(lab, 'subset', 'rest', ['Running']);
  await edit('subset', { restart: { id: 'one', by: 'ann', tasks: ['a'] } });
  const isAgain = ({ status }: Task): boolean => status?.run === 1 && status.phase === 'Completed';
  const b = await taskThat('subset', 'b', 'completed in its second run', isAgain);
  const a = await taskThat('subset', 'a', 'completed in its second run', isAgain);
  for (const { status } of [a, b]) expect(status).toMatchObject({ attempt: 1, attempts: [{ cause: 'Restart' }] });
  expect(Date.parse(b.status?.startTime ?? '')).toBeGreaterThanOrEqual(Date.parse(a.status?.completionTime ?? ''));
  const { phase, attempt, podUID, startTime } = before.status ?? {};
  const rest = await taskWhen(lab, 'subset', 'rest', ['Running']);
  expect(rest.status).toMatchObject({ phase, attempt, podUID, startTime });
  expect(rest.status?.run).toBeUndefined();
  const other = await taskWhen(lab, 'subset', 'other', ['Completed']);
  expect(other.status).toMatchObject({ attempt: 0 });
  await edit('subset', { cancel: { by: 'ann', force: true } });
  const { tasks } = await endOf(lab, 'subset', limit);
  const phases = [...tasks].map(([name, { status }]) => `${name} ${status?.phase}`).toSorted();
  expect(phases).toEqual(['a Completed', 'b Completed', 'other Completed', 'rest Failed']);
  await toldBy('subset', 'Restarted', 'Canceled');
}, 600_000);

test('a pinned restart runs the image that ran, although its tag stands for another one by now', async () => {
  const image = 'docker.io/e2e/moves:1';
  // Busybox has no Python: the exit code says which image ran.
  const tasks = [{ ...shell('t', 'if command -v python3; then exit 7; else exit 3; fi'), image }];
  let probes = 0;
  /** Moves the tag, and waits until the kubelet's runtime has heard of it. */
  const pointTo = async (other: string, code: number): Promise<void> => {
    const layout = layoutOf(root, siteOf(process.env).clusterName ?? '');
    await tagImage(layout, `docker.io/library/${other}`, image);
    await poll(
      `${image} to stand for ${other}`,
      async () => {
        const name = `moves-${++probes}`;
        await submit(lab, name, { resources, tasks });
        const { exitCode } = (await endOf(lab, name, limit)).tasks.get('t')?.status ?? {};
        if (exitCode === code) return true;
        throw new Error(`exit code ${exitCode}`);
      },
      { timeoutMs: limit },
    );
  };
  const failedIn = async (run: number): Promise<Task['status']> => {
    const isOver = ({ status }: Workflow): boolean => (status?.run ?? 0) === run && status?.phase === 'Failed';
    await workflowWhen(lab, 'pinned', `failed in run ${run}`, isOver, limit);
    return (await tasksOf(lab, 'pinned'))[0]?.status;
  };
  await pointTo('busybox:latest', 3);
  await submit(lab, 'pinned', { resources, tasks });
  const imageID = expect.stringMatching(/^[^@]+@sha256:[0-9a-f]{64}$/);
  expect(await failedIn(0)).toMatchObject({ exitCode: 3, imageID });
  await pointTo('python:3.11-slim', 7);
  await edit('pinned', { restart: { id: 'one', pinned: true } });
  expect(await failedIn(1)).toMatchObject({ run: 1, exitCode: 3 });
  await edit('pinned', { restart: { id: 'two', pinned: null } });
  expect(await failedIn(2)).toMatchObject({ run: 2, exitCode: 7 });
}, 900_000);

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
