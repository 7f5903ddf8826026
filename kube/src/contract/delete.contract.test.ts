import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isConflict, isInvalid, isNamespaceTerminating, isNotFound } from '../client/errors.ts';
import { ConfigMap, Namespace } from '../client/kinds/core.ts';
import { Pod } from '../client/kinds/pod.ts';
import type { KubeClient } from '../client/types.ts';
import { servers, type ServerUnderTest, Widget } from './servers.ts';
import { failureOf } from '../testing/failure.ts';

describe.each(servers)('deleting on %s', (_name, start) => {
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

  describe('delete', () => {
    test('without finalizers it is gone at once', async () => {
      await client.create(ConfigMap, map('deleted'));
      const ref = { name: 'deleted', namespace };
      expect(await client.delete(ConfigMap, ref)).toBeUndefined();
      expect(isNotFound(await failureOf(client.delete(ConfigMap, ref)))).toBe(true);
    });

    test('a pod that never ran is gone at once too', async () => {
      const spec = { containers: [{ name: 'a', image: 'x' }] };
      await client.create(Pod, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', namespace }, spec });
      expect(await client.delete(Pod, { name: 'pod', namespace })).toBeUndefined();
    });

    test('preconditions are kept', async () => {
      const { metadata } = await client.create(ConfigMap, map('guarded'));
      const ref = { name: 'guarded', namespace };
      const other = await failureOf(client.delete(ConfigMap, ref, { uid: '00000000-0000-0000-0000-000000000000' }));
      expect(isConflict(other)).toBe(true);
      expect(isConflict(await failureOf(client.delete(ConfigMap, ref, { resourceVersion: '1' })))).toBe(true);
      const { uid, resourceVersion } = metadata;
      expect(await client.delete(ConfigMap, ref, { uid, resourceVersion })).toBeUndefined();
    });

    test('a finalizer holds the object until it is taken off', async () => {
      const finalizers = ['contract.example.com/hold'];
      const created = await client.create(Widget, {
        ...widget('held'),
        metadata: { name: 'held', namespace, finalizers },
      });
      const ref = { name: 'held', namespace };
      const held = await client.delete(Widget, ref);
      expect(held?.metadata).toMatchObject({ uid: created.metadata.uid, deletionGracePeriodSeconds: 0, generation: 2 });
      expect(held?.metadata.deletionTimestamp).toMatch(/Z$/);
      const again = await client.delete(Widget, ref);
      expect(again?.metadata.resourceVersion).toBe(held?.metadata.resourceVersion);
      const more = { metadata: { finalizers: [...finalizers, 'contract.example.com/more'] } };
      expect(isInvalid(await failureOf(client.patch(Widget, ref, { kind: 'merge', body: more })))).toBe(true);
      await client.patch(Widget, ref, { kind: 'merge', body: { metadata: { finalizers: null } } });
      expect(isNotFound(await failureOf(client.get(Widget, ref)))).toBe(true);
    });

    test('a collection is deleted by selector', async () => {
      for (const name of ['c1', 'c2', 'c3']) {
        const labels = { group: name === 'c3' ? 'kept' : 'gone' };
        await client.create(Widget, { ...widget(name), metadata: { name, namespace, labels } });
      }
      await client.deleteCollection(Widget, { namespace, labelSelector: 'group=gone' });
      const left = await client.list(Widget, { namespace, labelSelector: 'group' });
      expect(left.items.map((item) => item.metadata.name)).toEqual(['c3']);
    });

    test('in a namespace that ends nothing can be created', async () => {
      const name = `${namespace}-ending`;
      const holding = { name: 'a', namespace: name, finalizers: ['contract.example.com/hold'] };
      await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await client.create(ConfigMap, { ...map('a'), metadata: holding });
      await client.delete(Namespace, { name });
      const error = await failureOf(
        client.create(ConfigMap, { ...map('b'), metadata: { name: 'b', namespace: name } }),
      );
      expect(isNamespaceTerminating(error)).toBe(true);
      const body = { metadata: { finalizers: null } };
      await client.patch(ConfigMap, { name: 'a', namespace: name }, { kind: 'merge', body });
    });
  });
});
