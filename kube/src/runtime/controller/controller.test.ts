import { describe, expect, test } from '@jest/globals';
import { ConfigMap } from '../../client/kinds/core.ts';
import { KubeError } from '../../client/errors.ts';
import { resourceType } from '../../client/resource.ts';
import type { KubeObject } from '../../client/types.ts';
import { startFakeApiserver } from '../../testing/index.ts';
import { controllerRef } from '../objects/owners.ts';
import type { Desired, Plan } from '../plan.ts';
import { ControllerHarness } from '../testing/controller-harness.ts';
import { type ControllerDefinition, defineController, owning, watching } from './definition.ts';
import { TerminalError } from './errors.ts';
import type { Key } from './keys.ts';
import { generationChanged } from './predicates.ts';

interface Widget extends KubeObject {
  spec: { children?: number };
  status?: { ready?: number; note?: string };
}
const Widget = resourceType<Widget>({
  group: 'test.dev',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
});
const kinds = [{ type: Widget, status: true }];

function widget(name: string, children = 0): Widget {
  return { apiVersion: 'test.dev/v1', kind: 'Widget', metadata: { name, namespace: 'default' }, spec: { children } };
}

function child(owner: Widget, index: number): ConfigMap {
  const ownerReferences = [controllerRef(owner, Widget)];
  const { name, namespace = '' } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-${index}`, namespace, ownerReferences },
    data: {},
  };
}

/** Children to create: those that are wanted and not there. */
function missing(owner: Widget, owned: readonly ConfigMap[]): Desired[] {
  const names = new Set(owned.map(({ metadata }) => metadata.name));
  return Array.from({ length: owner.spec.children ?? 0 }, (_, i) => child(owner, i))
    .filter(({ metadata }) => !names.has(metadata.name))
    .map((object) => ({ mode: 'create' as const, type: ConfigMap, object }));
}

/** The plan of most tests. */
const widgetPlan = (w: Widget, owned: readonly ConfigMap[]): Plan<Widget> => ({
  apply: missing(w, owned),
  status: { ready: owned.length },
});

/** A server, a harness and a controller of Widgets that reconciles by `reconcile`. */
async function setUp(
  reconcile: (w: Widget, owned: readonly ConfigMap[], now: Date) => Plan<Widget> | Promise<Plan<Widget>>,
  options: Partial<ControllerDefinition<Widget, Plan<Widget>>> = {},
) {
  const server = await startFakeApiserver({ kinds });
  const harness = new ControllerHarness({ default: server });
  const widgets = harness.informer(Widget);
  const maps = harness.informer(ConfigMap);
  const runs: string[] = [];
  const start = () =>
    harness.start(
      defineController<Widget, Plan<Widget>>({
        name: 'widget',
        for: { informer: widgets },
        owns: [owning({ informer: maps })],
        observe: (key: Key, { now }) => {
          const object = widgets.get(key.namespace, key.name);
          if (object === undefined) return undefined;
          runs.push(key.name);
          const owned = maps.list(key.namespace).filter((map) => map.metadata.name.startsWith(`${key.name}-`));
          return reconcile(object, owned, now);
        },
        plan: (plan) => plan,
        ...options,
      }),
    );
  return {
    server,
    harness,
    widgets,
    maps,
    runs,
    start,
    writes: () => server.writes.map(({ verb, resource, name, subresource }) => [verb, resource, name, subresource]),
    async [Symbol.asyncDispose]() {
      await harness[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

const metric = async (harness: ControllerHarness, line: string): Promise<boolean> =>
  (await harness.metrics.registry.metrics()).includes(line);

describe('controller', () => {
  test('brings the world to what is wanted, tells it in one status write, and then writes nothing more', async () => {
    await using t = await setUp(widgetPlan);
    t.server.seed(Widget, widget('a', 3));
    t.start();
    await t.harness.settle();
    expect(t.server.list(ConfigMap)).toHaveLength(3);
    expect(t.server.get(Widget, { namespace: 'default', name: 'a' })?.status).toEqual({ ready: 3 });
    const before = t.server.writes.length;
    t.harness.start(
      defineController({ name: 'again', for: { informer: t.widgets }, observe: () => ({}), plan: () => ({}) }),
    );
    await t.harness.settle();
    expect(t.server.writes.length).toBe(before);
    // Three children, the status that says 0 of them and the one that says 3.
    expect(before).toBe(5);
  });

  test('what is created later, changed and deleted is seen', async () => {
    await using t = await setUp(widgetPlan);
    t.start();
    await t.harness.settle();
    t.server.seed(Widget, widget('b', 1));
    await t.harness.settle();
    t.server.update(Widget, { namespace: 'default', name: 'b' }, (w) => (w.spec.children = 2));
    await t.harness.settle();
    t.server.remove(ConfigMap, { namespace: 'default', name: 'b-1' });
    await t.harness.settle();
    // b-1 was made again, since its owner was told of its end.
    expect(t.server.list(ConfigMap).map(({ metadata }) => metadata.name)).toEqual(['b-0', 'b-1']);
  });

  test('it does not act on a cache that lacks its own writes', async () => {
    await using t = await setUp((w, owned) => ({ apply: missing(w, owned) }));
    t.server.inject({
      on: ({ verb, resource }) => verb === 'watch' && resource === 'configmaps',
      times: 1,
      effect: { lines: (line) => (line.includes('"ADDED"') && line.includes('a-0') ? [] : [line]) },
    });
    t.server.seed(Widget, widget('a', 1));
    const controller = t.start();
    await t.harness.until(() => t.server.list(ConfigMap).length === 1 && controller.queue.working === 0);
    const runs = t.runs.length;
    for (let i = 0; i < 5; i++) {
      t.server.update(Widget, { namespace: 'default', name: 'a' }, (w) => (w.metadata.labels = { i: String(i) }));
      await t.harness.until(() => t.widgets.get('default', 'a')?.metadata.labels?.['i'] === String(i));
      t.harness.clock.advance(2000);
      await t.harness.until(() => controller.queue.length === 0 && controller.queue.working === 0);
    }
    expect(t.runs.length).toBe(runs);
    // The lost event was a fault of this test's wire; a bookmark shows that the cache is up to date after all.
    t.server.bookmark();
    await t.harness.until(() => t.maps.hasSeen({ namespace: 'default', name: 'a-0' }, String(t.server.revision)));
    t.harness.clock.advance(2000);
    await t.harness.until(() => t.runs.length > runs);
  });

  test('caches that never show the own writes hold a key for five minutes, not for ever', async () => {
    await using t = await setUp((w, owned) => ({ apply: missing(w, owned) }));
    t.server.inject({
      on: ({ verb, resource }) => verb === 'watch' && resource === 'configmaps',
      times: 100,
      effect: { lines: (line) => (line.includes('a-0') ? [] : [line]) },
    });
    t.server.seed(Widget, widget('a', 1));
    t.start();
    await t.harness.until(() => t.server.list(ConfigMap).length === 1);
    const runs = t.runs.length;
    const began = t.harness.clock.now().getTime();
    t.server.update(Widget, { namespace: 'default', name: 'a' }, (w) => (w.metadata.labels = { changed: 'yes' }));
    await t.harness.until(() => {
      t.harness.clock.advance(1000);
      return t.runs.length > runs;
    });
    expect(t.harness.clock.now().getTime() - began).toBeGreaterThanOrEqual(300_000);
    const warning = t.harness.logger.lines.find(({ level }) => level === 'warn');
    expect(warning?.fields).toMatchObject({ key: 'default/a', objects: ['configmaps default/a-0'] });
  });

  test('a failing object is tried with growing delays and does not hold up the others', async () => {
    await using t = await setUp((w) => {
      if (w.metadata.name === 'bad') throw new Error('poisoned');
      return { status: { note: 'fine' } };
    });
    t.server.seed(Widget, widget('bad'));
    for (let i = 0; i < 20; i++) t.server.seed(Widget, widget(`good${i}`));
    t.start();
    await t.harness.settle();
    expect(t.server.list(Widget).filter((w) => w.status?.note === 'fine')).toHaveLength(20);
    await t.harness.advance(10_000);
    const tries = t.runs.filter((name) => name === 'bad').length;
    // 5 ms doubling, three quarters of it each with this harness' jitter: 12 tries in 10 s, not thousands.
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(16);
    const failure = t.harness.logger.lines.find(({ message }) => message === 'reconcile failed');
    expect(failure?.fields).toMatchObject({
      controller: 'widget',
      object: 'default/bad',
      error: { message: 'poisoned' },
    });
    expect(failure?.fields['reconcileID']).toMatch(/^[0-9a-f-]{36}$/);
    expect(await metric(t.harness, `controller_runtime_reconcile_errors_total{controller="widget"} ${tries}`)).toBe(
      true,
    );
  });

  test('a crowd of failing objects is retried at the rate that is allowed', async () => {
    await using t = await setUp(
      () => {
        throw new Error('the cluster is gone');
      },
      { retryLimit: { perSecond: 5, burst: 5 }, backoff: { baseMs: 1, maxMs: 1 } },
    );
    for (let i = 0; i < 30; i++) t.server.seed(Widget, widget(`w${i}`));
    t.start();
    await t.harness.advance(4000);
    // Once each, then 5 and 5 a second, although each on its own would be tried every millisecond.
    expect(t.runs.length).toBeLessThanOrEqual(30 + 5 + 4 * 5 + 1);
    expect(t.runs.length).toBeGreaterThan(40);
  });

  test('a failure is forgotten when the object does well', async () => {
    let bad = true;
    await using t = await setUp(() => {
      if (bad) throw new Error('not yet');
      return {};
    });
    t.server.seed(Widget, widget('a'));
    const controller = t.start();
    await t.harness.advance(1000);
    expect(controller.queue.failures('default/a')).toBeGreaterThan(3);
    bad = false;
    await t.harness.advance(5000);
    expect(controller.queue.failures('default/a')).toBe(0);
  });

  test('a terminal error is counted and not tried again until something changes', async () => {
    await using t = await setUp(() => {
      throw new TerminalError('hopeless');
    });
    t.server.seed(Widget, widget('a'));
    t.start();
    await t.harness.advance(3_600_000);
    expect(t.runs).toHaveLength(1);
    expect(await metric(t.harness, 'controller_runtime_terminal_reconcile_errors_total{controller="widget"} 1')).toBe(
      true,
    );
    t.server.update(Widget, { namespace: 'default', name: 'a' }, (w) => (w.spec.children = 1));
    await t.harness.settle();
    expect(t.runs).toHaveLength(2);
  });

  test('a mistake in code counts as panic', async () => {
    await using t = await setUp(() => (undefined as unknown as { a: () => Plan<Widget> }).a());
    t.server.seed(Widget, widget('a'));
    t.start();
    await t.harness.settle();
    expect(await metric(t.harness, 'controller_runtime_reconcile_panics_total{controller="widget"} 1')).toBe(true);
  });

  test('a slow reconcile is aborted in time; one that ignores this frees its worker but never runs twice at once', async () => {
    const hang = Promise.withResolvers<Plan<Widget>>();
    await using t = await setUp((w) => (w.metadata.name === 'slow' ? hang.promise : { status: { note: 'done' } }), {
      workers: 1,
      reconcileTimeoutMs: 1000,
    });
    t.server.seed(Widget, widget('slow'));
    const controller = t.start();
    await t.harness.until(() => controller.queue.working === 1);
    t.server.seed(Widget, widget('other'));
    t.server.update(Widget, { namespace: 'default', name: 'slow' }, (w) => (w.spec.children = 1));
    await t.harness.until(() => controller.queue.length === 1);
    t.harness.clock.advance(1000);
    await t.harness.until(() => t.server.get(Widget, { namespace: 'default', name: 'other' })?.status?.note === 'done');
    // Only the one that hangs is left, and nothing is on its way that would queue the other again.
    await t.harness.until(() => t.widgets.get('default', 'other')?.status?.note === 'done');
    await t.harness.until(() => controller.queue.working === 1 && controller.queue.length === 0);
    t.harness.clock.advance(60_000);
    expect(t.runs.filter((name) => name === 'slow')).toHaveLength(1);
    expect(await metric(t.harness, 'controller_runtime_reconcile_timeouts_total{controller="widget"} 1')).toBe(true);
    hang.resolve({});
    await t.harness.until(() => t.runs.filter((name) => name === 'slow').length === 2);
  });

  test('conflicts and 410 are tried again without counting as errors', async () => {
    let left = 3;
    await using t = await setUp(() => {
      if (left-- > 0) throw new KubeError({ status: left === 1 ? 410 : 409, reason: 'Conflict', message: 'changed' });
      return { status: { note: 'done' } };
    });
    t.server.seed(Widget, widget('a'));
    t.start();
    await t.harness.advance(1000);
    expect(t.server.get(Widget, { namespace: 'default', name: 'a' })?.status?.note).toBe('done');
    expect(await metric(t.harness, 'controller_runtime_reconcile_errors_total{controller="widget"} 0')).toBe(true);
    expect(t.harness.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('an outage of the apiserver loses nothing', async () => {
    await using t = await setUp(widgetPlan);
    t.server.seed(Widget, widget('a', 40));
    t.server.inject({
      on: ({ verb }) => verb === 'create',
      times: 200,
      effect: { respond: { status: 500, message: 'etcd is gone' } },
    });
    t.start();
    await t.harness.settle();
    // Going on with the rest is useless in an outage: one attempt per slot of the 16, not 40.
    expect(t.server.writes.filter(({ verb }) => verb === 'create').length).toBeLessThanOrEqual(16);
    await t.harness.advance(600_000);
    expect(t.server.list(ConfigMap)).toHaveLength(40);
    expect(t.server.get(Widget, { namespace: 'default', name: 'a' })?.status).toEqual({ ready: 40 });
  });

  test('one huge object does not hog: its writes are bounded per run, others get their turn in between', async () => {
    const order: string[] = [];
    await using t = await setUp(
      (w, owned) => {
        order.push(w.metadata.name);
        return { apply: missing(w, owned) };
      },
      { workers: 1, maxWritesPerReconcile: 50 },
    );
    t.start();
    await t.harness.settle();
    t.server.seed(Widget, widget('huge', 180));
    t.server.seed(Widget, widget('small', 1));
    await t.harness.advance(5000);
    expect(t.server.list(ConfigMap)).toHaveLength(181);
    expect(order.indexOf('small')).toBeLessThan(3);
  });

  test('wakeAt brings the key back at its time', async () => {
    const at: string[] = [];
    await using t = await setUp((_w, _, now) => {
      at.push(now.toISOString());
      const wakeAt = new Date('2026-01-01T00:10:00Z');
      if (now >= wakeAt) return {};
      return { wakeAt };
    });
    t.server.seed(Widget, widget('a'));
    t.start();
    await t.harness.advance(599_000);
    expect(at).toHaveLength(1);
    await t.harness.advance(1000);
    expect(at).toHaveLength(2);
    expect(at[1]).toBe('2026-01-01T00:10:00.000Z');
  });

  test('predicates keep what does not matter away', async () => {
    const server = await startFakeApiserver({ kinds });
    await using harness = new ControllerHarness({ default: server });
    const informer = harness.informer(Widget);
    let runs = 0;
    harness.start(
      defineController({
        name: 'picky',
        for: { informer, predicate: generationChanged },
        observe: () => {
          runs++;
          return undefined;
        },
        plan: () => ({}),
      }),
    );
    server.seed(Widget, widget('a'));
    await harness.settle();
    server.update(Widget, { namespace: 'default', name: 'a' }, (w) => (w.metadata.labels = { x: 'y' }));
    await harness.settle();
    expect(runs).toBe(1);
    server.update(Widget, { namespace: 'default', name: 'a' }, (w) => (w.spec.children = 9));
    await harness.settle();
    expect(runs).toBe(2);
    await server.close();
  });

  test('a controller without a kind of its own reconciles what its mappers name, and survives a mapper that fails', async () => {
    const server = await startFakeApiserver({ kinds });
    await using harness = new ControllerHarness({ default: server });
    const informer = harness.informer(Widget);
    const keys: Key[] = [];
    harness.start(
      defineController({
        name: 'groups',
        watches: [
          watching({
            informer,
            enqueue: ({ old, new: now }) => {
              const name = (now ?? old)?.metadata.name ?? '';
              if (name === 'broken') throw new Error('mapper');
              return [{ name: name.slice(0, 1) }];
            },
          }),
        ],
        observe: (key) => void keys.push(key),
        plan: () => ({}),
      }),
    );
    for (const name of ['broken', 'a1', 'a2', 'b1']) server.seed(Widget, widget(name));
    await harness.settle();
    expect(new Set(keys.map(({ name }) => name))).toEqual(new Set(['a', 'b']));
    expect(harness.logger.lines.some(({ message }) => message === 'a mapper failed')).toBe(true);
    await server.close();
  });

  test('nothing is written once leadership is lost', async () => {
    await using t = await setUp(widgetPlan);
    t.harness.mayWrite = false;
    t.server.seed(Widget, widget('a', 2));
    t.start();
    await t.harness.settle();
    expect(t.runs.length).toBeGreaterThan(0);
    expect(t.writes()).toEqual([]);
  });

  test('a stop lets what runs finish and takes nothing new', async () => {
    const gate = Promise.withResolvers<Plan<Widget>>();
    await using t = await setUp(() => gate.promise, { workers: 1 });
    t.server.seed(Widget, widget('a'));
    t.server.seed(Widget, widget('b'));
    const controller = t.start();
    await t.harness.until(() => controller.queue.working === 1);
    const stopped = t.harness.stop();
    gate.resolve({ status: { note: 'finished' } });
    await stopped;
    expect(t.runs).toHaveLength(1);
    expect(t.server.list(Widget).filter((w) => w.status?.note === 'finished')).toHaveLength(1);
  });

  test('metrics have controller-runtime and client-go names', async () => {
    await using t = await setUp(() => ({ status: { note: 'x' } }));
    t.server.seed(Widget, widget('a'));
    t.start();
    await t.harness.settle();
    const text = await t.harness.metrics.registry.metrics();
    for (const name of [
      'controller_runtime_reconcile_total{controller="widget",result="success"}',
      'controller_runtime_reconcile_time_seconds_count{controller="widget"}',
      'controller_runtime_active_workers{controller="widget"} 0',
      'controller_runtime_max_concurrent_reconciles{controller="widget"} 4',
      'workqueue_depth{name="widget",controller="widget"} 0',
      'workqueue_adds_total{name="widget",controller="widget"}',
      'workqueue_queue_duration_seconds_count{name="widget",controller="widget"}',
      'workqueue_work_duration_seconds_count{name="widget",controller="widget"}',
      'workqueue_unfinished_work_seconds{name="widget",controller="widget"} 0',
      'workqueue_longest_running_processor_seconds{name="widget",controller="widget"} 0',
      '# TYPE workqueue_retries_total counter',
      '# TYPE rest_client_requests_total counter',
      '# TYPE leader_election_master_status gauge',
    ]) {
      expect(text).toContain(name);
    }
  });

  test.each<[string, object, string]>([
    ['a name with capitals', { name: 'Widget' }, 'must be kebab-case'],
    ['no workers', { workers: 0 }, 'workers is 0'],
    ['nothing to watch', {}, 'needs for or watches'],
  ])('%s is refused', (_, change, message) => {
    const definition = { name: 'a', observe: () => undefined, plan: () => ({}), ...change };
    expect(() => defineController(definition)).toThrow(message);
  });
});
