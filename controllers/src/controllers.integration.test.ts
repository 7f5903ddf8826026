import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import { Event, findCondition, isNotFound, Lease } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Backends, Platforms, Pools, Tasks, Workflows } from './kinds.ts';
import { fanOut } from './testing/graphs.ts';
import { openStage, type Stage } from './testing/hub.ts';

let stage: Stage;
let client: Stage['client'];
let lab: Stage['lab'];
let hub: Stage['hub'];
let backend: Stage['backend'];

/** The command says what becomes of the task. */
const fails = 'fail';
const task = (name: string, ...needs: string[]) => ({
  name,
  image: 'busybox',
  command: ['run'],
  ...(needs.length > 0 && { inputs: needs.map((each) => ({ task: { name: each } })) }),
});

beforeAll(async () => {
  stage = await openStage('hub', ({ spec }) => {
    if (spec.command.includes('hang')) return 'hang';
    return spec.command.includes(fails) ? { phase: 'Failed', reason: 'Error', exitCode: 3, message: 'told to' } : {};
  });
  ({ client, lab, hub, backend } = stage);
});

afterAll(() => stage?.close());

describe('a workflow on a real apiserver', () => {
  test('runs a diamond in the order of its inputs', async () => {
    await lab.submit('diamond', {
      tasks: [task('end', 'left', 'right'), task('left', 'start'), task('right', 'start'), task('start')],
    });
    const { status } = await lab.ended('diamond');
    expect(status).toMatchObject({
      phase: 'Completed',
      taskCounts: { total: 4, completed: 4, waiting: 0, active: 0, failed: 0, upstream: 0 },
    });
    const order = backend.order.filter((name) => name.startsWith('diamond.'));
    expect([order[0], order.slice(1, 3).toSorted(), order[3]]).toEqual([
      'diamond.start',
      ['diamond.left', 'diamond.right'],
      'diamond.end',
    ]);
    expect(findCondition(status?.conditions, ConditionTypes.succeeded)).toMatchObject({
      status: 'True',
      reason: 'Completed',
    });
  });

  test('blocks what is downstream of a failure and nothing else', async () => {
    await lab.submit('broken', {
      tasks: [task('a'), { ...task('b', 'a'), command: [fails] }, task('c', 'b'), task('d', 'a'), task('e', 'd')],
    });
    const { status } = await lab.ended('broken');
    expect(status).toMatchObject({
      phase: 'Failed',
      reason: 'Error',
      message: '1 of 5 groups failed, 1 did not run since they need them; task "b": Error (exit code 3): told to',
      taskCounts: { completed: 3, failed: 1, upstream: 1 },
    });
    const events = await until(
      async () =>
        (await client.list(Event, { namespace: lab.namespace })).items.filter(
          // What it waits for is told on a busy machine.
          ({ regarding, reason }) =>
            regarding?.name === 'broken' && (reason === 'Started' || reason === 'Failed' || reason === 'Completed'),
        ),
      (items) => items.length > 1,
    );
    expect(new Map(events.map(({ reason, type }) => [reason, type]))).toEqual(
      new Map([
        ['Started', 'Normal'],
        ['Failed', 'Warning'],
      ]),
    );
  });

  test('of one task costs at most three writes: a Task and two statuses', async () => {
    const before = await hub.writes('workflow');
    await lab.submit('single', { tasks: [task('only')] });
    await lab.ended('single');
    expect((await hub.writes('workflow')) - before).toBeLessThanOrEqual(3);
    expect(backend.ran.get('single.only')).toHaveLength(1);
  });

  test('waits for its pool and runs once that is there', async () => {
    const name = `${lab.namespace}-late`;
    await lab.submit('waiting', { pool: name, tasks: [task('a')] });
    const waiting = await until(
      () => lab.get('waiting'),
      ({ status }) => status?.reason !== undefined,
    );
    expect(waiting.status).toMatchObject({
      phase: 'Pending',
      reason: 'PoolNotFound',
      message: `there is no pool "${name}"`,
    });
    await lab.makePool(name, { platforms: [name], defaultPlatform: name });
    const next = await until(
      () => lab.get('waiting'),
      ({ status }) => status?.reason === 'PlatformNotFound',
    );
    expect(next.status?.message).toContain('there is none of this name');
    await client.create(Platforms, {
      apiVersion: 'osmo.dev/v1alpha1',
      kind: 'Platform',
      metadata: { name },
      spec: { privilegedAllowed: false, hostNetworkAllowed: false },
    });
    expect((await lab.ended('waiting')).status?.phase).toBe('Completed');
    await Promise.all([client.delete(Pools, { name }), client.delete(Platforms, { name })]);
  });

  test('that takes the name of a deleted one never adopts what that one left', async () => {
    await lab.submit('again', { tasks: [{ ...task('a'), command: ['hang'] }] });
    const old = await until(
      () => client.get(Tasks, { namespace: lab.namespace, name: 'again.a' }),
      (found) => found.status?.phase === 'Running',
    );
    await client.delete(Workflows, { namespace: lab.namespace, name: 'again' }, { propagationPolicy: 'Orphan' });
    // Orphaning takes the owner off; put back what a collector that is late would have left.
    const owners = old.metadata.ownerReferences ?? [];
    await until(
      () => client.get(Workflows, { namespace: lab.namespace, name: 'again' }).then(() => false, isNotFound),
      (gone) => gone,
    );
    const orphan = await client.get(Tasks, { namespace: lab.namespace, name: 'again.a' }).catch(() => undefined);
    expect(owners).toHaveLength(1);
    await lab.submit('again', { tasks: [task('a')] });
    if (orphan !== undefined) {
      const { status } = await until(
        () => lab.get('again'),
        (found) => found.status?.message !== undefined,
      );
      expect(status?.message).toMatch(
        /a Task named "again\.a" exists that belongs to no Workflow|of an earlier workflow/,
      );
      await client.delete(Tasks, { namespace: lab.namespace, name: 'again.a' });
    }
    expect((await lab.ended('again')).status?.phase).toBe('Completed');
    const [first, second] = backend.ran.get('again.a') ?? [];
    expect(first).not.toBe(second);
  });

  test('starts a group as a whole and follows its lead', async () => {
    await lab.submit('gang', {
      groups: [
        {
          name: 'train',
          tasks: [
            { ...task('lead'), lead: true },
            { ...task('peer'), command: [fails] },
          ],
        },
        { name: 'report', tasks: [task('sum', 'lead')] },
      ],
    });
    expect((await lab.ended('gang')).status).toMatchObject({
      phase: 'Completed',
      groupCounts: { completed: 2 },
      taskCounts: { completed: 2, failed: 1 },
    });
  });
});

test('controllers that are stopped and started at any point come to the same end, and start no task twice', async () => {
  await lab.submit('restarts', fanOut(120));
  for (let round = 0; round < 8; round++) {
    await hub.stop();
    hub.start();
    const seen = backend.order.length;
    await until(
      async () => backend.order.length > seen + 7 || (await lab.get('restarts')).status?.phase === 'Completed',
      (moved) => moved,
    );
  }
  expect((await lab.ended('restarts')).status).toMatchObject({
    phase: 'Completed',
    taskCounts: { total: 122, completed: 122 },
  });
  const twice = [...backend.ran].filter(([name, uids]) => name.startsWith('restarts.') && uids.length !== 1);
  expect(twice).toEqual([]);
});

describe('what administrators see', () => {
  test('a backend is connected as long as its Lease is renewed, and its pools are ready', async () => {
    const { namespace } = lab;
    const condition = async (type: 'Connected' | 'Ready') => {
      const ref = { name: namespace };
      const { status } = type === 'Connected' ? await client.get(Backends, ref) : await client.get(Pools, ref);
      return findCondition(status?.conditions, type);
    };
    expect(
      await until(
        () => condition('Connected'),
        (found) => found !== undefined,
      ),
    ).toMatchObject({ status: 'False', reason: 'NeverConnected' });
    await client.create(Lease, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: `osmo-backend-${namespace}`, namespace },
      spec: {
        holderIdentity: 'test',
        leaseDurationSeconds: 40,
        renewTime: new Date().toISOString().replace('Z', '000Z'),
      },
    });
    expect(
      await until(
        () => condition('Connected'),
        (found) => found?.status === 'True',
      ),
    ).toMatchObject({ reason: 'Heartbeat' });
    expect(
      await until(
        () => condition('Ready'),
        (found) => found?.status === 'True',
      ),
    ).toMatchObject({ reason: 'Available' });
  });
});
