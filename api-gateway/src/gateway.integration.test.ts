import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Annotations, type Workflow } from '@osmo/crds';
import { type KubeClient, Namespace, ServiceAccount } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, until } from '@osmo/kube/testing';
import { Pools, Workflows } from './kinds.ts';
import { startGateway, type TestGateway } from './testing/gateway.ts';
import { grant } from './testing/rights.ts';

const minutes = 60_000;
const reader = { apiGroups: ['osmo.dev'], resources: ['workflows', 'tasks'], verbs: ['get', 'list', 'watch'] };
const editor = { apiGroups: ['osmo.dev'], resources: ['workflows'], verbs: ['create', 'patch', 'update', 'delete'] };

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
let other: string;
const undo: (() => Promise<unknown>)[] = [];

async function newNamespace(prefix: string): Promise<string> {
  const { metadata } = await admin.create(Namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: '', generateName: `${prefix}-` },
  });
  undo.push(() => admin.delete(Namespace, { name: metadata.name }));
  return metadata.name;
}

const make = (name: string, at = namespace, extra: object = {}): Promise<Workflow> =>
  admin.create(Workflows, {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace: at, annotations: { [Annotations.submittedBy]: `ada-${namespace}` } },
    spec: {
      pool: namespace,
      labels: { team: 'arms' },
      tasks: [
        { name: 'first', image: 'busybox', command: ['true'] },
        { name: 'second', image: 'busybox', command: ['true'], inputs: [{ task: { name: 'first' } }] },
      ],
      ...extra,
    },
  } as unknown as Workflow);

/** Users of this run only, so that rights of an earlier one don't count. */
const user = (name: string): string => `${name}-${namespace}`;
const json = async (path: string, as: string): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await gateway.send(path, { as: user(as) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../crds/yaml/', import.meta.url));
  namespace = await newNamespace('gateway');
  other = await newNamespace('gateway-other');
  const subject = (name: string) => ({ kind: 'User', name: user(name) }) as const;
  undo.push(await grant(admin, user('ada'), subject('ada'), [reader, editor], namespace));
  undo.push(await grant(admin, user('vera'), subject('vera'), [reader], namespace));
  const pools = { apiGroups: ['osmo.dev'], resources: ['pools'], verbs: ['list'] };
  undo.push(await grant(admin, user('pools'), subject('vera'), [pools]));
  gateway = await startGateway([`--default-namespace=${namespace}`, '--requests-per-second=1000']);
}, 2 * minutes);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
}, 2 * minutes);

describe('reading', () => {
  test('the version needs nobody, everything else does', async () => {
    expect(await (await gateway.send('/api/version')).json()).toMatchObject({ major: '0', minor: '1' });
    const refused = await gateway.send('/api/workflow');
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error_code: 'USER', workflow_id: null });
  });

  test(
    'a workflow is seen by those who may read it, with groups that wait',
    async () => {
      await make('seen');
      const found = await until(
        () => json('/api/workflow/seen', 'vera'),
        ({ status }) => status === 200,
      );
      expect(found.body).toMatchObject({
        name: 'seen',
        submitted_by: user('ada'),
        status: 'PENDING',
        pool: namespace,
        labels: { team: 'arms' },
        groups: [
          { name: 'first-group', status: 'WAITING', downstream_groups: ['second-group'], tasks: [{ name: 'first' }] },
          { name: 'second-group', remaining_upstream_groups: ['first-group'], tasks: [{ name: 'second' }] },
        ],
      });
      expect(found.body['submit_time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      expect(await json('/api/workflow/seen', 'mallory')).toMatchObject({ status: 403, body: { error_code: 'USER' } });
      expect(await json('/api/workflow/nowhere', 'vera')).toMatchObject({
        status: 404,
        body: { error_code: 'NOTFOUND' },
      });
      // Whether it is there is nobody's business either.
      expect(await json('/api/workflow/nowhere', 'mallory')).toMatchObject({ status: 403 });
      const spec = await gateway.send('/api/workflow/seen/spec', { as: user('vera') });
      expect(await spec.text()).toMatch(/^workflow:\n {2}name: seen\n/);
      expect((await gateway.send('/api/workflow/seen/spec', { as: user('mallory') })).status).toBe(403);
    },
    minutes,
  );

  test(
    'a list holds only what the caller may read',
    async () => {
      await Promise.all([make('listed'), make('hidden', other)]);
      const names = async (as: string): Promise<unknown[]> => {
        const { body } = await json('/api/workflow?all_users=True', as);
        return (body['workflows'] as { name: string }[]).map(({ name }) => name);
      };
      await until(
        () => names('vera'),
        (found) => found.includes('listed'),
      );
      expect(await names('vera')).not.toContain(`${other}.hidden`);
      expect(await names('mallory')).toEqual([]);
      expect(await json(`/api/workflow?namespace=${other}`, 'vera')).toMatchObject({ status: 403 });
      expect((await json('/api/workflow', 'vera')).body).toMatchObject({ workflows: [], more_entries: false });
      expect((await json('/api/workflow?limit=1', 'ada')).body).toMatchObject({ more_entries: true });
    },
    minutes,
  );

  test(
    'pools need a right of their own',
    async () => {
      await admin.create(Pools, {
        apiVersion: 'osmo.dev/v1alpha1',
        kind: 'Pool',
        metadata: { name: namespace },
        spec: { backend: namespace, description: 'of a test' },
      } as never);
      undo.push(() => admin.delete(Pools, { name: namespace }));
      const found = await until(
        () => json('/api/pool', 'vera'),
        ({ body }) => JSON.stringify(body['pools'] ?? {}).includes(namespace),
      );
      expect(found.body['pools']).toMatchObject({ [namespace]: { description: 'of a test', status: 'OFFLINE' } });
      expect(await json('/api/pool', 'mallory')).toMatchObject({ status: 403 });
      expect(await json(`/api/pool_quota?pools=${namespace}`, 'vera')).toMatchObject({
        body: { node_sets: [{ pools: [{ name: namespace, resource_usage: { total_usage: '0' } }] }] },
      });
    },
    minutes,
  );
});

describe('watching', () => {
  test('tells of workflows that the caller may read, from where they left', async () => {
    const stop = new AbortController();
    const watch = async (as: string, headers: Record<string, string> = {}) => {
      const path = `/api/watch/workflow?all_users=True`;
      return gateway.send(path, { as: user(as), headers, signal: stop.signal });
    };
    const told = async (response: Response, enough: RegExp): Promise<string> => {
      const body = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!enough.test(text)) {
        // oxlint-disable-next-line no-await-in-loop
        const { done, value } = await body.read();
        if (done) throw new Error(`the stream ended after ${text}`);
        text += value;
      }
      void body.cancel().catch(() => undefined);
      return text;
    };
    await make('watched-1');
    const first = await watch('vera');
    expect(first.headers.get('content-type')).toBe('text/event-stream');
    await make('watched-2');
    const text = await told(first, /"name":"watched-2"[^]*\nid: \d+\n/);
    const version = [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? '';
    await Promise.all([make('watched-3'), make('watched-4', other)]);
    const again = await told(await watch('vera', { 'last-event-id': version }), /"name":"watched-3"/);
    expect(again).not.toMatch(/watched-4|"name":"watched-1"/);
    expect(await told(await watch('mallory'), /event: SYNCED\n.*\n/)).toMatch(/"names":\[\]/);
    stop.abort();
  });
});

describe('canceling', () => {
  test(
    'is a write of the caller: those who may only read are refused, by the apiserver itself',
    async () => {
      await make('stop');
      const cancel = (as: string) =>
        gateway.send('/api/workflow/stop/cancel?force=False&message=enough', { method: 'POST', as: user(as) });
      expect((await cancel('vera')).status).toBe(403);
      expect((await admin.get(Workflows, { name: 'stop', namespace })).spec.cancel).toBeUndefined();
      const done = await cancel('ada');
      expect([done.status, await done.json()]).toEqual([200, { name: 'stop' }]);
      const { spec, metadata } = await admin.get(Workflows, { name: 'stop', namespace });
      expect(spec.cancel).toEqual({ by: user('ada'), reason: 'enough' });
      const managers = (metadata as { managedFields?: { manager: string }[] }).managedFields;
      expect(managers?.map(({ manager }) => manager)).toContain('osmo-api-gateway');
    },
    minutes,
  );
});

describe('who is calling', () => {
  test(
    'a token of a service account is that account, with its rights and no others',
    async () => {
      const ref = { name: 'robot', namespace };
      await admin.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: ref });
      const issued = (await admin.create(
        ServiceAccount,
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: ref, spec: {} } as never,
        { subresource: 'token' },
      )) as unknown as { status: { token: string } };
      const { token } = issued.status;
      const profile = await gateway.send('/api/profile/settings', { token });
      expect(await profile.json()).toMatchObject({ profile: { username: `system:serviceaccount:${namespace}:robot` } });
      expect((await gateway.send('/api/workflow/seen', { token })).status).toBe(403);
      const subject = { kind: 'User', name: `system:serviceaccount:${namespace}:robot` } as const;
      undo.push(await grant(admin, 'robot', subject, [reader], namespace));
      await until(
        () => gateway.send('/api/workflow/seen', { token }),
        ({ status }) => status === 200,
      );
      const text = JSON.stringify(gateway.logger.lines);
      expect(text).not.toContain(token);
      expect((await gateway.send('/api/workflow', { token: `${token}x` })).status).toBe(401);
      // A bad token is not made good by a header beside it.
      expect((await gateway.send('/api/workflow', { token: 'x', as: user('ada') })).status).toBe(401);
    },
    minutes,
  );

  test.each([
    ['system:admin', 401],
    ['', 401],
    ['a b', 401],
    ["robert'); drop", 401],
  ])('the dev name %j is refused', async (name, status) => {
    expect((await gateway.send('/api/workflow', { headers: { 'x-osmo-user': name } })).status).toBe(status);
  });
});
