import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newInformer } from '../cache/informer.ts';
import type { Informer } from '../cache/types.ts';
import { isConflict, isForbidden } from '../client/errors.ts';
import { Event, Lease } from '../client/kinds/cluster.ts';
import { ConfigMap } from '../client/kinds/core.ts';
import { Pod } from '../client/kinds/pod.ts';
import type { KubeClient, KubeObject, ObjectRef } from '../client/types.ts';
import { systemClock } from '../runtime/clock.ts';
import { defineController, owning } from '../runtime/controller/definition.ts';
import { NameTakenError } from '../runtime/controller/errors.ts';
import { createEventRecorder } from '../runtime/events/recorder.ts';
import { OwnWrites } from '../runtime/execute/own-writes.ts';
import { Writer } from '../runtime/execute/writer.ts';
import { LeaderElector } from '../runtime/leader/elector.ts';
import { silentLogger } from '../runtime/logger.ts';
import { Manager } from '../runtime/manager/manager.ts';
import { runtimeMetrics } from '../runtime/metrics/runtime-metrics.ts';
import { controllerRef, controllerUid } from '../runtime/objects/owners.ts';
import { recordingLogger } from '../runtime/testing/recording-logger.ts';
import { eventually, servers, type ServerUnderTest, Widget } from './servers.ts';

/** undefined when the server forbade it: to be tried again. */
function unlessForbidden(error: unknown): undefined {
  if (!isForbidden(error)) throw error;
}

const never = new AbortController().signal;

describe.each(servers)('runtime on %s', (_server, start) => {
  let server: ServerUnderTest;
  let client: KubeClient;
  let namespace: string;
  let sent: string[];
  beforeAll(async () => {
    server = await start();
    ({ client, namespace } = server);
  });
  afterAll(() => server.stop());

  const ref = (name: string): ObjectRef => ({ name, namespace });
  const widget = (name: string, metadata: object = {}): Widget => ({
    apiVersion: 'contract.example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace, ...metadata },
    spec: { color: 'red' },
  });
  const map = (name: string, metadata: object = {}): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...metadata },
    data: { a: '1' },
  });
  const live = (name: string): Promise<Widget> => client.get(Widget, ref(name));
  const writer = (informers: readonly Informer[] = [], ownWrites = new OwnWrites(systemClock)): Writer => {
    sent = [];
    return new Writer({
      targets: new Map([['default', { client, informers }]]),
      fieldManager: 'contract',
      ownWrites,
      sending: (verb) => void sent.push(verb),
    });
  };
  const failure = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => new Error('it did not fail'),
      (error: unknown) => error,
    );

  describe('create', () => {
    test('what exists and has our controller owner is success', async () => {
      const owner = await client.create(Widget, widget('create-owner'));
      const object = map('create-owned', { ownerReferences: [controllerRef(owner, Widget)] });
      const w = writer();
      await w.ensure('k', { mode: 'create', type: ConfigMap, object }, never);
      await w.ensure('k', { mode: 'create', type: ConfigMap, object }, never);
      expect((await client.get(ConfigMap, ref('create-owned'))).data).toEqual({ a: '1' });
    });

    test('what exists and has our identity label is success', async () => {
      const object = map('create-labelled', { labels: { 'example.com/uid': 'u1' } });
      const desired = { mode: 'create' as const, type: ConfigMap, object, identityLabel: 'example.com/uid' };
      const w = writer();
      await w.ensure('k', desired, never);
      await w.ensure('k', desired, never);
      const other = { ...desired, object: map('create-labelled', { labels: { 'example.com/uid': 'u2' } }) };
      expect(await failure(w.ensure('k', other, never))).toBeInstanceOf(NameTakenError);
    });

    test('what exists and is not ours is told, with its UID', async () => {
      const taken = await client.create(ConfigMap, map('create-taken'));
      const error = await failure(
        writer().ensure('k', { mode: 'create', type: ConfigMap, object: map('create-taken') }, never),
      );
      expect(error).toBeInstanceOf(NameTakenError);
      expect(error).toMatchObject({ kind: 'ConfigMap', uid: taken.metadata.uid });
    });
  });

  test('an apply that would change nothing is not sent, and a field that is no longer wanted goes', async () => {
    const stop = new AbortController();
    const informer = newInformer({ client, type: ConfigMap, namespace, clock: systemClock, logger: silentLogger });
    informer.start(stop.signal);
    await informer.synced;
    const ownWrites = new OwnWrites(systemClock);
    const w = writer([informer], ownWrites);
    const desired = (data: Record<string, string>) => ({
      mode: 'apply' as const,
      type: ConfigMap,
      object: { ...map('applied'), data } as KubeObject,
    });
    await w.ensure('k', desired({ a: '1', b: '2' }), never);
    await eventually(() => ownWrites.unseen('k') === undefined);
    await w.ensure('k', desired({ a: '1', b: '2' }), never);
    expect(sent).toEqual(['apply']);
    await w.ensure('k', desired({ a: '1' }), never);
    await eventually(() => ownWrites.unseen('k') === undefined);
    expect(informer.get(namespace, 'applied')?.data).toEqual({ a: '1' });
    await client.patch(ConfigMap, ref('applied'), { kind: 'merge', body: { data: { a: 'other' } } });
    await eventually(() => informer.get(namespace, 'applied')?.data?.['a'] === 'other');
    await w.ensure('k', desired({ a: '1' }), never);
    expect((await client.get(ConfigMap, ref('applied'))).data).toEqual({ a: '1' });
    stop.abort();
  });

  describe('status', () => {
    test('is written once, not when it is so already, and loses what is no longer said', async () => {
      const w = writer();
      await client.create(Widget, widget('status'));
      const write = async (status: object) =>
        w.status('k', { type: Widget, object: await live('status'), status }, 'contract', never);
      await write({ phase: 'Running', replicas: 2 });
      await write({ phase: 'Running', replicas: 2 });
      expect(sent).toEqual(['apply_status']);
      await write({ phase: 'Done' });
      expect((await live('status')).status).toEqual({ phase: 'Done' });
      expect((await live('status')).spec).toEqual({ color: 'red' });
    });

    test('that the server stores in another form is not written again and again', async () => {
      const w = writer();
      const pod: Pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'status-form', namespace },
        spec: { containers: [{ name: 'a', image: 'a' }], automountServiceAccountToken: false },
      };
      // The namespace's service account comes a moment after the namespace.
      await eventually(() => client.create(Pod, pod).catch((error: unknown) => unlessForbidden(error)));
      const status = { startTime: '2026-01-01T00:00:00.000Z' };
      for (let i = 0; i < 4; i++) {
        // eslint-disable-next-line no-await-in-loop -- one after the other is the point
        const object = await client.get(Pod, ref('status-form'));
        const { phase: _phase, qosClass: _qos, ...owned } = (object.status ?? {}) as Record<string, unknown>;
        const write = { type: Pod, object: { ...object, status: owned } as KubeObject, status };
        // eslint-disable-next-line no-await-in-loop -- one after the other is the point
        await w.status('k', write, 'contract', never);
      }
      // The first changes it, the second finds out that it changes nothing.
      expect(sent.length).toBeLessThanOrEqual(2);
    });

    test('takes fields over from whoever set them before', async () => {
      await client.create(Widget, widget('status-force'));
      const other = { apiVersion: 'contract.example.com/v1', kind: 'Widget', metadata: ref('status-force') as never };
      await client.apply(
        Widget,
        { ...other, status: { phase: 'Theirs' } },
        { fieldManager: 'other', subresource: 'status' },
      );
      const object = await live('status-force');
      await writer().status('k', { type: Widget, object, status: { phase: 'Ours' } }, 'contract', never);
      expect((await live('status-force')).status?.phase).toBe('Ours');
    });

    test('two writers, each with fields of its own, do not touch each other', async () => {
      await client.create(Widget, widget('status-shared'));
      const write = async (manager: string, fields: string[], status: object) =>
        writer().status('k', { type: Widget, object: await live('status-shared'), status, fields }, manager, never);
      await write('a', ['phase'], { phase: 'Running' });
      await write('b', ['replicas'], { replicas: 3 });
      expect((await live('status-shared')).status).toEqual({ phase: 'Running', replicas: 3 });
      await write('a', ['phase'], { phase: 'Running' });
      expect(sent).toEqual([]);
      await write('a', ['phase'], {});
      expect((await live('status-shared')).status).toEqual({ replicas: 3 });
    });

    test('of another incarnation is a conflict; of an object that is gone, nothing', async () => {
      const first = await client.create(Widget, widget('status-again'));
      await client.delete(Widget, ref('status-again'));
      const write = { type: Widget, object: first, status: { phase: 'Late' } };
      await writer().status('k', write, 'contract', never);
      await client.create(Widget, widget('status-again'));
      expect(isConflict(await failure(writer().status('k', write, 'contract', never)))).toBe(true);
      expect((await live('status-again')).status).toBeUndefined();
    });
  });

  describe('removal', () => {
    test('of this incarnation, of one that is gone, of one that has a successor', async () => {
      const first = await client.create(ConfigMap, map('delete'));
      const uid = first.metadata.uid as string;
      const removal = { type: ConfigMap, ...ref('delete'), name: 'delete', uid };
      await writer().remove('k', removal, never);
      await writer().remove('k', removal, never);
      const second = await client.create(ConfigMap, map('delete'));
      await writer().remove('k', removal, never);
      expect((await client.get(ConfigMap, ref('delete'))).metadata.uid).toBe(second.metadata.uid);
    });

    test('at another version than the one that was decided about is a conflict', async () => {
      const object = await client.create(ConfigMap, map('delete-version'));
      await client.patch(ConfigMap, ref('delete-version'), { kind: 'merge', body: { data: { b: '2' } } });
      const { uid, resourceVersion } = object.metadata as { uid: string; resourceVersion: string };
      const removal = { type: ConfigMap, name: 'delete-version', namespace, uid, resourceVersion };
      expect(isConflict(await failure(writer().remove('k', removal, never)))).toBe(true);
    });

    test('of a finalizer leaves others, is idempotent, and lets a deleting object go', async () => {
      const finalizers = ['example.com/a', 'example.com/ours', 'example.com/b'];
      const { metadata } = await client.create(ConfigMap, map('finalized', { finalizers }));
      const removal = (removeFinalizer: string) => ({
        type: ConfigMap,
        name: 'finalized',
        namespace,
        uid: metadata.uid as string,
        removeFinalizer,
      });
      await writer().remove('k', removal('example.com/ours'), never);
      await writer().remove('k', removal('example.com/ours'), never);
      const { metadata: after } = await client.get(ConfigMap, ref('finalized'));
      expect(after.finalizers).toEqual(['example.com/a', 'example.com/b']);
      await client.delete(ConfigMap, ref('finalized'));
      await writer().remove('k', removal('example.com/a'), never);
      await writer().remove('k', removal('example.com/b'), never);
      expect(await failure(client.get(ConfigMap, ref('finalized')))).toMatchObject({ status: 404 });
      await writer().remove('k', removal('example.com/b'), never);
    });

    test('of a finalizer survives that the list changed since it was read', async () => {
      const stale = await client.create(ConfigMap, map('raced', { finalizers: ['example.com/ours'] }));
      await client.patch(ConfigMap, ref('raced'), {
        kind: 'merge',
        body: { metadata: { finalizers: ['example.com/new', 'example.com/ours'] } },
      });
      const informer = { type: ConfigMap, get: () => stale, hasSeen: () => true } as unknown as Informer;
      const removal = { type: ConfigMap, name: 'raced', namespace, removeFinalizer: 'example.com/ours' };
      await writer([informer]).remove('k', removal, never);
      expect(sent).toEqual(['patch', 'patch']);
      expect((await client.get(ConfigMap, ref('raced'))).metadata.finalizers).toEqual(['example.com/new']);
    });
  });

  test('finalizers are added to an object without any, and never over a list that has changed', async () => {
    const bare = await client.create(Widget, widget('guarded'));
    const target = { on: 'default', type: Widget, object: bare };
    await writer().finalizers('k', target, { add: ['example.com/ours'] }, never);
    expect((await live('guarded')).metadata.finalizers).toEqual(['example.com/ours']);
    const late = writer().finalizers('k', target, { add: ['example.com/late'] }, never);
    expect(isConflict(await failure(late))).toBe(true);
    const now = { ...target, object: await live('guarded') };
    await writer().finalizers('k', now, { remove: ['example.com/ours'] }, never);
    expect((await live('guarded')).metadata.finalizers ?? []).toEqual([]);
  });

  describe('events', () => {
    const reporter = { controller: 'example.com/contract', instance: 'contract-0' };

    test('are accepted at their longest, and repetitions become a series of the first', async () => {
      const owner = await client.create(Widget, widget('told'));
      const logger = recordingLogger();
      const recorder = createEventRecorder({ client, reporter, clock: systemClock, logger });
      const { uid = '' } = owner.metadata;
      const regarding = { apiVersion: owner.apiVersion, kind: 'Widget', ...ref('told'), uid } as const;
      const input = {
        type: 'Warning' as const,
        reason: 'R'.repeat(200),
        action: 'A'.repeat(200),
        note: 'ü'.repeat(2000),
        regarding: { ...regarding, namespace },
      };
      for (let i = 0; i < 5; i++) {
        recorder.record(input);
        // eslint-disable-next-line no-await-in-loop -- the series begins after the first was sent
        await recorder.flush(never);
      }
      expect(logger.lines).toEqual([]);
      const { items } = await client.list(Event, { namespace });
      const told = items.filter((event) => event.regarding?.name === 'told');
      expect(told).toHaveLength(1);
      expect(told[0]?.series?.count).toBe(5);
      expect(Buffer.byteLength(told[0]?.note ?? '')).toBeLessThanOrEqual(1024);
      expect(told[0]).toMatchObject({ reportingController: 'example.com/contract', type: 'Warning' });
    });

    test('about cluster-scoped objects are in the namespace default', async () => {
      const logger = recordingLogger();
      const recorder = createEventRecorder({ client, reporter, clock: systemClock, logger });
      const regarding = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
      recorder.record({ type: 'Normal', reason: 'Seen', action: 'See', note: 'seen', regarding });
      await recorder.flush(never);
      expect(logger.lines).toEqual([]);
      const { items } = await client.list(Event, { namespace: 'default' });
      const told = items.find((event) => event.regarding?.name === namespace);
      expect(told?.note).toBe('seen');
      if (told) await client.delete(Event, { namespace: 'default', name: told.metadata.name });
    });
  });

  test('of two candidates one leads; the other follows when it ends', async () => {
    const contender = (identity: string) => {
      const stop = new AbortController();
      const elector = new LeaderElector({
        client,
        namespace,
        name: 'contract',
        identity,
        clock: systemClock,
        logger: silentLogger,
        leaseDurationMs: 120_000,
        renewDeadlineMs: 90_000,
        retryPeriodMs: 200,
      });
      return { elector, stop, ended: elector.run({ onStartedLeading: () => undefined }, stop.signal) };
    };
    const both = [contender('one'), contender('two')];
    const leaders = () => both.filter(({ elector }) => elector.isLeader());
    await eventually(() => leaders().length === 1);
    const first = leaders()[0];
    await eventually(async () => {
      const { spec } = await client.get(Lease, ref('contract'));
      return spec?.renewTime !== spec?.acquireTime;
    });
    expect(leaders()).toEqual([first]);
    first?.stop.abort();
    expect(await first?.ended).toBe('released');
    await eventually(() => leaders().length === 1);
    const lease = await client.get(Lease, ref('contract'));
    expect(lease.spec?.holderIdentity).toBe(leaders()[0]?.elector === both[0]?.elector ? 'one' : 'two');
    expect(lease.spec?.leaseTransitions).toBeGreaterThan(0);
    for (const { stop } of both) stop.abort();
    await Promise.all(both.map(({ ended }) => ended));
  });

  test('a process of two replicas brings many objects to what is wanted, with no write too many', async () => {
    const replicas = ['one', 'two'].map((identity) => {
      const metrics = runtimeMetrics(undefined, { process: false });
      const manager = new Manager({
        clusters: { default: client },
        fieldManager: 'replicas',
        reporter: { controller: 'example.com/replicas', instance: identity },
        logger: silentLogger,
        metrics,
        leaderElection: {
          namespace,
          name: 'replicas',
          identity,
          leaseDurationMs: 120_000,
          renewDeadlineMs: 90_000,
          retryPeriodMs: 200,
        },
      });
      const widgets = manager.informer({ type: Widget, namespace, labelSelector: 'replicas=yes' });
      const maps = manager.informer({ type: ConfigMap, namespace, indexes: { owner: controllerUid } });
      manager.add(
        defineController<Widget, { widget: Widget; made: readonly ConfigMap[] }>({
          name: 'replicas',
          for: { informer: widgets },
          owns: [owning({ informer: maps })],
          observe: (key) => {
            const object = widgets.get(key.namespace, key.name);
            return object && { widget: object, made: maps.byIndex('owner', object.metadata.uid ?? '') };
          },
          plan: ({ widget: { metadata, spec }, made }) => ({
            finalizers: { add: ['example.com/replicas'] },
            apply: made.length > 0 ? [] : [childOf({ metadata, spec } as Widget)],
            ...(made.length > 0 && { status: { replicas: made.length, phase: 'Made' } }),
            ...(made.length === 0 && {
              events: [{ type: 'Normal' as const, reason: 'Made', action: 'Make', note: `Made ${metadata.name}-0` }],
            }),
          }),
        }),
      );
      const stop = new AbortController();
      const made = () => widgets.list().filter(({ status }) => status?.phase === 'Made').length;
      return { manager, metrics, stop, made, ended: manager.start(stop.signal) };
    });
    const childOf = (owner: Widget) => ({
      mode: 'create' as const,
      type: ConfigMap,
      object: map(`${owner.metadata.name}-0`, { ownerReferences: [controllerRef(owner, Widget)] }),
    });
    const count = 60;
    const labels = { replicas: 'yes' };
    const names = Array.from({ length: count }, (_each, i) => `many-${i}`);
    await Promise.all(names.slice(0, 30).map((name) => client.create(Widget, widget(name, { labels }))));
    const isMade = async (wanted: readonly string[]) => {
      const { items } = await client.list(Widget, { namespace, labelSelector: 'replicas=yes' });
      return items.filter(({ status }) => status?.phase === 'Made').length === wanted.length;
    };
    await eventually(() => isMade(names.slice(0, 30)), 'the first half');
    // The leader goes in an orderly way; the other one does the rest. What it has not seen yet it would write again.
    await eventually(() => replicas.every(({ made }) => made() === 30), 'the first half in both caches');
    const leader = replicas.find(({ manager }) => manager.isLeader());
    leader?.stop.abort();
    await leader?.ended;
    await Promise.all(names.slice(30).map((name) => client.create(Widget, widget(name, { labels }))));
    await eventually(() => isMade(names), 'the second half');
    const metric = async (name: string): Promise<number> => {
      const values = await Promise.all(
        replicas.map(async ({ metrics }) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? []),
      );
      return values.flat().reduce((sum, { value }) => sum + value, 0);
    };
    for (const { stop } of replicas) stop.abort();
    await Promise.all(replicas.map(({ ended }) => ended));
    // A finalizer, a child and a status each; conflicts of the status with the caches' delay would show as more.
    expect(await metric('osmo_controller_writes_total')).toBe(3 * count);
    expect(await metric('controller_runtime_reconcile_errors_total')).toBe(0);
    expect(await metric('osmo_events_sent_total')).toBe(count);
    await Promise.all(
      names.map((name) => client.patch(Widget, ref(name), { kind: 'merge', body: { metadata: { finalizers: null } } })),
    );
  });
});
