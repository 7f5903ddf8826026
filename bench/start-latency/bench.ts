import { existsSync } from 'node:fs';
import { type KubeClient, Namespace, type Pod } from '@osmo/kube';
import { layoutOf } from '../../hack/cluster/node/layout.ts';
import { optionsFromEnvironment } from '../../hack/cluster/options.ts';
import { cacheFolder } from '../../hack/cluster/system/cache.ts';
import { bringUp } from '../../hack/install/bring-up.ts';
import type { Bench, BenchContext } from '../bench.ts';
import { connect, removeNamespace } from '../lab/apiserver.ts';
import { newNamespace, startHub } from '../lab/hub.ts';
import type { Row } from '../report/row.ts';
import { median, quantile } from '../report/statistics.ts';
import { compareLatency, type Latencies } from './rounds.ts';

const bench = 'start-latency';
const rounds = 20;
const namespace = 'osmo-bench-start';

/** What a workflow adds to the time until its container runs, beside a bare pod that takes turns with it. */
export const startLatencyBench: Bench = {
  name: bench,
  about: 'create to the first container running, of a one-task workflow beside a bare pod',
  run: async (context) => [...(await onSimulatedNode(context)), ...(await onRealNode(context))],
};

async function onSimulatedNode(context: BenchContext): Promise<Row[]> {
  const { client } = await startHub(context, { kwok: { nodes: 1, runMs: 500 } });
  const at = { client, namespace: await newNamespace(client, namespace), rounds };
  context.say(`simulated node: ${rounds} rounds`);
  const created = await compareLatency(context, at, () => true, ['true']);
  return rowsOf('simulated node: create to pod created', created);
}

async function onRealNode(context: BenchContext): Promise<Row[]> {
  const kubeconfig = context.up
    ? (await bringUp({ root: context.root, cache: cacheFolder(process.env), say: context.say })).kubeconfig
    : (context.kubeconfig ?? kubeconfigOfRunning(context.root));
  const what = 'real node: create to container running';
  const absent: Row = {
    bench,
    what,
    unit: 'ms',
    note: 'no local cluster runs: `make up` starts one, so does --up here',
  };
  if (kubeconfig === undefined) return [absent];
  const { client } = await connect(kubeconfig, context);
  if (!(await answers(client))) return [absent];
  await removeNamespace(client, namespace, context);
  context.cleanup.defer(async () => void (await client.delete(Namespace, { name: namespace })));
  const at = { client, namespace: await newNamespace(client, namespace), rounds };
  context.say(`real node: ${rounds} rounds`);
  return rowsOf(what, await compareLatency(context, at, started, ['sleep', '1']), 300);
}

/** Admin kubeconfig of the local cluster that the environment names, when there is one. */
function kubeconfigOfRunning(root: string): string | undefined {
  const { kubeconfig } = layoutOf(root, optionsFromEnvironment(process.env).name);
  return existsSync(kubeconfig) ? kubeconfig : undefined;
}

async function answers(client: KubeClient): Promise<boolean> {
  try {
    await client.request('GET', '/readyz', { timeoutMs: 3000 });
    return true;
  } catch {
    return false;
  }
}

const started = ({ status }: Pod): boolean =>
  status?.containerStatuses?.some(({ state }) => state?.running !== undefined || state?.terminated !== undefined) ??
  false;

function rowsOf(what: string, { workflow, pod }: Latencies, targetMs?: number): Row[] {
  const overhead = median(workflow.map((value, index) => value - (pod[index] as number)));
  return [
    {
      bench,
      what,
      value: median(workflow),
      unit: 'ms',
      beside: { what: 'bare pod', value: median(pod), unit: 'ms' },
      ratio: median(workflow) / median(pod),
      note: `medians of ${rounds} rounds; p90: ${quantile(workflow, 0.9).toFixed(0)} ms beside ${quantile(pod, 0.9).toFixed(0)} ms`,
    },
    {
      bench,
      what: `${what}: overhead`,
      value: overhead,
      unit: 'ms',
      ...(targetMs !== undefined && { target: { of: 'value' as const, atMost: targetMs } }),
    },
  ];
}
