import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import type { Task, Workflow, WorkflowSpecInput } from '@osmo/crds';
import { Event, findCondition } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Tasks, Workflows } from './kinds.ts';
import { openStage, type Stage } from './testing/hub.ts';

let stage: Stage;
let client: Stage['client'];
let lab: Stage['lab'];
let hub: Stage['hub'];
let backend: Stage['backend'];

/** The command says what becomes of the task; 'fail-0': it fails in its first run. */
const task = (name: string, command: string, ...needs: string[]) => ({
  name,
  image: 'busybox',
  command: [command],
  ...(needs.length > 0 && { inputs: needs.map((each) => ({ task: { name: each } })) }),
});

beforeAll(async () => {
  stage = await openStage('engine', ({ spec }) => {
    const image = { imageID: `docker.io/library/${spec.image}@sha256:${'a'.repeat(64)}` };
    const failure = { phase: 'Failed', reason: 'Error', exitCode: 3, message: 'told to', ...image } as const;
    if (spec.command.includes('hang')) return 'hang';
    if (spec.command.includes('fail')) return failure;
    return spec.command.includes('fail-0') && (spec.run ?? 0) === 0 ? failure : image;
  });
  ({ client, lab, hub, backend } = stage);
});

afterAll(() => stage?.close());

const edit = (name: string, change: Partial<WorkflowSpecInput> | object): Promise<Workflow> =>
  client.patch(Workflows, { namespace: lab.namespace, name }, { kind: 'merge', body: { spec: change } });
const find = (name: string): Promise<Task> => client.get(Tasks, { namespace: lab.namespace, name });
const running = (name: string): Promise<Task> =>
  until(
    () => find(name),
    ({ status }) => status?.phase === 'Running',
  );
const tasksOf = async (workflow: string): Promise<Task[]> =>
  (await client.list(Tasks, { namespace: lab.namespace })).items.filter(({ spec }) => spec.workflow.name === workflow);
/** What a workflow is told to wait for depends on how busy the machine is. */
const waits: ReadonlySet<string | undefined> = new Set(['Admitted', 'Queued', 'Delayed', 'Continued']);

/**
 * Resolves when the Events about a workflow, but for those of waiting, have these reasons, each once; they are sent in the
 * background.
 */
async function toldBy(workflow: string, ...reasons: string[]): Promise<void> {
  const want = JSON.stringify(reasons.toSorted());
  await until(
    async () => (await client.list(Event, { namespace: lab.namespace })).items,
    (items) => {
      const own = items.filter(
        ({ regarding, reason }) => regarding?.kind === 'Workflow' && regarding.name === workflow && !waits.has(reason),
      );
      return JSON.stringify(own.map(({ reason }) => reason).toSorted()) === want;
    },
  );
}

describe('cancel', () => {
  test('ends what runs, creates no more, and says who and why', async () => {
    await lab.submit('cancel', { tasks: [task('a', 'hang'), task('b', 'run', 'a')] });
    await running('cancel.a');
    await edit('cancel', { cancel: { by: 'ann', reason: 'wrong data' } });
    const { status } = await lab.ended('cancel');
    expect(status).toMatchObject({
      phase: 'Failed',
      reason: 'Canceled',
      message: 'canceled by ann: wrong data',
      taskCounts: { total: 2, failed: 2, active: 0, waiting: 0, upstream: 0 },
    });
    expect(findCondition(status?.conditions, ConditionTypes.succeeded)).toMatchObject({ status: 'False' });
    expect((await find('cancel.a')).spec.cancel).toEqual({ by: 'ann', reason: 'wrong data' });
    expect(await tasksOf('cancel')).toHaveLength(1);
    await toldBy('cancel', 'Started', 'Canceled', 'Failed');
  });

  test('that is there from the start lets nothing start', async () => {
    await lab.submit('never', { tasks: [task('a', 'run')], cancel: {} });
    expect((await lab.ended('never')).status).toMatchObject({ reason: 'Canceled', message: 'canceled' });
    expect(await tasksOf('never')).toEqual([]);
  });

  test('while hundreds of Tasks are being created ends all of them', async () => {
    const tasks = Array.from({ length: 250 }, (_, index) => task(`t${index}`, 'hang'));
    await lab.submit('wide', { tasks });
    await until(
      () => tasksOf('wide'),
      (found) => found.length > 20,
    );
    await edit('wide', { cancel: {} });
    const { status } = await lab.ended('wide');
    expect(status).toMatchObject({ reason: 'Canceled', taskCounts: { total: 250, failed: 250 } });
    const phases = new Set((await tasksOf('wide')).map((found) => found.status?.phase));
    expect([...phases]).toEqual(['Failed']);
  });
});

test('suspend holds back what has not started, until it is taken back', async () => {
  await lab.submit('pause', { tasks: [task('a', 'hang'), task('b', 'run')], suspend: true });
  await until(
    () => lab.get('pause'),
    ({ status }) => status?.reason === 'Suspended',
  );
  expect(await tasksOf('pause')).toEqual([]);
  await edit('pause', { suspend: null });
  await running('pause.a');
  await until(
    () => find('pause.b'),
    ({ status }) => status?.phase === 'Completed',
  );
  await edit('pause', { cancel: {} });
  await lab.ended('pause');
  await toldBy('pause', 'Suspended', 'Resumed', 'Started', 'Canceled', 'Failed');
});

describe('restart', () => {
  test('runs again what failed and what depends on it, once for each id, and keeps the rest', async () => {
    await lab.submit('again', { tasks: [task('a', 'run'), task('b', 'fail-0', 'a'), task('c', 'run', 'b')] });
    expect((await lab.ended('again')).status).toMatchObject({ phase: 'Failed', taskCounts: { upstream: 1 } });
    await edit('again', { restart: { id: 'one', by: 'ann' } });
    const { status } = await until(
      () => lab.get('again'),
      (found) => found.status?.phase === 'Completed',
    );
    expect(status).toMatchObject({ run: 1, restartID: 'one', taskCounts: { total: 3, completed: 3 } });
    expect(['again.a', 'again.b', 'again.c'].map((name) => backend.ran.get(name)?.length)).toEqual([1, 2, 1]);
    expect((await find('again.b')).spec).toMatchObject({ run: 1, hold: false, image: 'busybox', command: ['fail-0'] });
    await toldBy('again', 'Started', 'Failed', 'Restarted', 'Completed');
  });

  test('of chosen tasks, pinned, keeps the order of the graph', async () => {
    await lab.submit('chosen', { tasks: [task('a', 'run'), task('b', 'run', 'a'), task('z', 'run')] });
    await lab.ended('chosen');
    const before = backend.order.length;
    await edit('chosen', { restart: { id: 'one', tasks: ['a'], pinned: true } });
    await until(
      () => lab.get('chosen'),
      ({ status }) => status?.run === 1 && status.phase === 'Completed',
    );
    expect(backend.order.slice(before).filter((name) => name.startsWith('chosen.'))).toEqual(['chosen.a', 'chosen.b']);
    expect((await find('chosen.b')).spec.pinnedImage).toBe(`docker.io/library/busybox@sha256:${'a'.repeat(64)}`);
    expect(backend.ran.get('chosen.z')).toHaveLength(1);
  });

  test('happens while other tasks run, and again after a cancellation was taken back', async () => {
    await lab.submit('both', { tasks: [task('a', 'fail-0'), task('b', 'hang')] });
    const other = await running('both.b');
    await until(
      () => find('both.a'),
      ({ status }) => status?.phase === 'Failed',
    );
    await edit('both', { restart: { id: 'one' } });
    await until(
      () => find('both.a'),
      ({ status }) => status?.phase === 'Completed',
    );
    expect((await find('both.b')).metadata.uid).toBe(other.metadata.uid);
    expect((await find('both.b')).spec.run ?? 0).toBe(0);
    await edit('both', { cancel: { by: 'ann' } });
    expect((await lab.ended('both')).status?.reason).toBe('Canceled');
    await edit('both', { cancel: null, restart: { id: 'two' } });
    const again = await until(
      () => find('both.b'),
      ({ status }) => status?.run === 2 && status.phase === 'Running',
    );
    expect(again.spec.cancel).toBeUndefined();
    expect((await lab.get('both')).status).toMatchObject({ run: 2, restartID: 'two' });
    await edit('both', { cancel: {} });
    await lab.ended('both');
  });

  test('survives that the controllers are stopped and started at any point of it', async () => {
    const wide = Array.from({ length: 150 }, (_, index) => task(`t${index}`, 'fail-0', 'first'));
    await lab.submit('crash', { tasks: [task('first', 'run'), ...wide] });
    await lab.ended('crash');
    await edit('crash', { restart: { id: 'one' } });
    for (let round = 0; round < 6; round++) {
      await hub.stop();
      hub.start();
      const seen = backend.order.length;
      await until(
        async () => backend.order.length > seen + 10 || (await lab.get('crash')).status?.phase === 'Completed',
        (moved) => moved,
      );
    }
    const { status } = await until(
      () => lab.get('crash'),
      (found) => found.status?.phase === 'Completed',
    );
    expect(status).toMatchObject({ run: 1, restartID: 'one', taskCounts: { total: 151, completed: 151 } });
    const runs = [...backend.ran].filter(([name]) => name.startsWith('crash.t')).map(([, uids]) => uids.length);
    expect(new Set(runs)).toEqual(new Set([2]));
    expect(backend.ran.get('crash.first')).toHaveLength(1);
  });
});

test('what a Task was created with stays when it is told something', async () => {
  await lab.submit('fixed', { tasks: [task('a', 'hang')] });
  const before = await running('fixed.a');
  await edit('fixed', { cancel: {} });
  await lab.ended('fixed');
  const after = await find('fixed.a');
  expect(after.spec).toEqual({ ...before.spec, run: 0, hold: false, cancel: {} });
  expect(backend.errors).toEqual([]);
});
