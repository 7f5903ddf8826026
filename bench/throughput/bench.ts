import { Pod } from '@osmo/kube';
import type { Bench, BenchContext } from '../bench.ts';
import { type Hub, newNamespace, startHub } from '../lab/hub.ts';
import { Workflows } from '../lab/kinds.ts';
import { watchMoments } from '../lab/moments.ts';
import { sumOf } from '../lab/exposition.ts';
import type { Program } from '../lab/program.ts';
import { barePod, completed, ended, submit, task } from '../lab/workloads.ts';
import type { Row } from '../report/row.ts';
import { flood, type Passage } from './flood.ts';

const bench = 'throughput';
const workflows = 1000;
const nodes = 20;
/** Workflows a second that are offered in the second part: what must be held up. */
const pace = 15;
const paced = 300;

/** One-task workflows on simulated nodes, beside a loop that creates the same number of bare pods. */
export const throughputBench: Bench = {
  name: bench,
  about: `${workflows} one-task workflows on ${nodes} simulated nodes, beside a loop that creates bare pods`,
  async run(context) {
    const hub = await startHub(context, { kwok: { nodes } });
    // Half of the pods before and half after the workflows, so that a machine that slows down slows both.
    const before = await floodPods(hub, context, 'bench-pods-before');
    const [passage, cost] = await withCost(hub, workflows, () =>
      floodWorkflows(hub, context, 'bench-workflows', workflows),
    );
    const after = await floodPods(hub, context, 'bench-pods-after');
    const steady = await floodWorkflows(hub, context, 'bench-paced', paced, pace);
    return [...passageRows(passage, mean(before, after)), ...pacedRows(steady), ...costRows(hub, cost)];
  },
};

async function floodPods(hub: Hub, context: BenchContext, name: string): Promise<Passage> {
  const { client } = hub;
  const namespace = await newNamespace(client, name);
  const ends = await watchMoments(context, { client, type: Pod, namespace }, ended);
  context.say(`${workflows / 2} bare pods`);
  const passage = await flood('pod', {
    count: workflows / 2,
    create: (pod) => client.create(Pod, barePod(namespace, pod)),
    ends,
    timeoutMs: 180_000,
    check: () => undefined,
    signal: context.signal,
  });
  ends.stop();
  return passage;
}

async function floodWorkflows(
  hub: Hub,
  context: BenchContext,
  name: string,
  count: number,
  perSecond?: number,
): Promise<Passage> {
  const { client } = hub;
  const namespace = await newNamespace(client, name);
  const ends = await watchMoments(context, { client, type: Workflows, namespace }, completed);
  context.say(`${count} workflows, ${perSecond === undefined ? 'as fast as they are taken' : `${perSecond} a second`}`);
  const passage = await flood('workflow', {
    count,
    ...(perSecond !== undefined && { pace: perSecond }),
    create: (workflow) => submit(client, { namespace, name: workflow }, { tasks: [task('only')] }),
    ends,
    timeoutMs: 240_000,
    check: () => programsOf(hub).forEach((program) => program.check()),
    signal: context.signal,
  });
  ends.stop();
  return passage;
}

const programsOf = ({ controllers, backendOperator }: Hub): Program[] => [controllers, backendOperator];

/** What our programs spent per workflow. */
interface Cost {
  writes: number;
  requests: number;
  cpuMs: ReadonlyMap<string, number>;
}

async function withCost<V>(hub: Hub, count: number, work: () => Promise<V>): Promise<[V, Cost]> {
  const before = await countersOf(hub);
  const value = await work();
  const after = await countersOf(hub);
  const cpuMs = programsOf(hub).map(({ name }): [string, number] => [
    name,
    (((after.cpu.get(name) ?? 0) - (before.cpu.get(name) ?? 0)) * 1000) / count,
  ]);
  const writes = (after.writes - before.writes) / count;
  return [value, { writes, requests: (after.requests - before.requests) / count, cpuMs: new Map(cpuMs) }];
}

async function countersOf(hub: Hub): Promise<{ writes: number; requests: number; cpu: Map<string, number> }> {
  const programs = programsOf(hub);
  const samples = (await Promise.all(programs.map((program) => program.metrics()))).flat();
  return {
    writes: sumOf(samples, 'rest_client_requests_total', ({ method }) => method !== 'GET'),
    requests: sumOf(samples, 'rest_client_requests_total'),
    cpu: new Map(programs.map((program) => [program.name, program.usage().cpuSeconds])),
  };
}

const mean = (a: Passage, b: Passage): Passage => ({
  perSecond: (a.perSecond + b.perSecond) / 2,
  p50: (a.p50 + b.p50) / 2,
  p99: (a.p99 + b.p99) / 2,
});

function passageRows(ours: Passage, pods: Passage): Row[] {
  const limit = 'bare pods by a loop';
  const row = (what: string, field: keyof Passage, unit: string, besideUnit = unit): Row => ({
    bench,
    what,
    value: ours[field],
    unit,
    beside: { what: limit, value: pods[field], unit: besideUnit },
    ratio: ours[field] / pods[field],
  });
  const flooded = `${workflows} at once: create to Completed`;
  return [
    { ...row('sustained rate', 'perSecond', 'workflows/s', 'pods/s'), target: { of: 'value', atLeast: 15 } },
    row(`${flooded}, p50`, 'p50', 's'),
    { ...row(`${flooded}, p99`, 'p99', 's'), note: `pods: ${workflows / 2} at once, before and after; mean of both` },
  ];
}

function pacedRows({ perSecond, p50, p99 }: Passage): Row[] {
  const name = `${pace} offered a second`;
  return [
    {
      bench,
      what: `${name}: rate`,
      value: perSecond,
      unit: 'workflows/s',
      target: { of: 'value', atLeast: pace * 0.95 },
      note: 'held up when as many end as come, but for 5 % of measuring error',
    },
    { bench, what: `${name}: create to Completed, p50`, value: p50, unit: 's' },
    { bench, what: `${name}: create to Completed, p99`, value: p99, unit: 's' },
  ];
}

function costRows(hub: Hub, cost: Cost): Row[] {
  return [
    {
      bench,
      what: 'API writes of our programs',
      value: cost.writes,
      unit: 'per workflow',
      target: { of: 'value', atMost: 10 },
      note: `all of them, Events, Leases and refused ones included; ${cost.requests.toFixed(2)} requests with reads`,
    },
    ...programsOf(hub).flatMap((program): Row[] => [
      {
        bench,
        what: `${program.name}: largest resident memory`,
        value: program.usage().peakRssBytes / 2 ** 20,
        unit: 'MiB',
        target: { of: 'value', atMost: 200 },
      },
      { bench, what: `${program.name}: CPU`, value: cost.cpuMs.get(program.name) ?? 0, unit: 'ms/workflow' },
    ]),
  ];
}
