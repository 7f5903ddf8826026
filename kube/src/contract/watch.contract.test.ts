import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newInformer } from '../cache/informer.ts';
import type { Informer } from '../cache/types.ts';
import { isGone, type KubeError } from '../client/errors.ts';
import { metadataOf } from '../client/resource.ts';
import type { KubeClient, ResourceType, WatchEvent, WatchOptions } from '../client/types.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { eventually, servers, type ServerUnderTest, Widget } from './servers.ts';

describe.each(servers)('watching %s', (_name, start) => {
  let server: ServerUnderTest;
  let client: KubeClient;
  let namespace: string;
  beforeAll(async () => {
    server = await start();
    ({ client, namespace } = server);
  });
  afterAll(() => server.stop());

  const widget = (name: string, color: string, labels: Record<string, string> = {}): Widget => ({
    apiVersion: 'contract.example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace, labels },
    spec: { color },
  });
  const now = async (): Promise<string> =>
    (await client.list(Widget, { namespace, limit: 1 })).metadata.resourceVersion;
  const setColor = (name: string, color: string): Promise<Widget> =>
    client.patch(Widget, { name, namespace }, { kind: 'merge', body: { spec: { color } } });

  /** The first `count` events, as 'TYPE name color'. */
  async function events(count: number, options: WatchOptions, type: ResourceType<Widget> = Widget): Promise<string[]> {
    const seen: string[] = [];
    for await (const event of client.watch(type, { namespace, timeoutSeconds: 120, ...options })) {
      seen.push(text(event));
      if (seen.length === count) break;
    }
    return seen;
  }
  const text = (event: WatchEvent<Widget>): string =>
    event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name} ${event.object.spec?.color}`;

  test('changes after a version come in order', async () => {
    const resourceVersion = await now();
    await client.create(Widget, widget('w1', 'red'));
    await setColor('w1', 'blue');
    await client.delete(Widget, { name: 'w1', namespace });
    expect(await events(3, { resourceVersion })).toEqual(['ADDED w1 red', 'MODIFIED w1 blue', 'DELETED w1 blue']);
  });

  test('a deletion carries its own version', async () => {
    const resourceVersion = await now();
    const made = await client.create(Widget, widget('w2', 'red'));
    await client.delete(Widget, { name: 'w2', namespace });
    for await (const event of client.watch(Widget, { namespace, resourceVersion, timeoutSeconds: 120 })) {
      if (event.type !== 'DELETED') continue;
      expect(BigInt(event.object.metadata.resourceVersion ?? 0)).toBeGreaterThan(
        BigInt(made.metadata.resourceVersion ?? 0),
      );
      break;
    }
  });

  test('an object that begins or ceases to match a selector is added or deleted', async () => {
    const resourceVersion = await now();
    await client.create(Widget, widget('w3', 'red'));
    await setColor('w3', 'blue');
    await setColor('w3', 'green');
    expect(await events(2, { resourceVersion, fieldSelector: 'spec.color=blue' })).toEqual([
      'ADDED w3 blue',
      'DELETED w3 blue',
    ]);
  });

  test('without a version what exists comes first', async () => {
    await client.create(Widget, widget('w4', 'red', { watch: 'w4' }));
    expect(await events(1, { labelSelector: 'watch=w4' })).toEqual(['ADDED w4 red']);
  });

  test('a streamed state ends with a bookmark', async () => {
    await client.create(Widget, widget('w5', 'red', { watch: 'w5' }));
    await client.create(Widget, widget('w6', 'red', { watch: 'w5' }));
    const streamed = {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan' as const,
      labelSelector: 'watch=w5',
    };
    for await (const event of client.watch(Widget, { namespace, timeoutSeconds: 120, ...streamed })) {
      if (event.type !== 'BOOKMARK') continue;
      expect(event.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
      expect(event.object.metadata.resourceVersion).toMatch(/^\d+$/);
      break;
    }
    expect((await events(3, streamed)).toSorted()).toEqual(['ADDED w5 red', 'ADDED w6 red', 'BOOKMARK']);
  });

  test('of metadata only', async () => {
    await client.create(Widget, widget('w7', 'red', { watch: 'w7' }));
    for await (const event of client.watch(metadataOf(Widget), {
      namespace,
      labelSelector: 'watch=w7',
      timeoutSeconds: 120,
    })) {
      expect(event.object).toMatchObject({ kind: 'Widget', apiVersion: 'contract.example.com/v1' });
      expect(event.object).not.toHaveProperty('spec');
      break;
    }
  });

  test('the server ends it after the time asked for', async () => {
    const resourceVersion = await now();
    expect(await events(1_000, { resourceVersion, timeoutSeconds: 1, allowWatchBookmarks: false })).toEqual([]);
  });

  test('from a version that is gone it fails with 410', async () => {
    const error: unknown = await events(1, { resourceVersion: '1' }).catch((e: unknown) => e);
    expect(isGone(error)).toBe(true);
    expect((error as KubeError).message).toContain('too old resource version: 1');
  });

  test('an unknown kind fails with 404', async () => {
    const error: unknown = await events(1, {}, { ...Widget, plural: 'gadgets' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 404 });
  });

  test('an abort ends it at once', async () => {
    const controller = new AbortController();
    const watching = events(1_000, { signal: controller.signal, resourceVersion: await now() });
    controller.abort();
    await expect(watching).rejects.toMatchObject({ name: 'AbortError' });
  });

  describe.each([
    ['by list and watch', false],
    ['by a streamed list', true],
  ])('an informer %s', (how, watchList) => {
    const quiet: Logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (message, fields) => {
        throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
      error: (message, fields) => {
        throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
      child: () => quiet,
    };
    const stop = new AbortController();
    const set = watchList ? 'streamed' : 'listed';
    const changes: string[] = [];
    let informer: Informer<Widget>;
    beforeAll(async () => {
      await client.create(Widget, widget(`${set}-1`, 'red', { set }));
      informer = newInformer({
        client,
        type: Widget,
        namespace,
        labelSelector: `set=${set}`,
        indexes: { color: (w) => [w.spec?.color ?? ''] },
        clock: systemClock,
        logger: quiet,
        freeze: true,
        watchList,
      });
      informer.onChange((change) => changes.push(`${change.old?.spec?.color ?? ''}>${change.new?.spec?.color ?? ''}`));
      informer.start(stop.signal);
      await informer.synced;
    });
    afterAll(() => stop.abort());

    test(`has what exists, without managedFields (${how})`, async () => {
      // The first list is what the apiserver's own cache has, which on a busy machine may be behind the creation.
      await eventually(() => informer.get(namespace, `${set}-1`) !== undefined);
      const object = informer.get(namespace, `${set}-1`);
      expect(object).toMatchObject({ kind: 'Widget', spec: { color: 'red' } });
      expect(object?.metadata).not.toHaveProperty('managedFields');
      expect(changes).toEqual(['>red']);
    });

    test('sees writes, and knows that it has seen them', async () => {
      const created = await client.create(Widget, widget(`${set}-2`, 'red', { set }));
      const changed = await setColor(`${set}-2`, 'blue');
      const name = `${set}-2`;
      const ref = { name, namespace };
      await eventually(() => informer.hasSeen(ref, changed.metadata.resourceVersion ?? ''));
      expect(informer.hasSeen(ref, created.metadata.resourceVersion ?? '')).toBe(true);
      expect(informer.byIndex('color', 'blue').map((w) => w.metadata.name)).toEqual([name]);
      expect(informer.byIndex('color', 'red').map((w) => w.metadata.name)).toEqual([`${set}-1`]);
      await client.delete(Widget, ref);
      await eventually(() => informer.get(namespace, name) === undefined);
      expect(informer.hasSeen(ref, changed.metadata.resourceVersion ?? '')).toBe(true);
      expect(changes).toEqual(['>red', '>red', 'red>blue', 'blue>']);
    });
  });
});
