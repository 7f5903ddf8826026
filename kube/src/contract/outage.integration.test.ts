import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlPlane } from '../../../hack/cluster/control-plane/options.ts';
import { startControlPlane } from '../../../hack/cluster/control-plane/start.ts';
import { newInformer } from '../cache/informer.ts';
import type { Informer, ReflectorMetrics } from '../cache/types.ts';
import { createClient } from '../client/client.ts';
import { KubeError, TransportReason } from '../client/errors.ts';
import { loadAccess } from '../client/kubeconfig.ts';
import { ConfigMap } from '../client/kinds/core.ts';
import { listAll } from '../client/paging.ts';
import type { KubeClient, KubeObject, ResourceType, WatchEvent, WatchOptions } from '../client/types.ts';
import { systemClock } from '../runtime/clock.ts';
import { recordingLogger } from '../runtime/testing/recording-logger.ts';
import { eventually } from './servers.ts';

const namespace = 'default';
const selector = { namespace, labelSelector: 'outage' };

/** A client whose watches can be cut and held back, as a broken link would. */
class Link {
  readonly client: KubeClient;
  #cut = new AbortController();
  #open = Promise.resolve();
  #release: () => void = () => undefined;

  constructor(client: KubeClient) {
    this.client = { ...client, watch: (type, options) => this.#watch(client, type, options) };
  }

  cut(): void {
    this.#open = new Promise((resolve) => (this.#release = resolve));
    this.#cut.abort(new KubeError({ status: 0, reason: TransportReason.connection, message: 'cut' }));
    this.#cut = new AbortController();
  }

  mend(): void {
    this.#release();
  }

  async *#watch<T extends KubeObject>(
    client: KubeClient,
    type: ResourceType<T>,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    await this.#open;
    const signal = AbortSignal.any([this.#cut.signal, ...(options.signal ? [options.signal] : [])]);
    yield* client.watch(type, { ...options, signal });
  }
}

describe.each([
  ['by list and watch', false],
  ['by a streamed list', true],
])('an informer %s survives', (_name, watchList) => {
  let plane: ControlPlane;
  let client: KubeClient;
  let link: Link;
  let informer: Informer<ConfigMap>;
  const stop = new AbortController();
  const replayed = new Map<string, ConfigMap>();
  const ends: string[] = [];
  let fullReads = 0;

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false });
    const access = await loadAccess({ kubeconfig: plane.kubeconfigPath, clock: systemClock, env: {} });
    client = createClient({ access });
    link = new Link(client);
    const metrics: ReflectorMetrics = {
      listed: (_resource, result) => (fullReads += result === 'ok' ? 1 : 0),
      watchStarted: () => undefined,
      watchEnded: (_resource, why) => ends.push(why),
      objects: () => undefined,
    };
    informer = newInformer({
      client: link.client,
      type: ConfigMap,
      ...selector,
      clock: systemClock,
      logger: recordingLogger(),
      freeze: true,
      watchList,
      metrics,
    });
    informer.onChange(({ old, new: next }) => {
      const { name } = (next ?? old)?.metadata ?? { name: '' };
      // A thrown error is logged by the informer; a wrong replay shows at the end.
      if (replayed.get(name) !== old) throw new Error(`${name}: not what was told before`);
      if (next) replayed.set(name, next);
      else replayed.delete(name);
    });
    informer.start(stop.signal);
    await informer.synced;
  });
  afterAll(async () => {
    stop.abort();
    await client?.close();
    await plane?.stop();
  });

  const write = (name: string, value: string): Promise<ConfigMap> =>
    client.apply(
      ConfigMap,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace, labels: { outage: 'yes' } },
        data: { value },
      },
      { fieldManager: 'outage', force: true },
    );
  const versions = (objects: Iterable<ConfigMap>): Record<string, string | undefined> =>
    Object.fromEntries(
      [...objects].map(({ metadata }) => [metadata.name, `${metadata.uid} ${metadata.resourceVersion}`]),
    );

  /** Writes once more, and waits until the cache has it and equals the server. */
  async function converges(): Promise<void> {
    const last = await eventually(() => write('last', String(Date.now())).catch(() => undefined), 'a write');
    const { resourceVersion = '' } = last.metadata;
    await eventually(
      () => informer.hasSeen({ name: 'last', namespace }, resourceVersion),
      'the last write in the cache',
    );
    const { items } = await listAll(client, ConfigMap, selector);
    expect(versions(informer.list())).toEqual(versions(items));
    expect(versions(replayed.values())).toEqual(versions(items));
  }

  test('a broken link, without reading everything again', async () => {
    await write('a', '1');
    await converges();
    const before = fullReads;
    link.cut();
    await write('a', '2');
    await client.delete(ConfigMap, { name: 'last', namespace });
    link.mend();
    await converges();
    expect(fullReads).toBe(before);
  });

  test('an apiserver that is killed', async () => {
    await plane.restartApiserver('SIGKILL');
    await converges();
  });

  test('history that was compacted meanwhile, an object made anew in it', async () => {
    await write('b', '1');
    await converges();
    ends.length = 0;
    link.cut();
    await client.delete(ConfigMap, { name: 'b', namespace });
    await write('b', '2');
    await client.delete(ConfigMap, { name: 'a', namespace });
    await plane.compact();
    // The apiserver's own cache remembers longer than etcd; a new one begins with what is left.
    await plane.restartApiserver();
    link.mend();
    await converges();
    expect(informer.get(namespace, 'b')?.data).toEqual({ value: '2' });
    expect(informer.get(namespace, 'a')).toBeUndefined();
    expect(ends).toContain('Expired');
  });

  test('an etcd that is killed', async () => {
    await plane.killEtcd();
    await converges();
  });
});
