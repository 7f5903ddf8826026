import type { ClusterAccess } from '@osmo/kube';
import type { Bench, BenchContext } from '../bench.ts';
import { openApiserver } from '../lab/apiserver.ts';
import type { Row } from '../report/row.ts';
import { median, medianRatio } from '../report/statistics.ts';
import { bareCaller, type Caller, connections, kubeCaller } from './callers.ts';
import { type Cost, load } from './load.ts';

const rounds = 20;
const roundMs = 600;
const verbs = ['create', 'patch'] as const;
const concurrencies = [1, 16, 64] as const;

type Callers = Record<'kube' | 'bare', Caller>;
type Costs = Record<'kube' | 'bare', Cost[]>;

/** Writes per second of kube/'s client, beside a bare undici pool that takes turns with it on the same apiserver. */
export const clientBench: Bench = {
  name: 'client',
  about: "creates and patches per second of kube/'s client, beside a bare undici pool",
  async run(context) {
    const { access, namespace } = await openApiserver(context, 'osmo-bench-client');
    const callers = await openCallers(access, namespace, context.cleanup);
    await prepare(callers, context);
    const rows: Row[] = [];
    for (const verb of verbs) {
      for (const concurrency of concurrencies) {
        context.signal.throwIfAborted();
        context.say(`${verb}, ${concurrency} at a time: ${rounds} rounds`);
        rows.push(...rowsOf(verb, concurrency, await compare(verb, concurrency, callers, context.signal)));
      }
    }
    return rows;
  },
};

async function openCallers(access: ClusterAccess, namespace: string, cleanup: AsyncDisposableStack): Promise<Callers> {
  const callers = { kube: kubeCaller(access, namespace), bare: await bareCaller(access, namespace) };
  for (const caller of Object.values(callers)) cleanup.defer(() => caller.close());
  return callers;
}

/** Makes the objects that are patched, opens all connections and lets the compiler see both code paths. */
async function prepare(callers: Callers, { say, signal }: BenchContext): Promise<void> {
  say('warm-up');
  for (const [who, caller] of Object.entries(callers)) {
    await load({ calls: connections }, connections, (lane) => caller.create(patched(who, lane)), signal);
    await load({ calls: 600 }, connections, (_, number) => caller.create(`warm-${who}-${number}`), signal);
    await load({ calls: 600 }, connections, (lane, number) => caller.patch(patched(who, lane), -number), signal);
  }
}

const patched = (who: string, lane: number): string => `patched-${who}-${lane}`;

async function compare(
  verb: (typeof verbs)[number],
  concurrency: number,
  callers: Callers,
  signal: AbortSignal,
): Promise<Costs> {
  const costs: Costs = { kube: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    // Who goes second finds the server warmer, or busy with what the first left; so they swap.
    const order = round % 2 === 0 ? (['kube', 'bare'] as const) : (['bare', 'kube'] as const);
    for (const who of order) {
      const call = (lane: number, number: number): Promise<void> =>
        verb === 'create'
          ? callers[who].create(`c-${who}-${concurrency}-${round}-${number}`)
          : callers[who].patch(patched(who, lane), round * 1_000_000 + number);
      costs[who].push(await load({ ms: roundMs }, concurrency, call, signal));
    }
  }
  return costs;
}

function rowsOf(verb: (typeof verbs)[number], concurrency: number, { kube, bare }: Costs): Row[] {
  const compared = (field: keyof Cost, what: string, unit: string): Row => {
    const [ours, theirs] = [kube, bare].map((costs) => costs.map((cost) => cost[field])) as [number[], number[]];
    return {
      bench: 'client',
      what,
      value: median(ours),
      unit,
      beside: { what: 'bare undici pool', value: median(theirs), unit },
      ratio: medianRatio(ours, theirs),
    };
  };
  const name = `${verb}, ${concurrency} at a time`;
  return [
    {
      ...compared('perSecond', name, `${verb}${verb === 'patch' ? 'es' : 's'}/s`),
      target: { of: 'ratio', atLeast: 0.8 },
    },
    compared('cpuMsPerCall', `${name}: CPU of the client`, 'ms/request'),
  ];
}
