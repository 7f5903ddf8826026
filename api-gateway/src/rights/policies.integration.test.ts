import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Annotations, type Pool, type Workflow } from '@osmo/crds';
import { createImpersonator, type KubeClient, KubeError, loadAccess, systemClock } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, testKubeconfig, until } from '@osmo/kube/testing';
import { Pools, Workflows } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { enforcePolicy } from '../testing/policies.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
let mine: string;
let others: string;
let impersonator: ReturnType<typeof createImpersonator>;
const undo: (() => Promise<unknown>)[] = [];

const user = (name: string): string => `${name}-${namespace}`;
const as = (name: string): KubeClient => impersonator.as({ user: user(name), groups: ['system:authenticated'] });

const workflow = (name: string, spec: object = {}, metadata: object = {}): Workflow =>
  ({
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace, ...metadata },
    spec: { pool: mine, tasks: [{ name: 'a', image: 'busybox', command: ['true'] }], ...spec },
  }) as unknown as Workflow;
const make = (client: KubeClient, ...given: Parameters<typeof workflow>): Promise<Workflow> =>
  client.create(Workflows, workflow(...given));
const change = (client: KubeClient, name: string, body: object): Promise<Workflow> =>
  client.patch(Workflows, { namespace, name }, { kind: 'merge', body });
/** Status and message of a refusal. */
const refusal = async (attempt: Promise<unknown>): Promise<{ status: number; message: string }> => {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof KubeError) return { status: error.status, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
};

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'policies');
  mine = `${namespace}-mine`;
  others = `${namespace}-others`;
  impersonator = createImpersonator({
    access: await loadAccess({ kubeconfig: testKubeconfig(), clock: systemClock, env: {} }),
    userAgent: 'api-gateway-test',
  });
  const workflows = { apiGroups: ['osmo.dev'], resources: ['workflows'] };
  const editor = { ...workflows, verbs: ['get', 'list', 'create', 'patch', 'update', 'delete'] };
  const pools = { apiGroups: ['osmo.dev'], resources: ['pools'], verbs: ['list', 'get'] };
  const use = { ...pools, verbs: ['use'], resourceNames: [mine] };
  for (const name of ['ada', 'bob']) {
    const subject = { kind: 'User', name: user(name) } as const;
    // oxlint-disable-next-line no-await-in-loop
    undo.push(await grant(admin, user(name), subject, [editor], namespace));
    // oxlint-disable-next-line no-await-in-loop
    undo.push(await grant(admin, user(name), subject, name === 'ada' ? [pools, use] : [pools]));
  }
  for (const name of [mine, others]) {
    const spec = { backend: namespace, platforms: [namespace] };
    const pool = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name }, spec };
    // oxlint-disable-next-line no-await-in-loop
    await admin.create(Pools, pool as unknown as Pool);
    undo.push(() => admin.delete(Pools, { name }));
  }
  undo.push(await enforcePolicy(admin, 'pool-use', namespace), await enforcePolicy(admin, 'submitted-by', namespace));
  // The apiserver reads policies and rights in its own time.
  const tryOut = async (name: string, metadata?: object): Promise<string> => {
    try {
      await as(name).create(Workflows, workflow('try', {}, metadata), { dryRun: true });
      return 'taken';
    } catch (error) {
      return String(error);
    }
  };
  const wrong = { annotations: { [Annotations.submittedBy]: 'x' } };
  await until(
    () => Promise.all([tryOut('ada'), tryOut('bob'), tryOut('ada', wrong)]),
    ([taken, pool, name]) =>
      taken === 'taken' && (pool ?? '').includes('may not use') && (name ?? '').includes('must be who'),
  );
  gateway = await startGateway([`--default-namespace=${namespace}`, '--requests-per-second=1000']);
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await admin.deleteCollection(Workflows, { namespace });
  await Promise.allSettled(undo.map((each) => each()));
  await Promise.all([admin.close(), impersonator.own.close()]);
});

describe('a pool', () => {
  test('takes workflows of those who may use it, and of nobody else', async () => {
    await make(as('ada'), 'of-ada');
    for (const [name, spec] of [
      ['bob', {}],
      ['ada', { pool: others }],
      ['ada', { pool: 'default' }],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop
      const { status, message } = await refusal(make(as(name), `of-${name}`, spec));
      const pool = 'pool' in spec ? spec.pool : mine;
      expect(status).toBe(403);
      expect(message).toContain(`spec.pool: "${pool}": user "${user(name)}" may not use this pool`);
      expect(message).toContain(`a role with the verb use on pools.osmo.dev "${pool}"`);
    }
  });

  test('is asked for by name, also through the gateway, and by what only tries out', async () => {
    const submit = async (who: string, pool: string, query = ''): Promise<[number, string]> => {
      const file = `workflow:\n  name: rest\n  tasks:\n  - { name: a, image: busybox, command: ['true'] }\n`;
      const answer = await gateway.send(`/api/pool/${pool}/workflow${query}`, {
        method: 'POST',
        as: user(who),
        body: JSON.stringify({ file }),
      });
      return [answer.status, await answer.text()];
    };
    for (const query of ['', '?validation_only=true']) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await submit('ada', mine, query)).toEqual([200, expect.any(String)]);
      for (const [who, pool] of [
        ['bob', mine],
        ['ada', others],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop
        const [status, text] = await submit(who, pool, query);
        expect([status, text]).toEqual([403, expect.stringContaining('may not use this pool')]);
      }
    }
  });

  test('is asked for again by what runs more there, and not by what runs less or says nothing about it', async () => {
    await make(as('ada'), 'shared', { maxParallel: 2, suspend: true });
    const bob = as('bob');
    const refused: object[] = [
      { suspend: false },
      { suspend: null },
      { maxParallel: 3 },
      { maxParallel: null },
      { restart: { id: 'again' } },
      { pool: others },
    ];
    for (const spec of refused) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await refusal(change(bob, 'shared', { spec }))).toMatchObject({ status: 403 });
    }
    await change(bob, 'shared', { metadata: { labels: { a: 'b' } }, spec: { maxParallel: 1 } });
    await change(bob, 'shared', { spec: { ttlSecondsAfterFinished: 60 } });
    await change(bob, 'shared', { spec: { cancel: { by: 'bob' } } });
    expect(await refusal(change(bob, 'shared', { spec: { cancel: null } }))).toMatchObject({ status: 403 });
    expect(await refusal(change(as('ada'), 'shared', { spec: { pool: others } }))).toMatchObject({ status: 403 });
    await change(as('ada'), 'shared', { spec: { cancel: null, suspend: false, restart: { id: 'again' } } });
    await bob.delete(Workflows, { namespace, name: 'shared' });
  });
});

describe('who submitted', () => {
  const by = (name: string) => ({ annotations: { [Annotations.submittedBy]: name } });
  test('is who creates it, and nobody else', async () => {
    await make(as('ada'), 'by-ada', {}, by(user('ada')));
    const { status, message } = await refusal(make(as('ada'), 'by-bob', {}, by(user('bob'))));
    expect(status).toBe(403);
    expect(message).toContain(`"${user('bob')}": must be who creates the workflow, "${user('ada')}"`);
    // Who may impersonate: what restores a backup.
    await make(admin, 'restored', {}, by(user('bob')));
  });

  test('stays', async () => {
    await make(as('ada'), 'stays', {}, by(user('ada')));
    await make(admin, 'nobodys');
    const name = (value: string | null) => ({ metadata: { annotations: { [Annotations.submittedBy]: value } } });
    for (const [which, value] of [
      ['stays', user('bob')],
      ['stays', null],
      ['nobodys', user('ada')],
    ] as const) {
      for (const client of [as('ada'), admin]) {
        // oxlint-disable-next-line no-await-in-loop
        const { status, message } = await refusal(change(client, which, name(value)));
        expect([status, message]).toEqual([422, expect.stringContaining("can't be changed after creation")]);
      }
    }
    await change(as('ada'), 'stays', { metadata: { annotations: { other: 'x' } }, spec: { suspend: true } });
  });
});
