import { type ClusterHandle, loadImage, nodeImageNames, upCluster } from '../cluster/index.ts';
import { serveGateway } from '../cluster/gateway/serve.ts';
import { optionsFromEnvironment } from '../cluster/options.ts';
import { writeChartFiles } from './chart-definitions.ts';
import { type ImageArchive } from './images.ts';
import { type BuildContext, install } from './install.ts';
import { restrictedNamespace } from './namespace.ts';
import { objectStoreArguments } from './object-store.ts';

/**
 * A node here has its images from archives and may reach no registry, so images without a tag, which Kubernetes would ask
 * for every time, are taken as they are.
 */
const localPool = {
  // A task without data starts and ends as fast as it can.
  keepOutputs: 'Mentioned',
  podTemplate: { spec: { containers: [{ name: '{{USER_CONTAINER_NAME}}', imagePullPolicy: 'IfNotPresent' }] } },
};

/**
 * Starts the cluster that the environment chooses (CLUSTER, CLUSTER_NAME) unless it runs, and installs OSMO on it from the
 * sources as they are now. A cluster that was there before (CLUSTER=current) can't be given images: there
 * OSMO_IMAGE_REGISTRY says where they were pushed. OSMO_VALUES names a file of further values.
 *
 * @throws Error that says which step failed and why.
 */
export async function bringUp(
  context: BuildContext,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ClusterHandle> {
  const cluster = await upCluster({ ...optionsFromEnvironment(environment), say: context.say });
  for (const path of writeChartFiles(context.root)) context.say(`updated ${path}`);
  const registry = environment['OSMO_IMAGE_REGISTRY'];
  await restrictedNamespace(cluster, 'osmo-system');
  const objectStore = await objectStoreArguments(cluster, 'osmo-system');
  await install(
    { ...context, helm: cluster.helm },
    { kubeconfig: cluster.kubeconfig, loadImages: (images) => provideImages(context, cluster, images, registry) },
    {
      release: 'osmo',
      namespace: 'osmo-system',
      timeoutSeconds: 180,
      helmArguments: [
        // First: what follows wins over it.
        ...(environment['OSMO_VALUES'] ? ['--values', environment['OSMO_VALUES']] : []),
        ...(registry === undefined ? [] : ['--set', `image.registry=${registry}`]),
        ...objectStore,
        ...(cluster.kind === 'current' ? [] : developerGateway),
        ...(cluster.kind === 'current' ? [] : ['--set-json', `defaultPool.spec=${JSON.stringify(localPool)}`]),
      ],
    },
  );
  if (cluster.kind !== 'current') {
    const url = await serveGateway(cluster.stateDirectory, cluster.kubeconfig, 'osmo-system');
    context.say(`gateway: ${url} (OSMO_URL in ${cluster.environmentFile})`);
  }
  return cluster;
}

/** For one developer on one machine: who reaches the gateway through the apiserver says who they are; one pod each will do. */
const developerGateway = [
  ...['--set', 'apiGateway.dev.enabled=true', '--set', 'apiGateway.replicas=1'],
  ...['--set', 'webhooks.replicas=1'],
];

async function provideImages(
  { root, say }: BuildContext,
  { kind, name }: ClusterHandle,
  { file, names, tag }: ImageArchive,
  registry: string | undefined,
): Promise<void> {
  if (registry !== undefined) return;
  if (kind === 'current') {
    throw new Error(
      `CLUSTER=current: push the images of ${file} (skopeo copy, or docker load and push), tag ${tag}, to a registry that the cluster can reach, and name it in OSMO_IMAGE_REGISTRY; docs/local-cluster.md shows how`,
    );
  }
  const known = new Set(await nodeImageNames({ kind, name, root }));
  if (names.every((image) => known.has(image))) return;
  await loadImage({ kind, name, say }, file);
}
