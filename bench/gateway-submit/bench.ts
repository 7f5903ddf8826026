import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Workflow } from '@osmo/crds';
import { obtainAll } from '../../hack/cluster/components/obtain.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { bareCreator } from '../gateway/bare-create.ts';
import { type GatewayHub, gatewayUser, startGateway, startGatewayHub } from '../gateway/gateway.ts';
import { timed } from '../gateway/timed.ts';
import { Workflows } from '../lab/kinds.ts';
import type { Row } from '../report/row.ts';
import { median, medianRatio, quantile } from '../report/statistics.ts';

const bench = 'gateway-submit';
const rounds = 6;
const callsPerLane = 24;
const concurrencies = [1, 4, 16] as const;
const kubectlRuns = 15;

/** Twenty tasks by a template, each with a script, resources and an input. */
const recipe = `default-values:
  workers: 18
workflow:
  name: train-policy
  resources:
    default: {cpu: 1, memory: 1Gi, storage: 1Gi}
  tasks:
  - name: prepare
    image: busybox
    command: [sh, /run.sh]
    files: [{path: /run.sh, contents: "echo {{workflow_id}} > {{output}}/id\\n"}]
  {%- for i in range(workers) %}
  - name: simulate-{{ i }}
    image: busybox
    command: [sh, -c]
    args: ["cat {{input:0}}/id; echo seed {{ i * 7 }} of {{ workers }}"]
    environment: {SEED: "{{ i }}"}
    inputs: [{task: prepare}]
  {%- endfor %}
  - name: evaluate
    image: busybox
    command: [sh, -c, "true"]
    inputs:
    {%- for i in range(workers) %}
    - task: simulate-{{ i }}
    {%- endfor %}
`;

interface Round {
  tookMs: number[];
  perSecond: number;
}

/** What a submission costs beside the create that it ends in. */
export const gatewaySubmitBench: Bench = {
  name: bench,
  about: 'submissions of a recipe of 20 tasks, beside a bare create of the same Workflow, and kubectl create',
  async run(context) {
    const hub = await startGatewayHub(context);
    const gateway = await startGateway(hub, context);
    const most = Math.max(...concurrencies);
    const user = gatewayUser(gateway, 'ada', most, context);
    const submit = () => user.send('POST', '/api/pool/default/workflow', { file: recipe });
    const { name } = (await submit()) as { name: string };
    const object = await hub.client.get(Workflows, { name, namespace: 'default' });
    const bare = await bareCreator(hub.access, most, context);
    let made = 0;
    const create = () => bare(named(object, `bare-${made++}`));
    context.say('warm-up');
    await timed(100, most, submit, context.signal);
    await timed(100, most, create, context.signal);
    const rows: Row[] = [];
    for (const concurrency of concurrencies) {
      context.say(`${concurrency} at a time: ${rounds} rounds`);
      const before = gateway.program.usage().cpuSeconds;
      const [ours, theirs] = await inTurns(submit, create, concurrency, context);
      const cpu = gateway.program.usage().cpuSeconds - before;
      rows.push(...rowsOf(concurrency, ours, theirs, cpu));
    }
    return [...rows, await kubectlRow(hub, object, submit, context)];
  },
};

/** The same object under another name, as somebody would create it. */
function named({ apiVersion, kind, spec, metadata: { annotations } }: Workflow, name: string): object {
  return { apiVersion, kind, metadata: { name, namespace: 'default', annotations }, spec };
}

async function inTurns(
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
  concurrency: number,
  { signal }: BenchContext,
): Promise<[Round[], Round[]]> {
  const results: [Round[], Round[]] = [[], []];
  const calls = callsPerLane * Math.min(concurrency, 4);
  for (let round = 0; round < rounds; round++) {
    // Who goes second finds the server busy with what the first left; so they swap.
    const order = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const who of order) results[who].push(await timed(calls, concurrency, [ours, theirs][who] ?? ours, signal));
  }
  return results;
}

function rowsOf(concurrency: number, ours: readonly Round[], theirs: readonly Round[], cpuSeconds: number): Row[] {
  const all = (some: readonly Round[]): number[] => some.flatMap(({ tookMs }) => tookMs);
  const what = `${concurrency} at a time`;
  const besideWhat = 'a bare create of the same';
  const time = (name: string, q: number): Row => {
    const value = quantile(all(ours), q);
    const beside = { what: besideWhat, value: quantile(all(theirs), q), unit: 'ms' };
    return { bench, what: `${what}, ${name}`, value, unit: 'ms', beside, ratio: value / beside.value };
  };
  const rates = [ours, theirs].map((some) => some.map(({ perSecond }) => perSecond)) as [number[], number[]];
  return [
    time('p50', 0.5),
    time('p99', 0.99),
    {
      bench,
      what: `${what}, rate`,
      value: median(rates[0]),
      unit: 'workflows/s',
      beside: { what: besideWhat, value: median(rates[1]), unit: 'workflows/s' },
      ratio: medianRatio(rates[0], rates[1]),
      note: `CPU of the gateway: ${((cpuSeconds * 1000) / all(ours).length).toFixed(1)} ms a submission`,
    },
  ];
}

/** What people do without the gateway: a program started for each, which asks what the server knows before it creates. */
async function kubectlRow(
  { kubeconfigPath, directory }: GatewayHub,
  object: Workflow,
  submit: () => Promise<unknown>,
  { say, signal }: BenchContext,
): Promise<Row> {
  const { kubectl } = await obtainAll(['kubectl'], say);
  say(`kubectl create: ${kubectlRuns} times`);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < kubectlRuns; run++) {
    const file = join(directory, 'create.json');
    writeFileSync(file, JSON.stringify(named(object, `kubectl-${run}`)));
    const create = () =>
      promisify(execFile)(kubectl as string, ['--kubeconfig', kubeconfigPath, 'create', '-f', file], { signal });
    theirs.push(...(await timed(1, 1, create, signal)).tookMs);
    ours.push(...(await timed(1, 1, submit, signal)).tookMs);
  }
  return {
    bench,
    what: 'one, beside kubectl create, p50',
    value: median(ours),
    unit: 'ms',
    beside: { what: 'kubectl create -f', value: median(theirs), unit: 'ms' },
    ratio: medianRatio(ours, theirs),
  };
}
