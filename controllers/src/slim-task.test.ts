import { expect, test } from '@jest/globals';
import { type Task, type TaskStatus, validateTask } from '@osmo/crds';
import { taskSlimmer } from './slim-task.ts';
import { platform, pool, template, workflow } from './testing/objects.ts';
import { compileGraph } from '@osmo/workflow-spec/graph';
import { rebuildProgress, recentTasks } from './workflow/progress.ts';
import { taskFor } from './workflow/tasks.ts';

const large = 'x'.repeat(20_000);
const owner = workflow({
  labels: { team: 'robots' },
  tasks: [
    template('sim', {
      count: 3,
      args: ['{{index}}', large],
      env: [{ name: 'A', value: large }],
      files: [{ path: '/f', contents: large, base64: false }],
    }),
  ],
});
const { graph } = compileGraph(owner.spec);
if (graph === undefined) throw new Error('no graph');
const context = {
  workflow: owner,
  graph,
  pool: pool({ podTemplate: { spec: { note: large } }, platforms: ['cpu'], defaultPlatform: 'cpu' }),
  platforms: new Map([['cpu', platform({ variables: [{ name: 'V', value: large }] })]]),
};
const status: TaskStatus = {
  phase: 'Failed',
  reason: 'Error',
  exitCode: 3,
  message: 'told to',
  attempt: 2,
  run: 1,
  nodeName: 'n1',
  podName: 'p',
  podUID: 'u',
  imageID: 'busybox@sha256:c',
  startTime: '2026-01-01T12:00:00Z',
  completionTime: '2026-01-01T12:00:09Z',
  attempts: [
    { attempt: 0, cause: 'User', phase: 'Failed', imageID: 'busybox@sha256:a' },
    { attempt: 1, cause: 'Infrastructure', phase: 'Failed' },
  ],
  conditions: [
    {
      type: 'Succeeded',
      status: 'False',
      reason: 'Error',
      message: 'told to',
      lastTransitionTime: '2026-01-01T12:00:09Z',
    },
  ],
};
const tasks = graph.tasks.map((task): Task => {
  const made = taskFor(task, context);
  return { ...made, metadata: { ...made.metadata, uid: `uid-${task.index}`, resourceVersion: '7' }, status };
});

test('what a Task runs is not kept, what it is told and how it fares is', () => {
  const [first] = tasks;
  if (first === undefined) throw new Error('no task');
  const told = {
    ...first,
    spec: { ...first.spec, run: 1, hold: true, cancel: { by: 'me' }, pinnedImage: 'i@sha256:b' },
  };
  const slim = taskSlimmer()(told);
  expect(JSON.stringify(slim).length).toBeLessThan(1500);
  expect(validateTask(slim).filter(({ path }) => path !== 'spec.command')).toEqual([]);
  const { uid, resourceVersion, name, namespace, ownerReferences } = first.metadata;
  expect(slim.metadata).toEqual({ uid, resourceVersion, name, namespace, ownerReferences });
  const { workflow: of, taskName, lead, group, backend, pool: inPool, priority, resources, platform: on } = first.spec;
  expect(slim.spec).toMatchObject({
    ...{ workflow: of, taskName, lead, group, backend, pool: inPool, priority, resources, platform: on },
    ...{ run: 1, hold: true, cancel: { by: 'me' }, pinnedImage: 'i@sha256:b' },
  });
  expect(slim.status).toMatchObject({ phase: 'Failed', reason: 'Error', exitCode: 3, run: 1, imageID: status.imageID });
  expect(slim.status?.attempts?.map(({ imageID }) => imageID)).toEqual(['busybox@sha256:a']);
});

test('a workflow is as far by what is kept as by all of it', () => {
  const slim = tasks.map(taskSlimmer());
  const [whole, kept] = [tasks, slim].map((each) => rebuildProgress(graph, each));
  expect(kept).toEqual(whole);
  expect(kept && recentTasks(kept)).toEqual(whole && recentTasks(whole));
});

test('what Tasks have in common is there once', () => {
  const [a, b] = tasks.map(taskSlimmer());
  expect(a?.metadata.ownerReferences).toBe(b?.metadata.ownerReferences);
  for (const key of ['workflow', 'resources', 'scheduling', 'command'] as const)
    expect(a?.spec[key]).toBe(b?.spec[key]);
  expect(a?.metadata.uid).not.toBe(b?.metadata.uid);
});

test('a Task of another workflow shares nothing that differs', () => {
  const [a, b] = tasks;
  if (a === undefined || b === undefined) throw new Error('no tasks');
  const other = {
    ...b,
    spec: { ...b.spec, pool: 'other', resources: { cpu: 9 }, workflow: { name: 'w2', uid: 'u2' } },
  };
  const slim = taskSlimmer();
  slim(a);
  expect(slim(other).spec).toMatchObject({ pool: 'other', resources: { cpu: 9 }, workflow: { name: 'w2', uid: 'u2' } });
});
