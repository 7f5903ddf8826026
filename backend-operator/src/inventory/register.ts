import { Api, type Backend } from '@osmo/crds';
import { Backends } from '../kinds.ts';
import { isAlreadyExists, isNotFound, type KubeClient, type Logger, Namespace } from '@osmo/kube';

/** The backend name belongs to another cluster, or there is no such Backend and it may not be made. */
export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
}

/**
 * Makes sure that the Backend exists on the hub and is this cluster; returns the cluster's identity, the UID of its
 * namespace kube-system.
 *
 * @throws RegistrationError when the name belongs to another cluster, or the Backend is missing and `register` is false
 */
export async function register(options: {
  hub: KubeClient;
  cluster: KubeClient;
  backend: string;
  register: boolean;
  logger: Logger;
}): Promise<string> {
  const { hub, cluster, backend, logger } = options;
  const { metadata } = await cluster.get(Namespace, { name: 'kube-system' });
  const clusterUID = metadata.uid ?? '';
  const found = await find(hub, backend);
  if (found !== undefined) {
    requireSameCluster(found, clusterUID);
    return clusterUID;
  }
  if (!options.register) {
    throw new RegistrationError(`there is no Backend ${backend} on the hub, and --register=false forbids to make it`);
  }
  try {
    await hub.create(Backends, {
      apiVersion: Api.apiVersion,
      kind: 'Backend',
      metadata: { name: backend },
      spec: {},
    });
    logger.info('registered the backend', { clusterUID });
  } catch (error) {
    // Another replica was faster.
    if (!isAlreadyExists(error)) throw error;
  }
  return clusterUID;
}

/** @throws RegistrationError when the Backend was last reported by another cluster */
export function requireSameCluster({ metadata, status }: Backend, clusterUID: string): void {
  const known = status?.clusterUID;
  if (known === undefined || known === clusterUID) return;
  throw new RegistrationError(
    `Backend ${metadata.name} belongs to the cluster whose kube-system namespace has UID ${known}; this cluster's has ${clusterUID}. ` +
      `Run the operator with another --backend, or, if the cluster was replaced for good, delete the Backend first`,
  );
}

async function find(hub: KubeClient, name: string): Promise<Backend | undefined> {
  try {
    return await hub.get(Backends, { name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
