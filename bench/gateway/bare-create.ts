import type { ClusterAccess } from '@osmo/kube';
import { Pool } from 'undici';
import type { BenchContext } from '../bench.ts';

/** Creates Workflows by the least that does: undici's pool, JSON out, JSON in. */
export async function bareCreator(
  access: ClusterAccess,
  connections: number,
  { cleanup }: Pick<BenchContext, 'cleanup'>,
): Promise<(workflow: object) => Promise<unknown>> {
  const { tls, headers } = await access.credentials();
  const pool = new Pool(new URL(access.server).origin, { connections, pipelining: 1, connect: tls });
  cleanup.defer(() => pool.close());
  const path = '/apis/osmo.dev/v1alpha1/namespaces/default/workflows';
  return async (workflow) => {
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: { ...headers, accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(workflow),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`POST ${path}: ${answer.statusCode} ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  };
}
