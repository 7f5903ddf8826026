import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeClient } from '@osmo/kube';
import { systemNamespace } from './chart.ts';

/**
 * Writes a kubeconfig (mode 0600) with a token of a service account of the installation, and gives its path.
 *
 * @param folder must be private: the file holds a token
 */
export async function kubeconfigOf(
  client: KubeClient,
  cluster: { url: string; ca: string },
  serviceAccount: string,
  folder: string,
): Promise<string> {
  const path = `/api/v1/namespaces/${systemNamespace}/serviceaccounts/${serviceAccount}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } };
  const answer = await client.request('POST', path, { body });
  const { status } = JSON.parse(answer.body.toString('utf8')) as { status: { token: string } };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'osmo',
        cluster: { server: cluster.url, 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') },
      },
    ],
    users: [{ name: serviceAccount, user: { token: status.token } }],
    contexts: [{ name: 'osmo', context: { cluster: 'osmo', user: serviceAccount } }],
    'current-context': 'osmo',
  };
  const file = join(folder, `${serviceAccount}.kubeconfig`);
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
