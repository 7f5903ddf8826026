import type { Bench, BenchContext } from '../bench.ts';
import { gatewayUser, type GatewayUser, startGateway, startGatewayHub } from '../gateway/gateway.ts';
import { makePastWorkflows, weigh } from '../gateway/past-workflows.ts';
import { timed } from '../gateway/timed.ts';
import type { Row } from '../report/row.ts';
import { quantile } from '../report/statistics.ts';

const bench = 'gateway-list';
const workflows = 50_000;
const rounds = 5;
const callsPerRound = 60;
const atOnce = 8;
/** What it may take beside what the objects weigh. */
const ownMiB = 300;

/** Queries of a list of 20, by what people look for. */
const queries: readonly (readonly [what: string, query: string])[] = [
  ['newest, of everybody', 'all_users=true'],
  ['newest, my own', ''],
  ['of one user', 'users=user-7'],
  ['in one state', 'all_users=true&statuses=RUNNING'],
  ['in one pool', 'all_users=true&pools=pool-3'],
  ['by a glob of a label', 'all_users=true&label=team%3Dteam-1*7'],
  ['by name', 'all_users=true&name=policy-4999'],
  ['oldest first, the 40,000th', 'all_users=true&order=ASC&offset=40000'],
  ['no hit: a name', 'all_users=true&name=no-such-name'],
  ['no hit: a label', 'all_users=true&label=team%3Dnobody'],
  ['no hit: state, pool and user', 'users=nobody&statuses=FAILED&pools=pool-3'],
];

/** What a list costs when there are very many workflows, and what the gateway takes to know them. */
export const gatewayListBench: Bench = {
  name: bench,
  about: `lists of 20 of ${workflows.toLocaleString('en-US')} workflows, beside a page of the apiserver`,
  async run(context) {
    const hub = await startGatewayHub(context);
    // A namespace that every cluster has, and that ids without one mean.
    await makePastWorkflows(hub.client, 'default', workflows, context);
    const weight = await weigh(hub.client);
    const gateway = await startGateway(hub, context);
    const user = gatewayUser(gateway, 'user-3', atOnce, context);
    const before = gateway.program.usage();
    const page = '/apis/osmo.dev/v1alpha1/namespaces/default/workflows?limit=20';
    const rows = await queryRows(user, async () => void (await hub.client.request('GET', page)), context);
    const { peakRssBytes, rssBytes } = gateway.program.usage();
    return [...rows, memoryRow(weight, peakRssBytes, { startBytes: before.peakRssBytes, endBytes: rssBytes })];
  },
};

async function queryRows(user: GatewayUser, page: () => Promise<void>, context: BenchContext): Promise<Row[]> {
  const { say, signal } = context;
  const list = (query: string) => () => user.send('GET', `/api/workflow?${query}`);
  for (const [, query] of queries) await timed(20, 1, list(query), signal);
  const took = new Map<string, number[]>();
  const pages: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`lists: round ${round} of ${rounds}`);
    for (const [what, query] of queries) {
      const { tookMs } = await timed(callsPerRound, 1, list(query), signal);
      took.set(what, [...(took.get(what) ?? []), ...tookMs]);
    }
    pages.push(...(await timed(callsPerRound, 1, page, signal)).tookMs);
  }
  const beside = { what: 'the apiserver: first page of 20, p99', value: quantile(pages, 0.99), unit: 'ms' };
  const rows = queries.map(([what]): Row => {
    const times = took.get(what) ?? [];
    const p99 = quantile(times, 0.99);
    return {
      bench,
      what: `${what}, p99`,
      value: p99,
      unit: 'ms',
      beside,
      ratio: p99 / beside.value,
      target: { of: 'value', atMost: 50 },
      note: `p50 ${quantile(times, 0.5).toFixed(2)} ms`,
    };
  });
  const crowd = await timed(rounds * callsPerRound * 2, atOnce, list('all_users=true&name=no-such-name'), signal);
  return [
    ...rows,
    {
      bench,
      what: `no hit: a name, ${atOnce} at a time, p99`,
      value: quantile(crowd.tookMs, 0.99),
      unit: 'ms',
      note: `p50 ${quantile(crowd.tookMs, 0.5).toFixed(2)} ms, ${crowd.perSecond.toFixed(0)} lists/s`,
    },
  ];
}

function memoryRow(
  weight: number,
  peak: number,
  { startBytes, endBytes }: { startBytes: number; endBytes: number },
): Row {
  const mib = (bytes: number): number => bytes / 2 ** 20;
  return {
    bench,
    what: 'largest resident memory',
    value: mib(peak),
    unit: 'MiB',
    beside: { what: 'JSON of the workflows', value: mib(weight), unit: 'MiB' },
    ratio: peak / weight,
    target: { of: 'value', atMost: ownMiB + mib(weight) },
    note: `once it was ready ${mib(startBytes).toFixed(0)} MiB at most; at the end ${mib(endBytes).toFixed(0)} MiB`,
  };
}
