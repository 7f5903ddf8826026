import { ConfigMap, Pod } from '@osmo/kube';
import type { WorkflowSpecInput } from '@osmo/crds';
import type { Bench, BenchContext } from '../bench.ts';
import { type Hub, newNamespace, startHub } from '../lab/hub.ts';
import { Workflows } from '../lab/kinds.ts';
import { watchMoments } from '../lab/moments.ts';
import { completed, ended, submit, task } from '../lab/workloads.ts';
import type { Row } from '../report/row.ts';
import { quantile } from '../report/statistics.ts';

const bench = 'handover';
const chains = 4;
const links = 50;
const label = 'osmo.dev/task';

/** How long it takes from the end of a task's pod until the pod of the task that waits for it is there. */
export const handoverBench: Bench = {
  name: bench,
  about: `from a task's end to the creation of its dependent's pod, ${chains} chains of ${links}, beside the latency of a watch`,
  async run(context) {
    const hub = await startHub(context, { kwok: { nodes: 4, runMs: 50 } });
    await runChain(hub, context, 'warm-up');
    const ours: number[] = [];
    const watch: number[] = [];
    // In turns, so that what slows the machine down for a while slows both.
    for (let number = 0; number < chains; number++) {
      watch.push(...(await watchLatencies(hub, context, `bench-watch-${number}`)));
      ours.push(...(await runChain(hub, context, `chain-${number}`)));
    }
    return [row('p50', 0.5, ours, watch), row('p99', 0.99, ours, watch)];
  },
};

function row(name: string, q: number, ours: readonly number[], watch: readonly number[]): Row {
  const [value, latency] = [quantile(ours, q), quantile(watch, q)];
  return {
    bench,
    what: `end of a pod to creation of the next task's pod, ${name}`,
    value,
    unit: 'ms',
    beside: { what: 'a write until a watcher sees it', value: latency, unit: 'ms' },
    ratio: value / latency,
    note: `${ours.length} hand-overs, ${watch.length} writes; both ends as one watcher sees them`,
  };
}

/** Tasks `link-0`, `link-1` … of which each waits for the one before. */
function chain(length: number): WorkflowSpecInput {
  const tasks = Array.from({ length }, (_, index) =>
    task(`link-${index}`, index === 0 ? {} : { inputs: [{ task: { name: `link-${index - 1}` } }] }),
  );
  return { tasks };
}

/** Milliseconds of each hand-over of one chain. */
async function runChain(hub: Hub, context: BenchContext, name: string): Promise<number[]> {
  const { client, controllers, backendOperator } = hub;
  const namespace = await newNamespace(client, `bench-${name}`);
  const keyOf = ({ metadata }: Pod): string => metadata.labels?.[label] ?? metadata.name;
  const created = await watchMoments(context, { client, type: Pod, namespace }, () => true, keyOf);
  const ends = await watchMoments(context, { client, type: Pod, namespace }, ended, keyOf);
  const done = await watchMoments(context, { client, type: Workflows, namespace }, completed);
  context.say(`${name}: ${links} tasks in a row`);
  await submit(client, { namespace, name }, chain(links));
  await done.reached(1, 240_000, () => [controllers, backendOperator].forEach((program) => program.check()));
  for (const moments of [created, ends, done]) moments.stop();
  return Array.from({ length: links - 1 }, (_, index) => {
    const from = ends.at.get(`${name}.link-${index}`);
    const to = created.at.get(`${name}.link-${index + 1}`);
    if (from === undefined || to === undefined) throw new Error(`${name}: link ${index} or the next was not seen`);
    return to - from;
  });
}

/** Milliseconds from sending a write until a watcher sees it. */
async function watchLatencies({ client }: Hub, context: BenchContext, name: string): Promise<number[]> {
  const namespace = await newNamespace(client, name);
  const seen = await watchMoments(context, { client, type: ConfigMap, namespace }, () => true);
  const sent = new Map<string, number>();
  for (let number = 0; number < links; number++) {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `write-${number}`, namespace }, data: {} };
    sent.set(object.metadata.name, performance.now());
    await client.create(ConfigMap, object);
  }
  // The cluster puts one there too.
  await seen.reached(links, 60_000);
  seen.stop();
  return [...sent].flatMap(([key, from]) => {
    const to = seen.at.get(key);
    return to === undefined ? [] : [to - from];
  });
}
