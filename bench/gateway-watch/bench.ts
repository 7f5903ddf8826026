import { poll } from '../../hack/cluster/system/poll.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { load } from '../client/load.ts';
import { type GatewayHub, type RunningGateway, startGateway, startGatewayHub } from '../gateway/gateway.ts';
import { pastWorkflow } from '../gateway/past-workflows.ts';
import { Workflows } from '../lab/kinds.ts';
import { watchMoments } from '../lab/moments.ts';
import type { Usage } from '../lab/process-usage.ts';
import type { Row } from '../report/row.ts';
import { median, quantile } from '../report/statistics.ts';
import { Watcher } from './watcher.ts';

const bench = 'gateway-watch';
const watchers = 1000;
const users = 50;
const workflows = 100;
const rounds = 30;

/** A thousand who follow all workflows at one gateway. */
export const gatewayWatchBench: Bench = {
  name: bench,
  about: `${watchers} watchers of ${workflows} workflows on one gateway: until the last one has seen a change`,
  async run(context) {
    const hub = await startGatewayHub(context);
    await load(
      { calls: workflows },
      8,
      async (_, number) => void (await hub.client.create(Workflows, pastWorkflow('default', number))),
    );
    const gateway = await startGateway(hub, context);
    const crowd = new Crowd();
    context.cleanup.defer(() => crowd.close());
    // The first ones pay for code that never ran.
    await crowd.grow(gateway, 20, context);
    const before = gateway.program.usage();
    const opened = performance.now();
    await crowd.grow(gateway, watchers, context);
    const syncedMs = performance.now() - opened;
    const settled = gateway.program.usage();
    const changes = await changeOften(hub, gateway, crowd, context);
    return rowsOf({ syncedMs, before, settled, changes, after: gateway.program.usage() });
  },
};

/** Many watchers, and when they saw what. */
class Crowd {
  readonly #watchers: Watcher[] = [];
  #synced = 0;
  /** When each watcher saw the change of the current round, ms. */
  #arrivals: number[] = [];
  #round = 0;

  get size(): number {
    return this.#watchers.length;
  }

  /** Opens watchers until there are so many, and waits until all know what there is. */
  async grow(gateway: RunningGateway, size: number, { signal }: BenchContext): Promise<void> {
    await load({ calls: size - this.size }, 32, async (_, number) => {
      const onEvent = (what: string, count: number): void => {
        if (what === 'SYNCED') this.#synced++;
        else if (count === this.#round) this.#arrivals.push(performance.now());
      };
      const user = `user-${number % users}`;
      this.#watchers.push(await Watcher.open(gateway.url, '/api/watch/workflow?all_users=true', user, onEvent));
    });
    await this.#until('watchers synced', () => this.#synced, gateway, signal);
  }

  /** Makes a change and waits until all have seen it. Gives when each did. */
  async see(change: () => Promise<unknown>, gateway: RunningGateway, { signal }: BenchContext): Promise<number[]> {
    this.#round++;
    this.#arrivals = [];
    await change();
    await this.#until(`watchers that saw change ${this.#round}`, () => this.#arrivals.length, gateway, signal);
    return this.#arrivals;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }

  async #until(what: string, count: () => number, { program }: RunningGateway, signal: AbortSignal): Promise<void> {
    const probe = async (): Promise<true | undefined> => {
      if (count() === this.size) return true;
      throw new Error(`${count()} of ${this.size}`);
    };
    const giveUp = (): void => {
      signal.throwIfAborted();
      program.check();
    };
    await poll(what, probe, { timeoutMs: 120_000, intervalMs: 20, giveUp });
  }
}

interface Changes {
  /** From the call that changes a workflow until the first and last watcher saw it, ms. */
  first: number[];
  last: number[];
  /** The same until one watcher of the apiserver saw it. */
  bare: number[];
}

async function changeOften(
  { client }: GatewayHub,
  gateway: RunningGateway,
  crowd: Crowd,
  context: BenchContext,
): Promise<Changes> {
  const isChanged = ({ metadata }: { metadata: { annotations?: Record<string, string> } }): boolean =>
    metadata.annotations?.['bench'] !== undefined;
  const keyOf = ({ metadata }: { metadata: { annotations?: Record<string, string> } }): string =>
    metadata.annotations?.['bench'] ?? '';
  const seen = await watchMoments(context, { client, type: Workflows, namespace: 'default' }, isChanged, keyOf);
  const changes: Changes = { first: [], last: [], bare: [] };
  for (let round = 1; round <= rounds; round++) {
    if (round % 10 === 1) context.say(`change ${round} of ${rounds}`);
    const ref = { name: `train-policy-${round}`, namespace: 'default' };
    const body = { metadata: { annotations: { bench: String(round) } } };
    const started = performance.now();
    const arrivals = await crowd.see(() => client.patch(Workflows, ref, { kind: 'merge', body }), gateway, context);
    await seen.reached(round, 60_000);
    changes.first.push(Math.min(...arrivals) - started);
    changes.last.push(Math.max(...arrivals) - started);
    changes.bare.push((seen.at.get(String(round)) ?? Number.NaN) - started);
  }
  seen.stop();
  return changes;
}

function rowsOf({
  syncedMs,
  before,
  settled,
  after,
  changes: { first, last, bare },
}: {
  syncedMs: number;
  before: Usage;
  settled: Usage;
  after: Usage;
  changes: Changes;
}): Row[] {
  const beside = { what: 'one watcher of the apiserver', value: median(bare), unit: 'ms' };
  const time = (what: string, value: number): Row => ({
    bench,
    what,
    value,
    unit: 'ms',
    beside,
    ratio: value / beside.value,
  });
  const cpuMs = ((after.cpuSeconds - settled.cpuSeconds) * 1000) / rounds;
  return [
    { ...time('a change until the first has seen it, p50', median(first)) },
    { ...time(`until all ${watchers} have seen it, p50`, median(last)), target: { of: 'value', atMost: 1000 } },
    {
      ...time(`until all ${watchers} have seen it, worst`, quantile(last, 1)),
      note: `${rounds} changes, one after the other`,
    },
    {
      bench,
      what: 'CPU of the gateway for a change',
      value: cpuMs,
      unit: 'ms',
      note: `${((cpuMs * 1000) / watchers).toFixed(0)} µs a watcher`,
    },
    {
      bench,
      what: 'resident memory for a watcher',
      value: (settled.rssBytes - before.rssBytes) / (watchers - 20) / 1024,
      unit: 'KiB',
      note: `gateway: ${(before.rssBytes / 2 ** 20).toFixed(0)} MiB with 20 watchers, ${(after.peakRssBytes / 2 ** 20).toFixed(0)} MiB at most`,
    },
    {
      bench,
      what: `until ${watchers - 20} more know all ${workflows} workflows`,
      value: syncedMs / 1000,
      unit: 's',
      note: `CPU of the gateway: ${(settled.cpuSeconds - before.cpuSeconds).toFixed(1)} s`,
    },
  ];
}
