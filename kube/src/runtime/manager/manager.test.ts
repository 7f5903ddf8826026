import { describe, expect, test } from '@jest/globals';
import { Event, Lease } from '../../client/kinds/cluster.ts';
import { ConfigMap } from '../../client/kinds/core.ts';
import { startFakeApiserver, until as untilState } from '../../testing/index.ts';
import { defineController } from '../controller/definition.ts';
import { runtimeMetrics } from '../metrics/runtime-metrics.ts';
import { recordingLogger } from '../testing/recording-logger.ts';
import { Manager } from './manager.ts';
import { LeadershipLostError, type ManagerOptions } from './types.ts';

const map = (name: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: {},
});
const lease = { namespace: 'kube-system', name: 'test' };
/** Real time: tries every second or two, and loses nothing when the machine is busy. To release takes as long as a pause at most. */
const times = { leaseDurationMs: 120_000, renewDeadlineMs: 90_000, retryPeriodMs: 1000 };

const until = (condition: () => boolean | Promise<boolean>): Promise<boolean> =>
  untilState(condition, (holds) => holds);

async function setUp() {
  const server = await startFakeApiserver();
  const stops: AbortController[] = [];
  const make = (options: Partial<ManagerOptions> = {}) => {
    const logger = recordingLogger();
    const manager = new Manager({
      clusters: { default: server.client() },
      fieldManager: 'test',
      reporter: { controller: 'osmo.dev/test', instance: 'test-0' },
      logger,
      metrics: runtimeMetrics(undefined, { process: false }),
      ...options,
    });
    const stop = new AbortController();
    stops.push(stop);
    return { manager, logger, stop, start: () => manager.start(stop.signal) };
  };
  return {
    server,
    make,
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop.abort();
      await server.close();
    },
  };
}

/** A controller that labels every ConfigMap that it sees, and tells so. */
function labelling(manager: Manager, value = 'yes') {
  const maps = manager.informer({ type: ConfigMap });
  return defineController<ConfigMap, ConfigMap>({
    name: 'labelling',
    for: { informer: maps },
    observe: (key) => maps.get(key.namespace, key.name),
    plan: ({ metadata }) => ({
      apply:
        metadata.labels?.['seen'] === undefined
          ? [
              {
                mode: 'apply',
                type: ConfigMap,
                object: {
                  apiVersion: 'v1',
                  kind: 'ConfigMap',
                  metadata: { name: metadata.name, namespace: 'default', labels: { seen: value } },
                },
              },
            ]
          : [],
      events:
        metadata.labels?.['seen'] === undefined
          ? [{ type: 'Normal', reason: 'Labelled', action: 'Label', note: `Labelled ${metadata.name}` }]
          : [],
    }),
  });
}

describe('manager', () => {
  test('runs controllers over shared caches, flushes events and ends', async () => {
    await using t = await setUp();
    t.server.seed(ConfigMap, map('a'));
    const { manager, stop, start, logger } = t.make();
    manager.add(labelling(manager));
    expect(manager.informer({ type: ConfigMap })).toBe(manager.informer({ type: ConfigMap }));
    const ended = start();
    await until(() => t.server.get(ConfigMap, map('a').metadata)?.metadata.labels?.['seen'] === 'yes');
    stop.abort();
    await ended;
    expect(t.server.list(Event).map(({ reason, note }) => [reason, note])).toEqual([['Labelled', 'Labelled a']]);
    // One watch for all who read ConfigMaps.
    expect(t.server.requests.filter(({ verb }) => verb === 'watch')).toHaveLength(1);
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('of two processes one works; the other takes over when it stops, within a moment', async () => {
    await using t = await setUp();
    const [a, b] = ['a', 'b'].map((identity) => {
      const process = t.make({ leaderElection: { ...lease, identity, ...times } });
      process.manager.add(labelling(process.manager, identity));
      return { ...process, ended: process.start() };
    }) as [ReturnType<typeof t.make> & { ended: Promise<void> }, ReturnType<typeof t.make> & { ended: Promise<void> }];
    await until(() => a.manager.isLeader() !== b.manager.isLeader());
    const [leader, standby] = a.manager.isLeader() ? [a, b] : [b, a];
    const name = leader === a ? 'a' : 'b';
    t.server.seed(ConfigMap, map('first'));
    await until(() => t.server.get(ConfigMap, map('first').metadata)?.metadata.labels?.['seen'] === name);
    leader.stop.abort();
    await leader.ended;
    await until(() => standby.manager.isLeader());
    t.server.seed(ConfigMap, map('second'));
    await until(() => t.server.get(ConfigMap, map('second').metadata)?.metadata.labels?.['seen'] !== undefined);
    standby.stop.abort();
    await standby.ended;
    expect(t.server.get(Lease, lease)?.spec?.holderIdentity).toBe('');
  });

  test('a leader that loses its lease stops all work and fails', async () => {
    await using t = await setUp();
    const soon = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 50 };
    const { manager, start } = t.make({ leaderElection: { ...lease, identity: 'a', ...soon } });
    let aborted = false;
    let working = false;
    manager.addRunnable({
      name: 'worker',
      run: (signal) =>
        new Promise((_, reject) => {
          working = true;
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason);
          });
        }),
    });
    const ended = start().then(
      () => undefined,
      (error: unknown) => error,
    );
    await until(() => working);
    t.server.inject({
      on: ({ resource }) => resource === 'leases.coordination.k8s.io',
      times: Infinity,
      effect: { respond: { status: 500 } },
    });
    expect(await ended).toBeInstanceOf(LeadershipLostError);
    expect(aborted).toBe(true);
    expect(manager.isLeader()).toBe(false);
  });

  test('what needs no leadership runs on standbys too', async () => {
    await using t = await setUp();
    const first = t.make({ leaderElection: { ...lease, identity: 'a', ...times } });
    void first.start();
    await until(() => first.manager.isLeader());
    const second = t.make({ leaderElection: { ...lease, identity: 'b', ...times } });
    const ran: string[] = [];
    const until1 = (name: string) => (signal: AbortSignal) => {
      ran.push(name);
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    };
    second.manager.addRunnable({ name: 'always', run: until1('always'), needsLeadership: false });
    second.manager.addRunnable({ name: 'leader', run: until1('leader') });
    const ended = second.start();
    await until(() => t.server.requests.filter(({ resource }) => resource.startsWith('leases')).length > 5);
    expect(ran).toEqual(['always']);
    second.stop.abort();
    await ended;
  });

  test('a runnable that fails, or ends by itself, ends the process with its error', async () => {
    await using t = await setUp();
    const failing = t.make();
    failing.manager.addRunnable({ name: 'bad', run: () => Promise.reject(new Error('no disk')) });
    await expect(failing.start()).rejects.toThrow('no disk');
    const ending = t.make();
    ending.manager.addRunnable({ name: 'short', run: () => Promise.resolve() });
    await expect(ending.start()).rejects.toThrow('short has ended by itself');
    const allowed = t.make();
    allowed.manager.addRunnable({ name: 'short', run: () => Promise.resolve(), mayEnd: true });
    const ended = allowed.start();
    allowed.stop.abort();
    await ended;
  });

  test('work that does not end is cut off after its time', async () => {
    await using t = await setUp();
    t.server.seed(ConfigMap, map('a'));
    const { manager, stop, start, logger } = t.make({ gracefulStopMs: 50 });
    const maps = manager.informer({ type: ConfigMap });
    let aborted = false;
    manager.add(
      defineController({
        name: 'slow',
        for: { informer: maps },
        observe: (_, { signal }) =>
          new Promise<undefined>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(signal.reason);
            });
          }),
        plan: () => ({}),
      }),
    );
    const ended = start();
    await until(() => logger.lines.some(({ message }) => message === 'controller started'));
    await until(async () =>
      (await manager.live.run()).some(({ name, problem }) => name === 'controller-slow' && problem === undefined),
    );
    stop.abort();
    await ended;
    expect(logger.lines.map(({ message }) => message)).toContain('work did not end in time; it is cut off');
    expect(aborted).toBe(true);
  });

  test('serves health and metrics; ready when the caches are filled', async () => {
    await using t = await setUp();
    const down = t.server.inject({
      on: ({ verb }) => verb === 'watch' || verb === 'list',
      times: Infinity,
      effect: { respond: { status: 500 } },
    });
    const { manager, stop, start } = t.make({
      health: { port: 0, host: '127.0.0.1' },
      metricsEndpoint: { port: 0, host: '127.0.0.1' },
    });
    manager.add(labelling(manager));
    const ended = start();
    await until(() => manager.ports.length === 2);
    const get = (port: number | undefined, path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    const [health, metrics] = manager.ports;
    const unready = await get(health, '/readyz');
    expect(unready.status).toBe(500);
    expect(await unready.text()).toContain('[-]caches failed: not filled yet: default/configmaps');
    down.remove();
    await until(async () => (await get(health, '/readyz')).ok);
    expect((await get(health, '/healthz')).ok).toBe(true);
    await until(async () =>
      (await (await get(metrics, '/metrics')).text()).includes('workqueue_depth{name="labelling"'),
    );
    expect((await get(health, '/metrics')).status).toBe(404);
    stop.abort();
    await ended;
    await expect(get(health, '/healthz')).rejects.toThrow('fetch failed');
  });

  test('mistakes in the set-up are told', async () => {
    await using t = await setUp();
    const { manager } = t.make();
    const indexes = { a: () => ['x'] };
    manager.informer({ type: ConfigMap });
    expect(() => manager.informer({ type: ConfigMap, indexes })).toThrow('index a must be asked for by its first user');
    expect(() => manager.informer({ type: ConfigMap, on: 'moon' })).toThrow('cluster "moon" is unknown: default');
    manager.add(labelling(manager));
    expect(() => manager.add(labelling(manager))).toThrow('added before');
    expect(() => manager.recorder('moon')).toThrow('"moon" is unknown');
  });
});
