import { type KubeClient, type KubeObject, resourceType, Secret } from '@osmo/kube';
import type { S3Site } from '../cluster/node/s3.ts';

const Buckets = resourceType<KubeObject>({
  group: 'osmo.dev',
  version: 'v1alpha1',
  namespaced: true,
  kind: 'Bucket',
  plural: 'buckets',
});
const name = 'demo';
const fieldManager = 'osmo-demo';

/** The object store that `source .cluster/env` has told of; undefined where there is none. */
export function siteIn(environment: NodeJS.ProcessEnv): S3Site | undefined {
  const { OSMO_S3_ENDPOINT: endpoint, OSMO_S3_REGION: region, OSMO_S3_BUCKET: bucket } = environment;
  const { OSMO_S3_ACCESS_KEY_ID: accessKeyId, OSMO_S3_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!endpoint || !region || !bucket || !accessKeyId || !secretAccessKey) return undefined;
  return { endpoint, region, bucket, keys: { accessKeyId, secretAccessKey } };
}

/**
 * Gives a namespace a default bucket for datasets in an object store, with the credential for it.
 *
 * @throws KubeError when the cluster refuses
 */
export async function giveBucket(client: KubeClient, namespace: string, site: S3Site): Promise<void> {
  const { endpoint, region, bucket, keys } = site;
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-store`, namespace, labels: { 'osmo.dev/credential-type': 'data' } },
    stringData: {
      access_key_id: keys.accessKeyId,
      access_key: keys.secretAccessKey,
      override_url: endpoint,
      region,
      addressing_style: 'path',
    },
  };
  await client.apply(Secret, secret, { fieldManager, force: true });
  const object = {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Bucket',
    metadata: { name, namespace },
    spec: {
      url: `s3://${bucket}/datasets/${namespace}`,
      credential: `${name}-store`,
      description: 'Datasets of the examples',
      default: true,
    },
  };
  await client.apply(Buckets, object, { fieldManager, force: true });
}
