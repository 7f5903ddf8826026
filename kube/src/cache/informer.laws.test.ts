import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KubeError, TransportReason } from '../client/errors.ts';
import { ConfigMap } from '../client/kinds/core.ts';
import type { KubeObject } from '../client/types.ts';
import { FakeClock, settle } from '../runtime/testing/fake-clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { broken, type EventFault, gone, ModelServer } from '../testing/model-server.ts';
import { newInformer } from './informer.ts';
import type { Informer } from './types.ts';
import { isAtLeast } from './versions.ts';

// Laws of the cache under any history of writes and any faults of the way: what it holds in the end, what it told its
// listeners on the way, and what it claims to have seen.

type Step =
  | { do: 'write'; name: string; value: string }
  | { do: 'remove'; name: string }
  | { do: 'recreate'; name: string; value: string }
  | { do: 'compact' }
  | { do: 'bookmark' }
  | { do: 'end' }
  | { do: 'break'; reason: string }
  | { do: 'expire' }
  | { do: 'fault'; fault: EventFault }
  | { do: 'failList'; status: number }
  | { do: 'failWatch'; status: number }
  /** What is on its way arrives, but no time passes. */
  | { do: 'rest' }
  | { do: 'wait' };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('red', 'green', 'blue');
const status = fc.constantFrom(0, 410, 429, 500, 503);
const writes: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), name, value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recreate' as const), name, value }) },
);
const breaks: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>({ do: 'compact' }, { do: 'bookmark' }, { do: 'end' }, { do: 'expire' }),
  fc.record({
    do: fc.constant('break' as const),
    reason: fc.constantFrom(TransportReason.connection, TransportReason.truncated, TransportReason.stalled),
  }),
  fc.record({ do: fc.constant('failList' as const), status }),
  fc.record({ do: fc.constant('failWatch' as const), status }),
);
const faultOf = (...faults: EventFault[]): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...faults) });
const waits = fc.constantFrom<Step>({ do: 'rest' }, { do: 'wait' });

const historyOf = (...faults: EventFault[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: writes },
      { weight: 2, arbitrary: breaks },
      { weight: 2, arbitrary: faultOf(...faults) },
      { weight: 4, arbitrary: waits },
    ),
    { maxLength: 40 },
  );

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message, fields) => {
    throw new Error(`${message}: ${JSON.stringify(fields)}`);
  },
  child: () => silent,
};

const namespace = 'ns';
const failure = (code: number): KubeError => {
  if (code === 410) return gone();
  return code === 0
    ? broken(TransportReason.connection)
    : new KubeError({ status: code, reason: 'Injected', message: '' });
};

/** An informer over a model server, with everything that its listeners were told checked and replayed. */
class World {
  readonly clock = new FakeClock();
  readonly server = new ModelServer(ConfigMap);
  readonly informer: Informer<ConfigMap>;
  readonly replayed = new Map<string, ConfigMap>();
  readonly written: { name: string; version: string }[] = [];
  readonly stop = new AbortController();
  readonly problems: string[] = [];
  #uid = 0;

  constructor(options: { watchList: boolean; watchListServed: boolean; pageSize: number }) {
    this.server.watchListServed = options.watchListServed;
    this.informer = newInformer({
      client: this.server as never,
      type: ConfigMap,
      clock: this.clock,
      logger: silent,
      watchList: options.watchList,
      pageSize: options.pageSize,
      freeze: true,
      random: () => 0.5,
      indexes: { value: (o) => [o.data?.['value'] ?? ''], initial: (o) => [o.metadata.name, 'all', 'all'] },
    });
    this.informer.onChange((change) => {
      const { name: key } = (change.new ?? change.old)?.metadata ?? { name: '' };
      const before = this.replayed.get(key);
      if (before !== change.old) this.problems.push(`${key}: old is not what was told before`);
      if (change.old && change.new && change.old.metadata.uid !== change.new.metadata.uid) {
        this.problems.push(`${key}: an update from one UID to another`);
      }
      if (change.old && change.old === change.new) this.problems.push(`${key}: a change without change`);
      const versions = [change.old, change.new].map((object) => object?.metadata.resourceVersion);
      if (change.old && change.new && isAtLeast(versions[0] ?? '', versions[1] ?? '')) {
        this.problems.push(`${key}: ${versions[1]} in place of ${versions[0]}`);
      }
      if (change.new) this.replayed.set(key, change.new);
      else this.replayed.delete(key);
      this.checkIndexes();
    });
  }

  async run(steps: readonly Step[], atRest: () => void = () => undefined): Promise<void> {
    this.informer.start(this.stop.signal);
    let reached: string | undefined;
    for (const step of steps) {
      await this.#do(step);
      const { resourceVersion } = this.informer;
      if (reached !== undefined && !isAtLeast(resourceVersion ?? '', reached)) {
        this.problems.push(`the version went from ${reached} to ${resourceVersion}`);
      }
      reached = resourceVersion;
      if (step.do === 'rest' || step.do === 'wait') atRest();
    }
  }

  /** Nothing fails any more; time passes until a full state is read again, and every timer in between fires. */
  async settleDown(): Promise<void> {
    this.server.heal();
    await this.pass(10);
    this.server.endWatches();
    await this.pass(10);
    this.clock.advance(2 * 60 * 60_000);
    this.server.endWatches();
    await this.pass(10);
    this.server.endWatches();
    await this.pass(10);
  }

  checkIndexes(): void {
    const all = this.informer.list();
    for (const color of ['red', 'green', 'blue']) {
      const want = all.filter((o) => o.data?.['value'] === color).map((o) => o.metadata.uid);
      const have = this.informer.byIndex('value', color).map((o) => o.metadata.uid);
      const sorted = (uids: (string | undefined)[]): string => JSON.stringify(uids.map(String).toSorted(byText));
      if (sorted(want) !== sorted(have)) this.problems.push(`index value=${color}: ${have.join()}`);
    }
    if (this.informer.byIndex('initial', 'all').length !== all.length) this.problems.push('index initial=all');
    if (this.informer.size !== all.length) this.problems.push(`size ${this.informer.size} of ${all.length}`);
  }

  async pass(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      await settle();
      const next = this.clock.nextAt();
      if (next) this.clock.advance(next.getTime() - this.clock.now().getTime());
    }
    await settle();
  }

  async #do(step: Step): Promise<void> {
    const { server } = this;
    const store = (key: string, text: string, uid: string): void => {
      const { metadata } = server.write(namespace, key, uid, { data: { value: text } });
      this.written.push({ name: key, version: metadata.resourceVersion ?? '' });
    };
    switch (step.do) {
      case 'write':
        return store(step.name, step.value, server.get(namespace, step.name)?.metadata.uid ?? `uid-${this.#uid++}`);
      case 'remove':
        server.remove(namespace, step.name);
        return;
      case 'recreate':
        server.remove(namespace, step.name);
        return store(step.name, step.value, `uid-${this.#uid++}`);
      case 'compact':
        return server.storage.compact();
      case 'bookmark':
        return server.bookmark();
      case 'end':
        return server.endWatches();
      case 'break':
        return server.endWatches(broken(step.reason));
      case 'expire':
        return server.endWatches(gone());
      case 'fault':
        return server.nextEvent(step.fault);
      case 'failList':
        return server.nextList(failure(step.status));
      case 'failWatch':
        return server.nextWatch(failure(step.status));
      case 'rest':
        return settle();
      case 'wait':
        return this.pass(2);
    }
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

const plain = (objects: readonly KubeObject[]): string[] =>
  objects
    .map(({ metadata: { managedFields: _, ...metadata }, ...rest }) =>
      JSON.stringify([metadata.name, metadata.uid, metadata.resourceVersion, (rest as ConfigMap).data]),
    )
    .toSorted(byText);

const modes = fc.record({
  watchList: fc.boolean(),
  watchListServed: fc.boolean(),
  pageSize: fc.constantFrom(1, 2, 500),
});

/** The last of these writes leaves nothing to be read when its event, overtaken by the next, shows that some is missing. */
const overtaken: [Step[], { watchList: boolean; watchListServed: boolean; pageSize: number }][] = [
  [
    [
      { do: 'wait' },
      { do: 'write', name: 'a', value: 'red' },
      { do: 'fault', fault: 'delay' },
      { do: 'failList', status: 503 },
      { do: 'failList', status: 503 },
      { do: 'write', name: 'b', value: 'red' },
      { do: 'write', name: 'a', value: 'blue' },
      { do: 'rest' },
    ],
    { watchList: false, watchListServed: false, pageSize: 500 },
  ],
];

describe('the cache', () => {
  test('converges to the state of the server, whatever is dropped, doubled, reordered, cut or compacted', async () => {
    await fc.assert(
      fc.asyncProperty(
        historyOf('drop', 'duplicate', 'delay', 'hold', 'truncate', 'garble'),
        modes,
        async (steps, mode) => {
          const world = new World(mode);
          await world.run(steps);
          await world.settleDown();
          expect(world.problems).toEqual([]);
          expect(plain(world.informer.list())).toEqual(plain(world.server.state()));
          expect(plain([...world.replayed.values()])).toEqual(plain(world.server.state()));
          world.checkIndexes();
          expect(world.problems).toEqual([]);
          for (const { name: key, version } of world.written) {
            expect(world.informer.hasSeen({ name: key, namespace }, version)).toBe(true);
          }
          world.stop.abort();
          await settle();
        },
      ),
      { numRuns: 300 },
    );
  });

  test('converges without the periodic full read when nothing is silently dropped', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf('duplicate', 'delay', 'truncate', 'garble'), modes, async (steps, mode) => {
        const world = new World(mode);
        await world.run(steps);
        world.server.heal();
        // Brings what is delayed, after the events that overtook it.
        world.server.bookmark();
        await world.pass(12);
        expect(plain(world.informer.list())).toEqual(plain(world.server.state()));
        expect(world.problems).toEqual([]);
        world.stop.abort();
        await settle();
      }),
      { numRuns: 200 },
    );
  });

  // At rest, that is: before what was overtaken arrives nobody can know that something is missing.
  test('never claims to have seen a write that it has not, unless events were dropped', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf('duplicate', 'delay', 'truncate', 'garble'), modes, async (steps, mode) => {
        const world = new World(mode);
        await world.run(steps, () => {
          for (const { name: key, version } of world.written) {
            if (!world.informer.hasSeen({ name: key, namespace }, version)) continue;
            const cached = world.informer.get(namespace, key)?.metadata.resourceVersion;
            const stored = world.server.get(namespace, key)?.metadata.resourceVersion;
            // Either it is here at that version or later, or it was deleted after that version.
            const gonePast = cached === undefined && stored !== version;
            if (!gonePast && !(cached !== undefined && isAtLeast(cached, version))) {
              world.problems.push(`${key}: claims ${version}, has ${cached}`);
            }
          }
        });
        expect(world.problems).toEqual([]);
        world.stop.abort();
        await settle();
      }),
      { numRuns: 200, examples: overtaken },
    );
  });
});
