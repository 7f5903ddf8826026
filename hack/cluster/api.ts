import { readFileSync } from 'node:fs';
import { requestHttps, type Answer, type Identity, type RequestOptions } from './system/https.ts';

/** An apiserver and who we are to it. */
export interface Api {
  url: string;
  identity: Identity;
}

/** Reads server, authority and client certificate from a kubeconfig that `kubeconfig()` wrote. */
export function apiFromKubeconfig(file: string): Api {
  const config = JSON.parse(readFileSync(file, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
  };
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
  const { cluster } = config.clusters[0];
  const { user } = config.users[0];
  return {
    url: cluster.server,
    identity: {
      ca: text(cluster['certificate-authority-data']),
      cert: text(user['client-certificate-data']),
      key: text(user['client-key-data']),
    },
  };
}

/** One request; the path is absolute. */
export function ask(api: Api, path: string, options?: RequestOptions): Promise<Answer> {
  return requestHttps(`${api.url}${path}`, api.identity, options);
}

/**
 * An object as JSON; undefined when there is none.
 *
 * @throws Error for any other answer than 200 and 404.
 */
export async function getObject<T>(api: Api, path: string): Promise<T | undefined> {
  const answer = await ask(api, path);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
  return JSON.parse(answer.body) as T;
}

const plurals: Record<string, string> = {
  Namespace: 'namespaces',
  Secret: 'secrets',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  Service: 'services',
  Deployment: 'deployments',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
};

/**
 * Path of an object.
 *
 * @throws RangeError for a kind that no manifest here has.
 */
export function objectPath(object: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}): string {
  const plural = plurals[object.kind];
  if (plural === undefined) throw new RangeError(`kind ${object.kind}: known are ${Object.keys(plurals).join(', ')}`);
  const group = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`;
  const namespace = object.metadata.namespace === undefined ? '' : `/namespaces/${object.metadata.namespace}`;
  return `${group}${namespace}/${plural}/${object.metadata.name}`;
}

/** Server-side apply of one object, which takes over what others wrote. */
export async function applyObject(api: Api, object: object): Promise<void> {
  const path = objectPath(object as Parameters<typeof objectPath>[0]);
  const answer = await ask(api, `${path}?fieldManager=osmo-local-cluster&force=true`, {
    method: 'PATCH',
    body: object,
    contentType: 'application/apply-patch+yaml',
    timeoutMs: 15_000,
  });
  if (answer.status !== 200 && answer.status !== 201) {
    throw new Error(`apply ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
  }
}
