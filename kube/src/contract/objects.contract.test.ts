import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAlreadyExists, isConflict, isInvalid, isNotFound } from '../client/errors.ts';
import { ConfigMap, Secret } from '../client/kinds/core.ts';
import { Lease } from '../client/kinds/cluster.ts';
import { Pod } from '../client/kinds/pod.ts';
import { metadataOf } from '../client/resource.ts';
import type { KubeClient } from '../client/types.ts';
import { eventually, servers, type ServerUnderTest, Widget } from './servers.ts';
import { failureOf } from '../testing/failure.ts';

describe.each(servers)('objects on %s', (_name, start) => {
  let server: ServerUnderTest;
  let client: KubeClient;
  let namespace: string;
  beforeAll(async () => {
    server = await start();
    ({ client, namespace } = server);
  });
  afterAll(() => server.stop());

  const map = (name: string, data: Record<string, string> = {}): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data,
  });
  const widget = (name: string, extra: Partial<Widget> = {}): Widget => ({
    apiVersion: 'contract.example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace },
    ...extra,
  });

  describe('create', () => {
    test('gives identity, version and time', async () => {
      const { metadata, data } = await client.create(ConfigMap, map('created', { a: '1' }), { fieldManager: 'me' });
      expect(data).toEqual({ a: '1' });
      expect(metadata).toMatchObject({ name: 'created', namespace });
      expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(metadata.resourceVersion).toMatch(/^\d+$/);
      expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(metadata.generation).toBeUndefined();
      expect(metadata.managedFields).toMatchObject([
        { manager: 'me', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:a': {} } } },
      ]);
    });

    test('makes names', async () => {
      const made = await client.create(ConfigMap, {
        ...map(''),
        metadata: { name: '', generateName: 'x-', namespace },
      });
      expect(made.metadata.name).toMatch(/^x-[a-z0-9]{5}$/);
    });

    test('a second time is AlreadyExists', async () => {
      await client.create(ConfigMap, map('twice'));
      const error = await failureOf(client.create(ConfigMap, map('twice')));
      expect(isAlreadyExists(error)).toBe(true);
      expect(isConflict(error)).toBe(false);
      expect(error.message).toBe('configmaps "twice" already exists');
      expect(error.details).toMatchObject({ name: 'twice', kind: 'configmaps' });
    });

    test('without a name is Invalid, and says which field', async () => {
      const error = await failureOf(client.create(ConfigMap, map('')));
      expect(isInvalid(error)).toBe(true);
      expect(error.details?.causes).toMatchObject([{ field: 'metadata.name' }]);
    });

    test('with a wrong name is Invalid', async () => {
      const error = await failureOf(client.create(ConfigMap, map('Wrong_Name')));
      expect(isInvalid(error)).toBe(true);
      expect(error.message).toContain('a lowercase RFC 1123 subdomain');
    });

    test('in a missing namespace is NotFound, of the namespace', async () => {
      const lost = { ...map('a'), metadata: { name: 'a', namespace: 'nowhere' } };
      const error = await failureOf(client.create(ConfigMap, lost));
      expect(isNotFound(error)).toBe(true);
      expect(error.message).toBe('namespaces "nowhere" not found');
    });

    test('a dry run stores nothing', async () => {
      const dry = await client.create(ConfigMap, map('dry'), { dryRun: true });
      expect(dry.metadata.uid).toBeDefined();
      expect(isNotFound(await failureOf(client.get(ConfigMap, { name: 'dry', namespace })))).toBe(true);
    });

    test('an unknown kind is a 404 without details', async () => {
      const unknown = { ...Widget, plural: 'gadgets' };
      const error = await failureOf(client.list(unknown, { namespace }));
      expect(error.status).toBe(404);
    });

    test('the text of a secret is stored as data', async () => {
      const secret: Secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's', namespace },
        stringData: { a: 'ä' },
      };
      const stored = await client.create(Secret, secret);
      expect(stored.data).toEqual({ a: Buffer.from('ä').toString('base64') });
      expect(stored.stringData).toBeUndefined();
      expect(stored.type).toBe('Opaque');
    });
  });

  describe('replace', () => {
    test('at the current version stores and moves the version on', async () => {
      const created = await client.create(ConfigMap, map('replaced', { a: '1' }));
      const stored = await client.replace(ConfigMap, { ...created, data: { a: '2' } });
      expect(stored.data).toEqual({ a: '2' });
      expect(BigInt(stored.metadata.resourceVersion ?? 0)).toBeGreaterThan(
        BigInt(created.metadata.resourceVersion ?? 0),
      );
    });

    test('at an old version is a conflict', async () => {
      const created = await client.create(ConfigMap, map('stale', { a: '1' }));
      await client.replace(ConfigMap, { ...created, data: { a: '2' } });
      const error = await failureOf(client.replace(ConfigMap, { ...created, data: { a: '3' } }));
      expect(isConflict(error)).toBe(true);
      expect(error.message).toContain('the object has been modified');
    });

    test('with nothing new keeps the version', async () => {
      const created = await client.create(ConfigMap, map('same', { a: '1' }), { fieldManager: 'me' });
      const again = await client.replace(ConfigMap, created, { fieldManager: 'me' });
      expect(again.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    });

    test('without a version is taken by built-in kinds and refused by custom ones', async () => {
      await client.create(ConfigMap, map('blind'));
      expect((await client.replace(ConfigMap, map('blind', { b: '1' }))).data).toEqual({ b: '1' });
      await client.create(Widget, widget('blind'));
      const error = await failureOf(client.replace(Widget, widget('blind')));
      expect(isInvalid(error)).toBe(true);
      expect(error.message).toContain('metadata.resourceVersion');
    });

    test('with another UID is a conflict', async () => {
      const created = await client.create(ConfigMap, map('other-uid'));
      const { resourceVersion: _, ...metadata } = created.metadata;
      const other = { ...created, metadata: { ...metadata, uid: '00000000-0000-0000-0000-000000000000' } };
      expect(isConflict(await failureOf(client.replace(ConfigMap, other)))).toBe(true);
    });

    test('of what is not there is NotFound', async () => {
      const error = await failureOf(client.replace(ConfigMap, map('absent')));
      expect(isNotFound(error)).toBe(true);
      expect(error.message).toBe('configmaps "absent" not found');
    });
  });

  describe('patch', () => {
    test('merge: sets, keeps, removes', async () => {
      await client.create(ConfigMap, map('merged', { a: '1', b: '2' }));
      const body = { data: { b: null, c: '3' } };
      const patched = await client.patch(ConfigMap, { name: 'merged', namespace }, { kind: 'merge', body });
      expect(patched.data).toEqual({ a: '1', c: '3' });
    });

    test('merge at an old version is a conflict', async () => {
      const { metadata } = await client.create(ConfigMap, map('merge-stale'));
      const ref = { name: 'merge-stale', namespace };
      await client.patch(ConfigMap, ref, { kind: 'merge', body: { data: { a: '1' } } });
      const body = { metadata: { resourceVersion: metadata.resourceVersion }, data: { a: '2' } };
      expect(isConflict(await failureOf(client.patch(ConfigMap, ref, { kind: 'merge', body })))).toBe(true);
    });

    test('json: operations in order, with a test', async () => {
      await client.create(ConfigMap, map('jsoned', { a: '1' }));
      const ref = { name: 'jsoned', namespace };
      const patched = await client.patch(ConfigMap, ref, {
        kind: 'json',
        body: [
          { op: 'test', path: '/data/a', value: '1' },
          { op: 'move', from: '/data/a', path: '/data/b' },
          { op: 'add', path: '/data/d', value: '4' },
        ],
      });
      expect(patched.data).toEqual({ b: '1', d: '4' });
      const stale = await failureOf(
        client.patch(ConfigMap, ref, { kind: 'json', body: [{ op: 'test', path: '/data/d', value: '5' }] }),
      );
      expect(stale.status).toBe(422);
    });

    test('strategic: lists of built-in kinds merge by key', async () => {
      const containers = [{ name: 'a', image: 'x' }];
      await client.create(Pod, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'strategic', namespace },
        spec: { containers },
      });
      const patched = await client.patch(
        Pod,
        { name: 'strategic', namespace },
        { kind: 'strategic', body: { spec: { containers: [{ name: 'a', image: 'y' }] } } },
      );
      expect(patched.spec.containers).toMatchObject([{ name: 'a', image: 'y' }]);
    });

    test('strategic is unknown to custom kinds', async () => {
      await client.create(Widget, widget('strategic'));
      const patch = { kind: 'strategic' as const, body: { spec: {} } };
      expect((await failureOf(client.patch(Widget, { name: 'strategic', namespace }, patch))).status).toBe(415);
    });

    test('can answer with metadata only', async () => {
      await client.create(ConfigMap, map('brief'));
      const patch = { kind: 'merge' as const, body: { data: { a: '1' } } };
      const patched = await client.patch(metadataOf(ConfigMap), { name: 'brief', namespace }, patch);
      expect(Object.keys(patched).toSorted()).toEqual(['apiVersion', 'kind', 'metadata']);
      expect(patched).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'brief' } });
    });
  });

  describe('subresources', () => {
    test('status and the rest are apart, generation counts the rest', async () => {
      const created = await client.create(
        Widget,
        widget('apart', { spec: { color: 'red' }, status: { phase: 'Early' } }),
      );
      expect(created.status).toBeUndefined();
      expect(created.metadata.generation).toBe(1);
      const both = { ...created, spec: { color: 'blue' }, status: { phase: 'Ready' } };
      const byStatus = await client.replace(Widget, both, { subresource: 'status' });
      expect(byStatus).toMatchObject({
        spec: { color: 'red' },
        status: { phase: 'Ready' },
        metadata: { generation: 1 },
      });
      const byMain = await client.replace(Widget, { ...byStatus, spec: { color: 'blue' }, status: { phase: 'No' } });
      expect(byMain).toMatchObject({
        spec: { color: 'blue' },
        status: { phase: 'Ready' },
        metadata: { generation: 2 },
      });
      const labelled = await client.patch(
        Widget,
        { name: 'apart', namespace },
        { kind: 'merge', body: { metadata: { labels: { a: 'b' } } } },
      );
      expect(labelled.metadata.generation).toBe(2);
    });

    test('a kind without status has no /status', async () => {
      await client.create(ConfigMap, map('no-status'));
      const patch = { kind: 'merge' as const, body: {} };
      const error = await failureOf(
        client.patch(ConfigMap, { name: 'no-status', namespace }, patch, { subresource: 'status' }),
      );
      expect(error.status).toBe(404);
    });

    test('scale reads and sets replicas', async () => {
      await client.create(Widget, widget('scaled', { spec: { replicas: 1 } }));
      const ref = { name: 'scaled', namespace };
      expect(await client.getScale(Widget, ref)).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } });
      expect(await client.scale(Widget, ref, 3)).toMatchObject({ spec: { replicas: 3 } });
      expect((await client.get(Widget, ref)).spec?.replicas).toBe(3);
    });

    test('eviction deletes a pod', async () => {
      const spec = { containers: [{ name: 'a', image: 'x' }] };
      await client.create(Pod, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'evicted', namespace }, spec });
      await client.evict({ name: 'evicted', namespace });
      await eventually(async () => {
        const left = await client.list(Pod, { namespace, fieldSelector: 'metadata.name=evicted' });
        return left.items.length === 0;
      });
    });
  });

  test('a Lease without a version is not replaced', async () => {
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'lease', namespace },
      spec: { holderIdentity: 'a' },
    };
    await client.create(Lease, lease);
    expect(isInvalid(await failureOf(client.replace(Lease, lease)))).toBe(true);
  });
});
