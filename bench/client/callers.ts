import { type ClusterAccess, ConfigMap, createClient } from '@osmo/kube';
import { Pool } from 'undici';

/** One way of writing ConfigMaps. */
export interface Caller {
  create(name: string): Promise<void>;
  patch(name: string, count: number): Promise<void>;
  close(): Promise<void>;
}

/** Connections that each caller may open: the most calls under way at once. */
export const connections = 64;

const payload = 'x'.repeat(512);

const configMap = (namespace: string, name: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: { 'osmo.dev/bench': 'client' } },
  data: { payload },
});

const change = (count: number): object => ({ data: { count: String(count) } });

/** The client of kube/. */
export function kubeCaller(access: ClusterAccess, namespace: string): Caller {
  const client = createClient({ access, userAgent: 'osmo-bench', maxConnections: connections });
  return {
    create: async (name) => void (await client.create(ConfigMap, configMap(namespace, name))),
    patch: async (name, count) =>
      void (await client.patch(ConfigMap, { name, namespace }, { kind: 'merge', body: change(count) })),
    close: () => client.close(),
  };
}

/** The least that does the same: undici's pool, a body made by JSON.stringify, the answer read by JSON.parse. */
export async function bareCaller(access: ClusterAccess, namespace: string): Promise<Caller> {
  const { tls, headers } = await access.credentials();
  const pool = new Pool(new URL(access.server).origin, { connections, pipelining: 1, connect: tls });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const send = async (method: string, target: string, contentType: string, body: object): Promise<void> => {
    const answer = await pool.request({
      method,
      path: target,
      headers: { ...headers, accept: 'application/json', 'content-type': contentType },
      body: JSON.stringify(body),
    });
    const parsed = await answer.body.json();
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${target}: ${answer.statusCode} ${JSON.stringify(parsed)}`);
  };
  return {
    create: (name) => send('POST', path, 'application/json', configMap(namespace, name)),
    patch: (name, count) => send('PATCH', `${path}/${name}`, 'application/merge-patch+json', change(count)),
    close: () => pool.close(),
  };
}
