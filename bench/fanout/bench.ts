import { type KubeObject, Pod, type ResourceType } from '@osmo/kube';
import type { Bench, BenchContext } from '../bench.ts';
import { sumOf } from '../lab/exposition.ts';
import { type Hub, newNamespace, startHub } from '../lab/hub.ts';
import { Tasks, Workflows } from '../lab/kinds.ts';
import { watchMoments } from '../lab/moments.ts';
import type { Program } from '../lab/program.ts';
import { completed, submit } from '../lab/workloads.ts';
import type { Row } from '../report/row.ts';
import { largestOf, type Sized } from './sizes.ts';
import { fanOut } from './spec.ts';

const bench = 'fanout';
const sizes = [100, 1000, 2000] as const;
const kib = 1024;

interface Run {
  size: number;
  seconds: number;
  largest: Sized[];
  /** By program, over the run. */
  cost: Map<string, { cpuMs: number; reconciles: number; reconcileMs: number }>;
}

/** One workflow of many tasks: it ends, no object grows with it, and an event costs the same in a large one. */
export const fanoutBench: Bench = {
  name: bench,
  about: `a workflow 1 → N−2 → 1 of ${sizes.join(', ')} tasks: sizes of objects, cost per task`,
  async run(context) {
    const hub = await startHub(context, { kwok: { nodes: 20 } });
    // Code that was never run is slow at first, and the smallest workflow would pay for it.
    await runOne(hub, context, 'warm-up', sizes[0]);
    const runs: Run[] = [];
    for (const size of sizes) runs.push(await runOne(hub, context, `tasks-${size}`, size));
    return [...runs.flatMap(sizeRows), ...costRows(runs)];
  },
};

async function runOne(hub: Hub, context: BenchContext, name: string, size: number): Promise<Run> {
  const { client } = hub;
  const namespace = await newNamespace(client, `bench-${name}`);
  const stop = new AbortController();
  const follow = <T extends KubeObject>(type: ResourceType<T>, without: readonly string[]) =>
    largestOf({ client, type, namespace, without }, stop.signal);
  const followed = Promise.all([follow(Workflows, ['spec']), follow(Tasks, []), follow(Pod, [])]);
  // Whoever waits for it sees the error; until then it must not end the process.
  followed.catch(() => undefined);
  const ends = await watchMoments(context, { client, type: Workflows, namespace }, completed);
  const before = await costs(hub);
  context.say(`${name}: ${size} tasks`);
  const started = performance.now();
  await submit(client, { namespace, name }, fanOut(size));
  await ends.reached(1, 420_000, () => programsOf(hub).forEach((program) => program.check()));
  const seconds = ((ends.at.get(name) ?? NaN) - started) / 1000;
  const after = await costs(hub);
  ends.stop();
  stop.abort();
  const largest = (await followed).filter((sized) => sized !== undefined);
  const cost = new Map(
    [...after].map(([program, { cpuMs, reconciles, reconcileMs }]) => {
      const from = before.get(program);
      return [
        program,
        {
          cpuMs: cpuMs - (from?.cpuMs ?? 0),
          reconciles: reconciles - (from?.reconciles ?? 0),
          reconcileMs: reconcileMs - (from?.reconcileMs ?? 0),
        },
      ];
    }),
  );
  return { size, seconds, largest, cost };
}

const programsOf = ({ controllers, backendOperator }: Hub): Program[] => [controllers, backendOperator];

async function costs(hub: Hub): Promise<Run['cost']> {
  const of = async (
    program: Program,
  ): Promise<[string, { cpuMs: number; reconciles: number; reconcileMs: number }]> => {
    const samples = await program.metrics();
    return [
      program.name,
      {
        cpuMs: program.usage().cpuSeconds * 1000,
        reconciles: sumOf(samples, 'controller_runtime_reconcile_total'),
        reconcileMs: sumOf(samples, 'controller_runtime_reconcile_time_seconds_sum') * 1000,
      },
    ];
  };
  return new Map(await Promise.all(programsOf(hub).map(of)));
}

function sizeRows({ size, seconds, largest }: Run): Row[] {
  return [
    {
      bench,
      what: `${size} tasks: create to Completed`,
      value: seconds,
      unit: 's',
      note: `${(size / seconds).toFixed(1)} tasks/s`,
    },
    ...largest.map(({ kind, name, bytes }): Row => ({
      bench,
      what: `${size} tasks: largest ${kind}${kind === 'Workflow' ? ' without its spec' : ''}`,
      value: bytes / kib,
      unit: 'KiB',
      target: { of: 'value', atMost: 200 },
      note: name,
    })),
  ];
}

/** Cost per task of the larger workflows beside the smallest: flat, or it grows with the number of tasks. */
function costRows(runs: readonly Run[]): Row[] {
  const [smallest, ...others] = runs as [Run, ...Run[]];
  return [...smallest.cost.keys()].flatMap((program) =>
    others.flatMap((run) => {
      const compared = (what: string, unit: string, pick: (run: Run) => number): Row => ({
        bench,
        what: `${program}, ${run.size} tasks: ${what}`,
        value: pick(run),
        unit,
        beside: { what: `${smallest.size} tasks`, value: pick(smallest), unit },
        ratio: pick(run) / pick(smallest),
      });
      const cost = (of: Run): { cpuMs: number; reconciles: number; reconcileMs: number } =>
        of.cost.get(program) ?? { cpuMs: NaN, reconciles: NaN, reconcileMs: NaN };
      return [
        {
          ...compared('CPU per task', 'ms', (of) => cost(of).cpuMs / of.size),
          target: { of: 'ratio' as const, atMost: 1.5 },
        },
        compared('reconciles per task', 'reconciles', (of) => cost(of).reconciles / of.size),
        {
          ...compared('time of a reconcile', 'ms', (of) => cost(of).reconcileMs / cost(of).reconciles),
          note: 'waiting for the apiserver included',
        },
      ];
    }),
  );
}
