import { newInformer, Pod, systemClock } from '@osmo/kube';
import type { Bench, BenchContext } from '../bench.ts';
import { sumOf } from '../lab/exposition.ts';
import { type Hub, newNamespace, startHub } from '../lab/hub.ts';
import { Tasks, Workflows } from '../lab/kinds.ts';
import { silentLogger, watchMoments } from '../lab/moments.ts';
import type { Program } from '../lab/program.ts';
import { barePod, completed, ended, submit, task } from '../lab/workloads.ts';
import type { Row } from '../report/row.ts';
import { sustainedRate } from '../report/statistics.ts';
import { flood } from '../throughput/flood.ts';
import { isEvent, type Remains, remainsOf } from './remains.ts';
import { Transitions } from './transitions.ts';

const bench = 'sweep';
const usualTasks = 10_000;
const nodes = 40;
const runMs = 1000;
const kib = 1024;
const secondsPerTask = 0.2;
/** Tasks whose removal is measured: the cluster's garbage collector takes a tenth of a second for each. */
const mostRemoved = 1000;

/** One entry of `count` on simulated nodes: it ends, at which rate, and what each task costs. */
export const sweepBench: Bench = {
  name: bench,
  about: `one task with count: ${usualTasks} on ${nodes} simulated nodes, beside a loop that creates bare pods`,
  async run(context) {
    const size = context.tasks ?? usualTasks;
    // Ended pods are not to be collected while they are counted.
    const extraArgs = { controllerManager: [`--terminated-pod-gc-threshold=${size * 3}`] };
    const hub = await startHub(context, { kwok: { nodes, runMs }, extraArgs });
    await runSweep(hub, context, 'warm-up', 100);
    const pods = Math.max(100, Math.round(size / 10));
    const before = await floodPods(hub, context, 'bench-pods-before', pods);
    const run = await runSweep(hub, context, 'sweep', size);
    const after = await floodPods(hub, context, 'bench-pods-after', pods);
    const remains = await remainsOf(hub, context, Math.min(size, mostRemoved));
    return [...rowsOf(run, (before + after) / 2), remainsRow(remains, Math.min(size, mostRemoved))];
  },
};

interface Snapshot {
  writes: number;
  requests: Map<string, number>;
  cpu: number;
  rss: number;
  peak: number;
}

interface Run {
  size: number;
  seconds: number;
  transitions: Transitions;
  /** By program. */
  before: Map<string, Snapshot>;
  after: Map<string, Snapshot>;
}

async function runSweep(hub: Hub, context: BenchContext, name: string, size: number): Promise<Run> {
  const { client } = hub;
  const namespace = await newNamespace(client, `bench-${name}`);
  const stop = new AbortController();
  context.cleanup.defer(() => stop.abort());
  const transitions = new Transitions();
  const informer = newInformer({ client, type: Tasks, namespace, clock: systemClock, logger: silentLogger });
  informer.onChange((change) => transitions.see(change, performance.now()));
  informer.start(stop.signal);
  await informer.synced;
  const ends = await watchMoments(context, { client, type: Workflows, namespace }, completed);
  const before = await snapshots(hub);
  context.say(`${name}: ${size} tasks`);
  const started = performance.now();
  await submit(client, { namespace, name }, { tasks: [task('part', { count: size, args: ['{{index}}'] })] });
  let said = started;
  const check = (): void => {
    for (const program of programsOf(hub)) program.check();
    if (performance.now() - said < 15_000) return;
    said = performance.now();
    const { length } = transitions.ends;
    context.say(`${length} of ${size} tasks ended, ${Math.round(length / ((said - started) / 1000))}/s`);
  };
  await ends.reached(1, 60_000 + size * secondsPerTask * 1000, check);
  const seconds = ((ends.at.get(name) ?? NaN) - started) / 1000;
  const after = await snapshots(hub);
  ends.stop();
  stop.abort();
  return { size, seconds, transitions, before, after };
}

async function floodPods(hub: Hub, context: BenchContext, name: string, count: number): Promise<number> {
  const { client } = hub;
  const namespace = await newNamespace(client, name);
  const ends = await watchMoments(context, { client, type: Pod, namespace }, ended);
  context.say(`${count} bare pods`);
  const { perSecond } = await flood('pod', {
    count,
    create: (pod) => client.create(Pod, barePod(namespace, pod)),
    ends,
    timeoutMs: 180_000,
    check: () => undefined,
    signal: context.signal,
  });
  ends.stop();
  return perSecond;
}

const programsOf = ({ controllers, backendOperator }: Hub): Program[] => [controllers, backendOperator];

async function snapshots(hub: Hub): Promise<Map<string, Snapshot>> {
  const of = async (program: Program): Promise<[string, Snapshot]> => {
    const samples = await program.metrics();
    const requests = new Map<string, number>();
    for (const { name, labels, value } of samples) {
      if (name !== 'rest_client_requests_total') continue;
      const key = Object.values(labels).join(' ');
      requests.set(key, (requests.get(key) ?? 0) + value);
    }
    const { cpuSeconds, rssBytes, peakRssBytes } = program.usage();
    const writes = sumOf(samples, 'rest_client_requests_total', ({ method }) => method !== 'GET');
    return [program.name, { writes, requests, cpu: cpuSeconds, rss: rssBytes, peak: peakRssBytes }];
  };
  return new Map(await Promise.all(programsOf(hub).map(of)));
}

function rowsOf({ size, seconds, transitions, before, after }: Run, podsPerSecond: number): Row[] {
  const rate = transitions.times.length / seconds;
  const endsPerSecond = sustainedRate(transitions.ends);
  const row = (what: string, value: number, unit: string, more: Partial<Row> = {}): Row => ({
    bench,
    what: `${size} tasks: ${what}`,
    value,
    unit,
    ...more,
  });
  return [
    row('create to Completed', seconds, 's', { note: `${transitions.times.length} transitions of phase were seen` }),
    row('transitions of phase', rate, 'per s', {
      target: { of: 'value', atLeast: 60 },
      note: 'from create to Completed',
    }),
    row('ends of tasks', endsPerSecond, 'per s', {
      beside: { what: 'ends of bare pods by a loop', value: podsPerSecond, unit: 'per s' },
      ratio: endsPerSecond / podsPerSecond,
    }),
    ...[...after].flatMap(([program, now]) => {
      const then = before.get(program) ?? now;
      const grown = (bytes: number): number => (bytes - then.rss) / kib / size;
      const requests = [...now.requests]
        .map(([key, count]): [string, number] => [key, (count - (then.requests.get(key) ?? 0)) / size])
        .filter(([, count]) => count >= 0.01)
        .map(([key, count]) => `${key}: ${count.toFixed(2)}`);
      const hub = program === 'controllers';
      return [
        row(`${program}: resident memory per live task, peak`, grown(now.peak), 'KiB', {
          ...(hub && { target: { of: 'value' as const, atMost: 10 } }),
          note: `over ${(then.rss / kib / kib).toFixed(0)} MiB before; ${grown(now.rss).toFixed(1)} KiB at the end`,
        }),
        row(`${program}: CPU per task`, ((now.cpu - then.cpu) * 1000) / size, 'ms'),
        row(`${program}: API writes per task`, (now.writes - then.writes) / size, 'writes', {
          note: requests.join(', '),
        }),
      ];
    }),
  ];
}

function remainsRow({ before, ended: full, gone, withoutEvents }: Remains, size: number): Row {
  const events = gone.keys.filter(isEvent).length - before.keys.filter(isEvent).length;
  const inKib = (bytes: number): string => `${Math.round(bytes / kib)} KiB`;
  return {
    bench,
    what: `${size} tasks ended and their time over: what etcd holds, without Events`,
    value: withoutEvents.bytes / kib,
    unit: 'KiB',
    beside: { what: 'before', value: before.bytes / kib, unit: 'KiB' },
    ratio: withoutEvents.bytes / before.bytes,
    target: { of: 'ratio', atMost: 1.05 },
    note:
      `compacted and defragmented; ${inKib(full.bytes)} when they had ended, ${inKib(gone.bytes)} when they were gone, ` +
      `with ${events} Events, which the apiserver drops after an hour (--event-ttl)`,
  };
}
