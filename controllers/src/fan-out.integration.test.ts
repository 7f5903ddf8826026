import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { newInformer, silentLogger, systemClock } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Tasks, Workflows } from './kinds.ts';
import { openStage, type Stage } from './testing/hub.ts';

let stage: Stage;
const watching = new AbortController();
/** Most Tasks of a workflow that were there and had not ended, at any time. */
const most = new Map<string, number>();
const active = new Map<string, Set<string>>();

beforeAll(async () => {
  stage = await openStage('fan-out', ({ spec }) => {
    if (spec.command.includes('hang')) return 'hang';
    return spec.args?.includes('fail-2') ? { phase: 'Failed', reason: 'Error', exitCode: 2 } : {};
  });
  // One watch sees the end of a Task before the creation of the one that took its place.
  const { client, lab } = stage;
  const quiet = { clock: systemClock, logger: silentLogger };
  const informer = newInformer({ client, type: Tasks, namespace: lab.namespace, ...quiet });
  informer.onChange(({ old, new: now }) => follow(old, now));
  informer.start(watching.signal);
  await informer.synced;
});

afterAll(async () => {
  watching.abort();
  await stage?.close();
});

function follow(old: Task | undefined, now: Task | undefined): void {
  const task = now ?? old;
  if (task === undefined) return;
  const { name } = task.spec.workflow;
  const set = active.get(name) ?? new Set<string>();
  active.set(name, set);
  const open = now !== undefined && !['Completed', 'Failed'].includes(now.status?.phase ?? 'Pending');
  if (open) set.add(task.metadata.name);
  else set.delete(task.metadata.name);
  most.set(name, Math.max(most.get(name) ?? 0, set.size));
}

const base = { image: 'busybox', command: ['run'] };

test('a sweep of 300, 50 at a time, and a task that gathers all of it', async () => {
  const { client, lab, backend } = stage;
  await lab.submit('sweep', {
    tasks: [
      { ...base, name: 'part', count: 300, maxParallel: 50, args: ['{{index}}/{{count}}'] },
      { ...base, name: 'gather', inputs: [{ task: { name: 'part' } }] },
    ],
  });
  const { status } = await lab.ended('sweep');
  expect(status).toMatchObject({
    phase: 'Completed',
    taskCounts: { total: 301, completed: 301 },
    groupCounts: { total: 301, completed: 301 },
  });
  const order = backend.order.filter((name) => name.startsWith('sweep.'));
  expect(new Set(order).size).toBe(301);
  expect(order.at(-1)).toBe('sweep.gather');
  expect(most.get('sweep')).toBeLessThanOrEqual(50);
  const gather = await client.get(Tasks, { namespace: lab.namespace, name: 'sweep.gather' });
  expect(gather.spec.inputs).toEqual([{ task: { name: 'part' } }]);
  const part = await client.get(Tasks, { namespace: lab.namespace, name: 'sweep.part-299' });
  expect(part.spec).toMatchObject({ args: ['299/300'], fanOut: { name: 'part', index: 299 } });
  expect(part.spec.env).toContainEqual({ name: 'OSMO_INDEX', value: '299' });
});

test('a matrix, and instances that wait for the one of the same index only', async () => {
  const { client, lab } = stage;
  const matrix = [
    { name: 'lr', values: ['fast', 'slow'] },
    { name: 'seed', values: ['1', '2', '3'] },
  ];
  await lab.submit('matrix', {
    tasks: [
      { ...base, name: 'train', matrix, args: ['{{matrix.lr}}', '{{matrix.seed}}', 'fail-{{index}}'] },
      { ...base, name: 'eval', count: 6, inputs: [{ task: { name: 'train', instances: 'Same' } }] },
      { ...base, name: 'report', inputs: [{ task: { name: 'eval' } }] },
    ],
  });
  const { status } = await lab.ended('matrix');
  // train-2 fails: eval-2 does not run, and report neither.
  expect(status).toMatchObject({
    phase: 'Failed',
    taskCounts: { total: 13, completed: 10, failed: 1, upstream: 2, active: 0, waiting: 0 },
  });
  const train = await client.get(Tasks, { namespace: lab.namespace, name: 'matrix.train-5' });
  expect(train.spec.args).toEqual(['slow', '3', 'fail-5']);
  const same = await client.get(Tasks, { namespace: lab.namespace, name: 'matrix.eval-5' });
  expect(same.spec.inputs).toEqual([{ task: { name: 'train-5' } }]);
});

test('a group with count makes gangs, each with its own lead and peers', async () => {
  const { client, lab } = stage;
  const actor = { ...base, name: 'actor', count: 2, args: ['{{host:learner}} {{group_index}}.{{index}}'] };
  await lab.submit('gangs', {
    groups: [{ name: 'train', count: 3, maxParallel: 1, tasks: [{ ...base, name: 'learner', lead: true }, actor] }],
  });
  const { status } = await lab.ended('gangs');
  expect(status).toMatchObject({
    phase: 'Completed',
    taskCounts: { total: 9, completed: 9 },
    groupCounts: { total: 3 },
  });
  expect(most.get('gangs')).toBeLessThanOrEqual(3);
  const { spec } = await client.get(Tasks, { namespace: lab.namespace, name: 'gangs.actor-2-1' });
  expect(spec).toMatchObject({ lead: false, group: { name: 'train-2', size: 3 }, fanOut: { name: 'actor', index: 5 } });
  expect(spec.args).toEqual([`learner-2.${spec.subdomain}.${lab.namespace}.svc.cluster.local 2.1`]);
});

test("the workflow's maxParallel can be raised while it runs", async () => {
  const { client, lab } = stage;
  const name = 'paced';
  const ref = { namespace: lab.namespace, name };
  await lab.submit(name, { maxParallel: 1, tasks: [{ ...base, name: 'hangs', command: ['hang'], count: 10 }] });
  const activeIs = (count: number) =>
    until(
      () => lab.get(name),
      ({ status }) => status?.taskCounts?.active === count,
    );
  await activeIs(1);
  await client.patch(Workflows, ref, { kind: 'merge', body: { spec: { maxParallel: 4 } } });
  await activeIs(4);
  // Our own watch may be behind the status.
  await until(
    () => most.get(name),
    (count) => count === 4,
  );
  expect(most.get(name)).toBe(4);
});
