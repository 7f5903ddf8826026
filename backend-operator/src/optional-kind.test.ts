import { describe, expect, test } from '@jest/globals';
import { type KubeClient, KubeError, type KubeObject, newInformer, silentLogger, type WatchEvent } from '@osmo/kube';
import { PodGroups } from './group/pod-group.ts';
import { OptionalKind } from './optional-kind.ts';
import { ManualClock } from './testing/manual-clock.ts';

const notServed = () =>
  new KubeError({ status: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });
const gang = (name: string): KubeObject => ({
  apiVersion: 'scheduling.run.ai/v2alpha2',
  kind: 'PodGroup',
  metadata: { name, namespace: 'n', uid: name, resourceVersion: '7' },
});

/** A cluster that serves the kind only when it is told to. */
function cluster() {
  const state = { served: false, objects: [] as KubeObject[] };
  const log: string[] = [];
  const client = {
    async list(_: unknown, options: { limit?: number } = {}) {
      log.push(options.limit === 1 ? 'probe' : 'list');
      if (!state.served) throw notServed();
      return { items: state.objects, metadata: { resourceVersion: '7' } };
    },
    async *watch(_: unknown, { resourceVersion, signal }: { resourceVersion?: string; signal: AbortSignal }) {
      log.push(`watch ${resourceVersion}`);
      if (!state.served) throw notServed();
      if (resourceVersion === '0') for (const object of state.objects) yield { type: 'ADDED', object } as WatchEvent;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    get: () => Promise.resolve('as before'),
  };
  return { state, log, client: client as unknown as KubeClient };
}

/** Lets all go on that has nothing to wait for. */
const settled = async () => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

describe('OptionalKind', () => {
  function follow() {
    const { state, log, client } = cluster();
    const clock = new ManualClock('2026-03-01T10:00:00Z');
    const kind = new OptionalKind(PodGroups, clock);
    const heard: string[] = [];
    kind.onServed(() => heard.push('served'));
    const wrapped = kind.clientOf(client);
    const informer = newInformer({ client: wrapped, type: PodGroups, clock, logger: silentLogger, watchList: false });
    const stop = new AbortController();
    return { state, log, clock, kind, heard, wrapped, informer, stop };
  }

  test('a kind that is not served has no objects; it is asked for again, and followed as soon as it is', async () => {
    const { state, log, clock, kind, heard, informer, stop } = follow();
    informer.start(stop.signal);
    await informer.synced;
    await settled();
    expect([kind.isServed, informer.list(), heard]).toEqual([false, [], []]);
    expect(log).toEqual(['list', 'probe']);
    Object.assign(state, { served: true, objects: [gang('a')] });
    clock.advance(30_000);
    await settled();
    expect([kind.isServed, heard]).toEqual([true, ['served']]);
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(log).toEqual(['list', 'probe', 'probe', 'watch 0']);
    stop.abort();
    await settled();
    expect(clock.pending).toBe(0);
  });

  test('a kind that is served from the start is followed like any other', async () => {
    const { state, log, kind, heard, informer, stop } = follow();
    Object.assign(state, { served: true, objects: [gang('a')] });
    informer.start(stop.signal);
    await informer.synced;
    await settled();
    expect([kind.isServed, heard, informer.size]).toEqual([true, ['served'], 1]);
    expect(log).toEqual(['list', 'watch 7']);
    stop.abort();
    await settled();
  });

  test('a pause ends with the signal, and no timer is left', async () => {
    const { clock, informer, stop } = follow();
    informer.start(stop.signal);
    await informer.synced;
    await settled();
    expect(clock.pending).toBe(1);
    stop.abort();
    await settled();
    expect(clock.pending).toBe(0);
  });

  test('other requests go through as they are', async () => {
    const { wrapped } = follow();
    expect(await wrapped.get(PodGroups, { name: 'a' })).toBe('as before');
    await expect(wrapped.list({ ...PodGroups, plural: 'others' })).rejects.toMatchObject({ status: 404 });
  });
});
