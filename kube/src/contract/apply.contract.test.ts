import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isConflict, type KubeError } from '../client/errors.ts';
import { ConfigMap } from '../client/kinds/core.ts';
import { Pod } from '../client/kinds/pod.ts';
import type { Applied, KubeClient, ObjectRef } from '../client/types.ts';
import { servers, type ServerUnderTest, Widget } from './servers.ts';

describe.each(servers)('server-side apply on %s', (_name, start) => {
  let server: ServerUnderTest;
  let client: KubeClient;
  let namespace: string;
  beforeAll(async () => {
    server = await start();
    ({ client, namespace } = server);
  });
  afterAll(() => server.stop());

  const widget = (name: string, spec: Widget['spec'], metadata: object = {}): Applied<Widget> => ({
    apiVersion: 'contract.example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace, ...metadata },
    ...(spec && { spec }),
  });
  const ref = (name: string): ObjectRef => ({ name, namespace });
  const conflictOf = async (promise: Promise<unknown>): Promise<KubeError> => {
    const error: unknown = await promise.then(
      () => new Error('it did not fail'),
      (e: unknown) => e,
    );
    expect(isConflict(error)).toBe(true);
    return error as KubeError;
  };

  test('creates what is not there, with the fields under the manager', async () => {
    const made = await client.apply(Widget, widget('made', { color: 'red', parts: [{ name: 'a', count: 1 }] }), {
      fieldManager: 'one',
    });
    expect(made.metadata.generation).toBe(1);
    expect(made.metadata.managedFields).toMatchObject([
      {
        manager: 'one',
        operation: 'Apply',
        apiVersion: 'contract.example.com/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:color': {},
            'f:parts': { 'k:{"name":"a"}': { '.': {}, 'f:count': {}, 'f:name': {} } },
          },
        },
      },
    ]);
  });

  test('the same again changes nothing, not even the version', async () => {
    const first = await client.apply(Widget, widget('same', { color: 'red' }), { fieldManager: 'one' });
    const second = await client.apply(Widget, widget('same', { color: 'red' }), { fieldManager: 'one' });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test('fields that are no longer applied go, fields of others stay', async () => {
    await client.apply(Widget, widget('pruned', { color: 'red', options: { a: '1', b: '2' } }), {
      fieldManager: 'one',
    });
    await client.apply(Widget, widget('pruned', { size: 'big' }), { fieldManager: 'two' });
    const after = await client.apply(Widget, widget('pruned', { options: { b: '2' } }), { fieldManager: 'one' });
    expect(after.spec).toEqual({ size: 'big', options: { b: '2' } });
  });

  test('a field that two apply stays until both let go', async () => {
    await client.apply(Widget, widget('shared', { color: 'red', size: 'x' }), { fieldManager: 'one' });
    await client.apply(Widget, widget('shared', { color: 'red' }), { fieldManager: 'two' });
    const one = await client.apply(Widget, widget('shared', { size: 'x' }), { fieldManager: 'one' });
    expect(one.spec).toEqual({ color: 'red', size: 'x' });
    const two = await client.apply(Widget, widget('shared', {}), { fieldManager: 'two' });
    expect(two.spec).toEqual({ size: 'x' });
  });

  test("another's field is a conflict that names field and manager, or is taken by force", async () => {
    await client.apply(Widget, widget('fought', { color: 'red' }), { fieldManager: 'one' });
    const error = await conflictOf(client.apply(Widget, widget('fought', { color: 'blue' }), { fieldManager: 'two' }));
    expect(error.message).toBe('Apply failed with 1 conflict: conflict with "one": .spec.color');
    expect(error.details?.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.color' },
    ]);
    const taken = await client.apply(Widget, widget('fought', { color: 'blue' }), { fieldManager: 'two', force: true });
    expect(taken.spec?.color).toBe('blue');
    const back = await conflictOf(client.apply(Widget, widget('fought', { color: 'red' }), { fieldManager: 'one' }));
    expect(back.message).toContain('conflict with "two"');
  });

  test('what an update changed is in conflict too', async () => {
    const made = await client.apply(Widget, widget('updated', { color: 'red' }), { fieldManager: 'one' });
    await client.replace(Widget, { ...made, spec: { color: 'blue' } }, { fieldManager: 'editor' });
    const error = await conflictOf(client.apply(Widget, widget('updated', { color: 'red' }), { fieldManager: 'one' }));
    expect(error.message).toContain('conflict with "editor"');
  });

  test('keyed lists merge item by item', async () => {
    await client.apply(Widget, widget('keyed', { parts: [{ name: 'a', count: 1 }, { name: 'b' }] }), {
      fieldManager: 'one',
    });
    await client.apply(Widget, widget('keyed', { parts: [{ name: 'c' }, { name: 'a', note: 'n' }] }), {
      fieldManager: 'two',
    });
    const after = await client.apply(Widget, widget('keyed', { parts: [{ name: 'a', count: 2 }] }), {
      fieldManager: 'one',
    });
    expect(after.spec?.parts?.toSorted((x, y) => x.name.localeCompare(y.name))).toEqual([
      { name: 'a', count: 2, note: 'n' },
      { name: 'c' },
    ]);
  });

  test('sets unite, atomic lists are one value', async () => {
    await client.apply(Widget, widget('lists', { tags: ['a', 'b'], steps: ['x'] }), { fieldManager: 'one' });
    await client.apply(Widget, widget('lists', { tags: ['c'] }), { fieldManager: 'two' });
    const after = await client.apply(Widget, widget('lists', { tags: ['b'], steps: ['y'] }), { fieldManager: 'one' });
    expect(after.spec?.tags?.toSorted()).toEqual(['b', 'c']);
    expect(after.spec?.steps).toEqual(['y']);
    await conflictOf(client.apply(Widget, widget('lists', { steps: ['z'] }), { fieldManager: 'two' }));
  });

  test('finalizers and owners merge', async () => {
    await client.apply(Widget, widget('meta', undefined, { finalizers: ['x.io/a'], labels: { a: '1' } }), {
      fieldManager: 'one',
    });
    const both = await client.apply(Widget, widget('meta', undefined, { finalizers: ['x.io/b'], labels: { b: '1' } }), {
      fieldManager: 'two',
    });
    expect(both.metadata.finalizers?.toSorted()).toEqual(['x.io/a', 'x.io/b']);
    const one = await client.apply(Widget, widget('meta', undefined), { fieldManager: 'one' });
    expect(one.metadata.finalizers).toEqual(['x.io/b']);
    expect(one.metadata.labels).toEqual({ b: '1' });
    await client.apply(Widget, widget('meta', undefined), { fieldManager: 'two' });
  });

  test('status has managers of its own', async () => {
    await client.apply(Widget, widget('status', { color: 'red' }), { fieldManager: 'one' });
    const status = {
      phase: 'Ready',
      conditions: [{ type: 'A', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    };
    const body = { ...widget('status', { color: 'blue' }), status } as Applied<Widget>;
    const applied = await client.apply(Widget, body, { fieldManager: 'one', subresource: 'status' });
    expect(applied).toMatchObject({ spec: { color: 'red' }, status: { phase: 'Ready' }, metadata: { generation: 1 } });
    expect(applied.metadata.managedFields?.map((m) => m.subresource ?? 'main').toSorted()).toEqual(['main', 'status']);
    const spec = await client.apply(Widget, widget('status', { color: 'green' }), { fieldManager: 'one' });
    expect(spec).toMatchObject({ spec: { color: 'green' }, status: { phase: 'Ready' }, metadata: { generation: 2 } });
    const phaseOnly = { ...widget('status', undefined), status: { phase: 'Done' } } as Applied<Widget>;
    const last = await client.apply(Widget, phaseOnly, { fieldManager: 'one', subresource: 'status' });
    expect(last.status).toEqual({ phase: 'Done' });
  });

  test('status of what is not there is NotFound', async () => {
    const body = { ...widget('nothing', undefined), status: { phase: 'Done' } } as Applied<Widget>;
    const error: unknown = await client
      .apply(Widget, body, { fieldManager: 'one', subresource: 'status' })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 404 });
  });

  test('at an old version is a conflict', async () => {
    const made = await client.apply(Widget, widget('versioned', { color: 'red' }), { fieldManager: 'one' });
    await client.apply(Widget, widget('versioned', { color: 'blue' }), { fieldManager: 'one' });
    const { resourceVersion } = made.metadata;
    const stale = widget('versioned', { color: 'green' }, { resourceVersion });
    expect((await conflictOf(client.apply(Widget, stale, { fieldManager: 'one' }))).message).toContain(
      'has been modified',
    );
  });

  test('by a UID that is not there any more is a conflict, not a creation', async () => {
    const uid = '00000000-0000-0000-0000-000000000000';
    await conflictOf(client.apply(Widget, widget('by-uid', { color: 'red' }, { uid }), { fieldManager: 'one' }));
  });

  test('a dry run shows the result and stores nothing', async () => {
    await client.apply(Widget, widget('dry', { color: 'red' }), { fieldManager: 'one' });
    const dry = await client.apply(Widget, widget('dry', { color: 'blue' }), { fieldManager: 'one', dryRun: true });
    expect(dry.spec?.color).toBe('blue');
    expect((await client.get(Widget, ref('dry'))).spec?.color).toBe('red');
  });

  test('built-in kinds have lists by key', async () => {
    const pod = (
      containers: { name: string; image?: string; env?: { name: string; value: string }[] }[],
    ): Applied<Pod> => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod', namespace },
      spec: { containers },
    });
    await client.apply(Pod, pod([{ name: 'a', image: 'x', env: [{ name: 'E', value: '1' }] }]), {
      fieldManager: 'one',
    });
    const patched = await client.apply(Pod, pod([{ name: 'a', image: 'y' }]), { fieldManager: 'two', force: true });
    expect(patched.spec.containers).toMatchObject([{ name: 'a', image: 'y', env: [{ name: 'E', value: '1' }] }]);
  });

  test('data of a ConfigMap is owned by key', async () => {
    const map = (data: Record<string, string>): Applied<ConfigMap> => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'map', namespace },
      data,
    });
    await client.apply(ConfigMap, map({ a: '1', b: '1' }), { fieldManager: 'one' });
    await client.apply(ConfigMap, map({ c: '1' }), { fieldManager: 'two' });
    const after = await client.apply(ConfigMap, map({ a: '1' }), { fieldManager: 'one' });
    expect(after.data).toEqual({ a: '1', c: '1' });
  });
});
