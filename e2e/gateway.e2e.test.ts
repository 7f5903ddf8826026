import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeClient } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { connectToCluster, kubeconfig } from './harness/connect.ts';
import { clear, type Lab, newLab, shell, submit } from './harness/lab.ts';

const minutes = 60_000;
let client: KubeClient;
let lab: Lab;
let url: string;

/** What `source .cluster/env` exports. */
function gatewayUrl(): string {
  const file = join(dirname(kubeconfig()), 'env.d/gateway');
  return /^export OSMO_URL='(http:\/\/127\.0\.0\.1:\d+)'$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
}

const get = async (path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${url}${path}`, { headers });
  return { status: response.status, text: await response.text() };
};
const asAda = { 'x-osmo-user': 'ada' };

beforeAll(async () => {
  url = gatewayUrl();
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-gateway');
}, 2 * minutes);
afterAll(async () => {
  await clear(lab);
  await client.close();
}, 3 * minutes);

describe('the gateway of the local cluster', () => {
  test('answers on 127.0.0.1, under the address in .cluster/env', async () => {
    const { status, text } = await get('/api/version');
    expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ major: expect.any(String) })]);
    expect((await get('/api/workflow')).status).toBe(401);
  });

  test(
    'shows a workflow from its start to its end',
    async () => {
      await submit(lab, 'watched', { tasks: [shell('hello', 'echo hello'), shell('fails', 'exit 3')] });
      const workflow = async () => {
        const { status, text } = await get(`/api/workflow/${lab.namespace}.watched`, asAda);
        return { http: status, ...(JSON.parse(text) as { status?: string; groups?: unknown }) };
      };
      const ended = await until(
        workflow,
        ({ status = '' }) => status === 'COMPLETED' || status.startsWith('FAILED'),
        5 * minutes,
      );
      expect(ended).toMatchObject({
        http: 200,
        status: 'FAILED',
        groups: [
          { name: 'hello-group', status: 'COMPLETED', tasks: [{ name: 'hello', exit_code: 0, status: 'COMPLETED' }] },
          { name: 'fails-group', status: 'FAILED', tasks: [{ name: 'fails', exit_code: 3, status: 'FAILED' }] },
        ],
      });
      const list = await get('/api/workflow?all_users=True&statuses=FAILED&name=watched', asAda);
      expect(JSON.parse(list.text)).toMatchObject({ workflows: [{ name: `${lab.namespace}.watched` }] });
    },
    6 * minutes,
  );
});
