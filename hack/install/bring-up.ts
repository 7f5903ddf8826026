import { upCluster } from '../cluster/index.ts';
import { loadImage } from '../cluster/load-image.ts';
import { writeDefinitions } from './chart-definitions.ts';
import { type BuildContext, install } from './install.ts';

/** A cluster that runs with OSMO on it. */
export type Cluster = Awaited<ReturnType<typeof upCluster>>;

/**
 * Starts the cluster that the environment chooses (CLUSTER, CLUSTER_NAME) unless it runs, and installs OSMO on it from the
 * sources as they are now.
 *
 * @throws Error that says which step failed and why.
 */
export async function bringUp(context: BuildContext, environment: NodeJS.ProcessEnv = process.env): Promise<Cluster> {
  const cluster = await upCluster({ ...choiceOf(environment), say: context.say });
  for (const path of writeDefinitions(context.root)) context.say(`updated ${path}`);
  await install(
    { ...context, helm: cluster.helm },
    {
      kubeconfig: cluster.kubeconfig,
      loadImages: async ({ file }) => loadImage({ name: cluster.name }, file),
    },
    { release: 'osmo', namespace: 'osmo-system', timeoutSeconds: 180 },
  );
  return cluster;
}

function choiceOf(environment: NodeJS.ProcessEnv): { name?: string; kind?: 'local' | 'kind' | 'current' } {
  const { CLUSTER: kind, CLUSTER_NAME: name } = environment;
  if (kind && !['local', 'kind', 'current'].includes(kind)) {
    throw new Error(`CLUSTER is ${kind}, want local, kind or current`);
  }
  return { ...(name && { name }), ...(kind && { kind: kind as 'local' | 'kind' | 'current' }) };
}
