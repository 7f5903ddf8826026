import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isGone, isTooManyRequests } from '../client/errors.ts';
import { ConfigMap, Namespace } from '../client/kinds/core.ts';
import { Pod } from '../client/kinds/pod.ts';
import type { KubeClient, KubeObject, OwnerReference } from '../client/types.ts';
import { FakeClock } from '../runtime/testing/fake-clock.ts';
import { type FakeApiserver, startFakeApiserver } from './fake-apiserver.ts';
import type { FakeKind } from './kinds.ts';

// What the contract suite can't ask of a real server: faults, compaction at will, garbage collection, the test's own view.

const map = (name: string, extra: Partial<ConfigMap> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  ...extra,
});
const pod = (name: string, nodeName?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'a', image: 'x' }], ...(nodeName && { nodeName }) },
});
const ref = (name: string): { name: string; namespace: string } => ({ name, namespace: 'default' });

let server: FakeApiserver;
let client: KubeClient;
const clock = new FakeClock('2026-01-01T00:00:00Z');
beforeEach(async () => {
  server = await startFakeApiserver({
    clock,
    garbageCollect: true,
    mayEvict: ({ metadata }) => (metadata.name === 'needed' ? 'the budget allows none' : undefined),
  });
  client = server.client({ retry: { baseDelayMs: 1, maxDelayMs: 2 } });
});
afterEach(() => server.close());

describe('compaction', () => {
  test('ends a list that is between pages', async () => {
    for (const name of ['a', 'b', 'c']) server.seed(ConfigMap, map(name));
    const page = await client.list(ConfigMap, { limit: 2 });
    server.seed(ConfigMap, map('d'));
    server.compact();
    const next: unknown = await client
      .list(ConfigMap, { limit: 2, continue: page.metadata.continue })
      .catch((e: unknown) => e);
    expect(isGone(next)).toBe(true);
  });

  test('leaves watches from later versions alone', async () => {
    server.seed(ConfigMap, map('a'));
    server.compact();
    const resourceVersion = String(server.revision);
    server.seed(ConfigMap, map('b'));
    for await (const event of client.watch(ConfigMap, { resourceVersion })) {
      expect(event.object.metadata).toMatchObject({ name: 'b' });
      break;
    }
  });
});

describe('garbage collection', () => {
  const ownedBy = (...owners: KubeObject[]): OwnerReference[] =>
    owners.map(({ apiVersion, kind, metadata }) => ({
      apiVersion,
      kind,
      name: metadata.name,
      uid: metadata.uid ?? '',
    }));
  const owned = (name: string, ...owners: KubeObject[]): ConfigMap =>
    server.seed(ConfigMap, { ...map(name), metadata: { ...ref(name), ownerReferences: ownedBy(...owners) } });

  test('takes what only the deleted one owned, and what that owned', async () => {
    const [one, two] = [server.seed(ConfigMap, map('one')), server.seed(ConfigMap, map('two'))];
    owned('grandchild', owned('child', one));
    owned('shared', one, two);
    await client.delete(ConfigMap, ref('one'));
    expect(server.list(ConfigMap).map((o) => o.metadata.name)).toEqual(['shared', 'two']);
    expect(server.get(ConfigMap, ref('shared'))?.metadata.ownerReferences).toHaveLength(1);
  });

  test('spares what is to be orphaned', async () => {
    owned('child', server.seed(ConfigMap, map('one')));
    await client.delete(ConfigMap, ref('one'), { propagationPolicy: 'Orphan' });
    expect(server.get(ConfigMap, ref('child'))?.metadata.ownerReferences).toBeUndefined();
  });
});

describe('pods', () => {
  test('on a node are given their grace period, and gone when the kubelet says so', async () => {
    server.seed(Pod, pod('p', 'n'));
    const dying = await client.delete(Pod, ref('p'), { gracePeriodSeconds: 10 });
    expect(dying?.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 10,
    });
    expect(await client.delete(Pod, ref('p'), { gracePeriodSeconds: 0 })).toBeUndefined();
    expect(server.get(Pod, ref('p'))).toBeUndefined();
  });

  test('are evicted unless a budget forbids it', async () => {
    server.seed(Pod, pod('needed'));
    server.seed(Pod, pod('other'));
    await client.evict(ref('other'));
    const refused: unknown = await client.evict(ref('needed')).catch((e: unknown) => e);
    expect(isTooManyRequests(refused)).toBe(true);
    expect(server.list(Pod).map((p) => p.metadata.name)).toEqual(['needed']);
    expect(server.requests.map(({ subresource, status }) => `${subresource} ${status}`)).toEqual([
      'eviction 201',
      'eviction 429',
    ]);
  });
});

describe('a namespace', () => {
  test('takes what is in it along', async () => {
    server.addNamespace('team');
    server.seed(ConfigMap, { ...map('a'), metadata: { name: 'a', namespace: 'team' } });
    await client.delete(Namespace, { name: 'team' });
    expect(server.get(Namespace, { name: 'team' })).toBeUndefined();
    expect(server.list(ConfigMap, 'team')).toEqual([]);
  });

  test('waits for finalizers in it', async () => {
    server.addNamespace('team');
    server.seed(ConfigMap, { ...map('a'), metadata: { name: 'a', namespace: 'team', finalizers: ['x.io/hold'] } });
    await client.delete(Namespace, { name: 'team' });
    expect(server.get(Namespace, { name: 'team' })?.metadata.deletionTimestamp).toBeDefined();
    server.update(ConfigMap, { name: 'a', namespace: 'team' }, (o) => delete o.metadata.finalizers);
    expect(server.get(Namespace, { name: 'team' })).toBeUndefined();
  });
});

describe("a test's own hands", () => {
  test('may store and change status directly', () => {
    server.seed(Pod, { ...pod('p'), status: { phase: 'Running' } });
    const changed = server.update(Pod, ref('p'), (p) => {
      p.status = { phase: 'Succeeded' };
      p.metadata.labels = { a: 'b' };
    });
    expect(changed).toMatchObject({ status: { phase: 'Succeeded' }, metadata: { labels: { a: 'b' } } });
  });

  test('do not appear among the requests, clients do', async () => {
    server.seed(ConfigMap, map('a'));
    await client.get(ConfigMap, ref('a'));
    await client.apply(ConfigMap, map('b'), { fieldManager: 'me' });
    await client.apply(ConfigMap, map('c'), { fieldManager: 'me', dryRun: true });
    expect(server.requests).toHaveLength(3);
    expect(server.writes).toMatchObject([
      { verb: 'apply', resource: 'configmaps', name: 'b', manager: 'me', status: 201 },
    ]);
  });

  test('may add rules to a kind', async () => {
    const kind: FakeKind = {
      type: ConfigMap,
      validate: (o) =>
        (o as ConfigMap).data ? [] : [{ field: 'data', reason: 'FieldValueRequired', message: 'Required value' }],
    };
    server.register(kind);
    await expect(client.create(ConfigMap, map('a'))).rejects.toMatchObject({
      status: 422,
      message: 'ConfigMap "a" is invalid: data: Required value',
      details: { causes: [{ field: 'data', reason: 'FieldValueRequired', message: 'Required value' }] },
    });
  });
});

describe('faults', () => {
  test('strike the requests they are meant for, as often as they are meant to', async () => {
    const fault = server.inject({
      on: ({ verb, name }) => verb === 'get' && name === 'a',
      skip: 1,
      times: 1,
      effect: { respond: { status: 403, reason: 'Forbidden', message: 'not now' } },
    });
    server.seed(ConfigMap, map('a'));
    await client.get(ConfigMap, ref('a'));
    await expect(client.get(ConfigMap, ref('a'))).rejects.toMatchObject({ status: 403, message: 'not now' });
    await client.get(ConfigMap, ref('a'));
    expect(fault.hits).toBe(1);
  });

  test('are over when they are removed', async () => {
    const fault = server.inject({ times: Number.POSITIVE_INFINITY, effect: { respond: { status: 403 } } });
    await expect(client.list(ConfigMap)).rejects.toMatchObject({ status: 403 });
    fault.remove();
    await client.list(ConfigMap);
  });
});
