import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Workflow, WorkflowSpecInput } from '@osmo/crds';
import { testKubeconfig, until } from '@osmo/kube/testing';
import { parse } from 'yaml';
import { Tasks, Workflows } from '../../controllers/src/kinds.ts';
import { openStage, type Stage } from '../../controllers/src/testing/hub.ts';
import { obtain } from '../cluster/components/obtain.ts';
import { components } from '../cluster/components/table.ts';
import { run, type RunResult } from '../cluster/system/run.ts';
import { type Health, healthOf } from './lua.ts';

/* What Argo CD by the health check of docs/argo-cd.md, and kubectl wait, make of what the controllers say of workflows. */

const page = readFileSync(new URL('../../docs/argo-cd.md', import.meta.url), 'utf8');
const [, block = ''] = /```yaml\n(data:\n {2}resource\.customizations\.health[\s\S]*?)```/.exec(page) ?? [];
const { data } = parse(block) as { data: Record<string, string> };
const check = data['resource.customizations.health.osmo.dev_Workflow'] ?? '';

let stage: Stage;
let lab: Stage['lab'];
let kubectl: string;

const task = (name: string, command: string) => ({ name, image: 'busybox', command: [command] });

beforeAll(async () => {
  kubectl = await obtain(components.kubectl, () => undefined);
  stage = await openStage('health', ({ spec }) => {
    if (spec.command.includes('hang')) return 'hang';
    if (!spec.command.includes('fail-0') || (spec.run ?? 0) > 0) return {};
    return { phase: 'Failed', reason: 'Error', exitCode: 3, message: 'told "to"' };
  });
  ({ lab } = stage);
});
afterAll(() => stage?.close());

const edit = (name: string, change: Partial<WorkflowSpecInput> | object): Promise<Workflow> =>
  stage.client.patch(Workflows, { namespace: lab.namespace, name }, { kind: 'merge', body: { spec: change } });
const health = async (name: string): Promise<Health> => healthOf(check, await lab.get(name));
/** Once the controllers have said what leads to it. */
const becomes = (name: string, status: string, message: RegExp): Promise<Health> =>
  until(
    () => health(name),
    (found) => found.status === status && message.test(found.message),
  );
/** Does something while the controllers are away, so that what the API has is what was there before. */
async function withoutHub(action: () => Promise<void>): Promise<void> {
  await stage.hub.stop();
  try {
    await action();
  } finally {
    stage.hub.start();
  }
}
const wait = (name: string, condition: string, timeout: string): Promise<RunResult> =>
  run(
    kubectl,
    [
      `--kubeconfig=${testKubeconfig()}`,
      `--namespace=${lab.namespace}`,
      'wait',
      `wf/${name}`,
      `--for=condition=${condition}`,
      `--timeout=${timeout}`,
    ],
    { allowFailure: true },
  );
const met = (name: string) => ({ code: 0, stdout: `workflow.osmo.dev/${name} condition met\n` });
const notMet = { code: 1, stderr: expect.stringContaining('timed out waiting for the condition') };

describe('the health check', () => {
  test('of a workflow that nobody has looked at yet, and of one that is over by then', async () => {
    await withoutHub(async () => {
      await lab.submit('new', { tasks: [task('a', 'run')] });
      expect(await health('new')).toEqual({ status: 'Progressing', message: 'Waiting for the controllers' });
    });
    await becomes('new', 'Healthy', /^Completed$/);
  });

  test('of one that waits for its pool, that runs, and that is being deleted', async () => {
    await lab.submit('waits', { tasks: [task('a', 'hang')], pool: `${lab.namespace}-later` });
    await becomes('waits', 'Progressing', /later/);
    await edit('waits', { pool: lab.namespace });
    await until(
      () => stage.client.get(Tasks, { namespace: lab.namespace, name: 'waits.a' }),
      ({ status }) => status?.phase === 'Running',
    );
    await becomes('waits', 'Progressing', /^Running$/);
    const finalizers = { metadata: { finalizers: ['osmo.test/kept'] } };
    const patch = (body: object) =>
      stage.client.patch(Workflows, { namespace: lab.namespace, name: 'waits' }, { kind: 'merge', body });
    await patch(finalizers);
    await stage.client.delete(Workflows, { namespace: lab.namespace, name: 'waits' });
    // Argo CD doesn't ask for the health of what is being deleted; it would get what was there before.
    expect((await lab.get('waits')).metadata.deletionTimestamp).toBeDefined();
    expect((await health('waits')).status).toBe('Progressing');
    await patch({ metadata: { finalizers: null } });
  });

  test('of one that is suspended, from the start and on its way, and goes on', async () => {
    await lab.submit('pause', { tasks: [task('a', 'hang')], suspend: true });
    await becomes('pause', 'Suspended', /^spec\.suspend is set/);
    await withoutHub(async () => {
      await edit('pause', { suspend: null });
      expect(await health('pause')).toEqual({
        status: 'Progressing',
        message: 'Waiting for the controllers to see the change',
      });
    });
    await becomes('pause', 'Progressing', /^Running$/);
    await edit('pause', { suspend: true });
    await becomes('pause', 'Suspended', /^spec\.suspend is set/);
    await edit('pause', { cancel: { by: 'ann', reason: 'wrong data' } });
    await becomes('pause', 'Degraded', /^Canceled: canceled by ann: wrong data$/);
  });

  test('of one that can never run', async () => {
    const needs = { ...task('a', 'run'), inputs: [{ task: { name: 'nobody' } }] };
    await lab.submit('never', { tasks: [needs] });
    await becomes('never', 'Degraded', /^InvalidSpec: .*nobody/);
  });

  test('of one that failed, is run again and completes, and is told to run again for nothing', async () => {
    await lab.submit('again', { tasks: [task('a', 'fail-0')] });
    await becomes('again', 'Degraded', /^Error: 1 of 1 groups failed; task "a": Error \(exit code 3\): told "to"$/);
    await withoutHub(async () => {
      await edit('again', { restart: { id: 'one' } });
      expect(await health('again')).toEqual({ status: 'Progressing', message: 'Waiting for the restart' });
      await edit('again', { cancel: {} });
      // A canceled workflow is run again only when that is taken back.
      expect((await health('again')).status).toBe('Degraded');
      await edit('again', { cancel: null });
    });
    await becomes('again', 'Healthy', /^Completed$/);
    expect((await lab.get('again')).status).toMatchObject({ run: 1, restartID: 'one' });
    await edit('again', { restart: { id: 'two', tasks: ['nobody'] } });
    await until(
      () => lab.get('again'),
      ({ status }) => status?.restartID === 'two',
    );
    expect(await health('again')).toEqual({ status: 'Healthy', message: 'Completed' });
  });

  test('that is not the one of the page would be told: the text is Lua 5.1, and fails on what it was not written for', () => {
    expect(() => healthOf('return 7 // 2', {})).toThrow(/unexpected symbol/);
    expect(() => healthOf(check, { metadata: {}, status: { conditions: [] } })).toThrow(/nil value/);
  });
});

describe('kubectl wait', () => {
  test('takes the end of a run for none of the run that was asked for, whatever comes of it', async () => {
    await lab.submit('rerun', { tasks: [task('a', 'fail-0')] });
    await lab.ended('rerun');
    expect(await wait('rerun', 'Succeeded=False', '180s')).toMatchObject(met('rerun'));
    await withoutHub(async () => {
      await edit('rerun', { restart: { id: 'one' } });
      expect(await wait('rerun', 'Succeeded=False', '2s')).toMatchObject(notMet);
    });
    expect(await wait('rerun', 'Succeeded', '180s')).toMatchObject(met('rerun'));
    // A request that can't take place is seen, too, and nothing else changes.
    await edit('rerun', { restart: { id: 'two', tasks: ['nobody'] } });
    expect(await wait('rerun', 'Succeeded', '180s')).toMatchObject(met('rerun'));
  });

  test('finds the end of a workflow that was changed afterwards', async () => {
    await lab.submit('kept', { tasks: [task('a', 'run')] });
    await lab.ended('kept');
    const { metadata } = await edit('kept', { ttlSecondsAfterFinished: 100_000 });
    expect(await wait('kept', 'Succeeded', '180s')).toMatchObject(met('kept'));
    const { status } = await lab.get('kept');
    expect(status).toMatchObject({ phase: 'Completed', observedGeneration: metadata.generation });
  });
});
