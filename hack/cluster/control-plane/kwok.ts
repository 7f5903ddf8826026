import { flagArguments } from '../config/arguments.ts';
import { requestHttps, type Identity } from '../system/https.ts';
import type { KwokOptions } from './options.ts';
import { nodeStages, podStages } from './stages.ts';

const annotation = 'kwok.x-k8s.io/node';
const defaultCapacity = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '1Ti', 'nvidia.com/gpu': '8', pods: '1000' };

/**
 * Stages of pods that are played at once. kwok's own default is 4: when thousands of pods start on a busy apiserver, their
 * ends would wait for it, and what is measured would be kwok.
 */
const podStagesAtOnce = 32;

/** kwok's configuration: its options and our stages, as one JSON document a line pair (JSON is YAML). */
export function kwokConfiguration(options: KwokOptions): string {
  const own = {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokConfiguration',
    metadata: { name: 'options' },
    // With a configuration of its own kwok fills in no defaults.
    options: { podPlayStageParallelism: podStagesAtOnce, nodePlayStageParallelism: 4, nodeLeaseParallelism: 4 },
  };
  const stages = [...nodeStages(), ...podStages(options.startMs ?? 0, options.runMs ?? 0)];
  return [own, ...stages].map((document) => JSON.stringify(document, null, 2)).join('\n---\n');
}

export function kwokArguments(input: { kubeconfig: string; configuration: string }): string[] {
  return flagArguments({
    kubeconfig: input.kubeconfig,
    config: input.configuration,
    'manage-all-nodes': false,
    'manage-nodes-with-annotation-selector': `${annotation}=fake`,
    // Leases would only add writes to what is measured; and after a restart kwok would wait for its own old ones.
    'node-lease-duration-seconds': 0,
    'enable-crds': '',
    'server-address': '',
    'node-port': 0,
  });
}

/** A simulated node, by number. */
export function simulatedNode(index: number, options: KwokOptions): object {
  const name = `kwok-${String(index).padStart(4, '0')}`;
  const capacity = { ...defaultCapacity, ...options.capacity };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { [annotation]: 'fake' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...options.labels,
      },
    },
    status: { capacity, allocatable: capacity },
  };
}

/** Creates the nodes; those that exist are left alone. */
export async function createNodes(url: string, identity: Identity, options: KwokOptions): Promise<void> {
  const numbers = Array.from({ length: options.nodes }, (_, index) => index);
  const create = async (index: number): Promise<void> => {
    const answer = await requestHttps(`${url}/api/v1/nodes`, identity, { body: simulatedNode(index, options) });
    if (answer.status !== 201 && answer.status !== 409) {
      throw new Error(`creating node ${index}: ${answer.status} ${answer.body.slice(0, 300)}`);
    }
  };
  const workers = Array.from({ length: 8 }, async () => {
    for (let index = numbers.shift(); index !== undefined; index = numbers.shift()) await create(index);
  });
  await Promise.all(workers);
}
