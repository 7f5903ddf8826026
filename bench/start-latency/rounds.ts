import { type KubeClient, Pod } from '@osmo/kube';
import { Labels } from '@osmo/crds';
import type { BenchContext } from '../bench.ts';
import { watchMoments } from '../lab/moments.ts';
import { barePod, submit, task } from '../lab/workloads.ts';

/** Milliseconds from the create call until the pod was seen as asked, by pairs of rounds. */
export interface Latencies {
  workflow: number[];
  pod: number[];
}

/**
 * Creates a bare pod and a one-task workflow in turn, each alone, and measures how long each takes until its pod is in the
 * awaited state.
 *
 * @param command what the container runs, the same in both
 */
export async function compareLatency(
  context: BenchContext,
  { client, namespace, rounds }: { client: KubeClient; namespace: string; rounds: number },
  is: (pod: Pod) => boolean,
  command: readonly string[],
): Promise<Latencies> {
  // A workflow's pod is named by the operator: it is filed under its workflow.
  const keyOf = ({ metadata }: Pod): string => metadata.labels?.[Labels.workflow] ?? metadata.name;
  const moments = await watchMoments(context, { client, type: Pod, namespace }, is, keyOf);
  const once = async (name: string, create: () => Promise<unknown>): Promise<number> => {
    const before = moments.at.size;
    const started = performance.now();
    await create();
    await moments.reached(before + 1, 60_000);
    return (moments.at.get(name) ?? NaN) - started;
  };
  const latencies: Latencies = { workflow: [], pod: [] };
  for (let round = -1; round < rounds; round++) {
    const workflow = (): Promise<number> =>
      once(`workflow-${round + 1}`, () =>
        submit(
          client,
          { namespace, name: `workflow-${round + 1}` },
          {
            // As little as the bare pod asks for: else it would wait for the former round's pod to leave the node.
            resources: [{ name: 'default', cpu: '100m', memory: '64Mi' }],
            tasks: [task('only', { command: [...command] })],
          },
        ),
      );
    const pod = (): Promise<number> =>
      once(`pod-${round + 1}`, () => client.create(Pod, barePod(namespace, `pod-${round + 1}`, command)));
    const pair = round % 2 === 0 ? [await pod(), await workflow()] : [await workflow(), await pod()].toReversed();
    // The first pair warms up.
    if (round < 0) continue;
    latencies.pod.push(pair[0] as number);
    latencies.workflow.push(pair[1] as number);
  }
  moments.stop();
  return latencies;
}
