import { apiFromKubeconfig, applyObject } from '../cluster/api.ts';
import type { ClusterHandle } from '../cluster/handle.ts';

const secretName = 'osmo-object-store';

/**
 * Hands the S3 server of a local cluster to an installation: a Secret with its keys, and the values that name both. Without
 * such a server there is nothing to hand over. The namespace is there.
 *
 * @returns arguments for `helm upgrade`
 * @throws Error when the apiserver refuses
 */
export async function objectStoreArguments(
  { s3, kubeconfig }: Pick<ClusterHandle, 's3' | 'kubeconfig'>,
  namespace: string,
): Promise<string[]> {
  if (s3 === undefined) return [];
  const api = apiFromKubeconfig(kubeconfig);
  await applyObject(api, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName, namespace },
    stringData: { AWS_ACCESS_KEY_ID: s3.keys.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.keys.secretAccessKey },
  });
  const objectStore = {
    url: `s3://${s3.bucket}?endpoint=${s3.endpoint}&region=${s3.region}`,
    existingSecret: secretName,
    ports: [Number(new URL(s3.endpoint).port)],
  };
  // There is one key for all, and whoever has this cluster has it anyway.
  return [
    ...['--set-json', `objectStore=${JSON.stringify(objectStore)}`, '--set', 'data.shareObjectStore=true'],
    // It has an address of the node: keys for it are tried as those of any other store.
    ...['--set-json', `outgoing.allow=${JSON.stringify([new URL(s3.endpoint).hostname])}`],
  ];
}
