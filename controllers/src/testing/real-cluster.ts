import type { KubeClient } from '@osmo/kube';
import { connectToTestCluster, installDefinitions } from '@osmo/kube/testing';

/** A client of the cluster that the integration tier runs on, with the product's kinds installed. */
export async function connect(): Promise<KubeClient> {
  const client = await connectToTestCluster();
  await installDefinitions(client, new URL('../../../crds/yaml/', import.meta.url));
  return client;
}
