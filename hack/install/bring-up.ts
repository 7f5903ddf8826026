import { type ClusterHandle, loadImage, upCluster } from '../cluster/index.ts';
import { optionsFromEnvironment } from '../cluster/options.ts';
import { writeDefinitions } from './chart-definitions.ts';
import { type BuildContext, install } from './install.ts';

/**
 * Starts the cluster that the environment chooses (CLUSTER, CLUSTER_NAME) unless it runs, and installs OSMO on it from the
 * sources as they are now.
 *
 * @throws Error that says which step failed and why.
 */
export async function bringUp(
  context: BuildContext,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ClusterHandle> {
  const cluster = await upCluster({ ...optionsFromEnvironment(environment), say: context.say });
  for (const path of writeDefinitions(context.root)) context.say(`updated ${path}`);
  await install(
    { ...context, helm: cluster.helm },
    {
      kubeconfig: cluster.kubeconfig,
      loadImages: async ({ file }) => loadImage({ kind: cluster.kind, name: cluster.name, say: context.say }, file),
    },
    { release: 'osmo', namespace: 'osmo-system', timeoutSeconds: 180 },
  );
  return cluster;
}
