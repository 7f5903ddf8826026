import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

/** Asks as a well-behaved client does: told that it asks too often, it waits as long as it is told. */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  for (;;) {
    const response = await fetch(`${url}${path}`, init);
    if (response.status !== 429) return response;
    await response.arrayBuffer();
    await delay(Number(response.headers.get('retry-after') ?? 1) * 1000);
  }
}

const get = async (path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> => {
  const response = await ask(path, { headers });
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

  test(
    'streams logs while a workflow runs, ends when it does, and tells of its events',
    async () => {
      await submit(lab, 'talks', { tasks: [shell('talker', 'for i in 1 2 3; do echo line $i; sleep 1; done')] });
      const id = `${lab.namespace}.talks`;
      await until(
        () => get(`/api/workflow/${id}`, asAda),
        ({ status }) => status === 200,
      );
      const story = get(`/api/workflow/${id}/events`, asAda);
      // Whole only when the workflow has ended: the answers have no end before.
      const { status, text } = await get(`/api/workflow/${id}/logs`, asAda);
      expect(status).toBe(200);
      const lines = text.trim().split('\n');
      expect(lines.map((line) => line.replace(/^[\d/]+ [\d:]+ /, ''))).toEqual([
        '[talker] line 1',
        '[talker] line 2',
        '[talker] line 3',
      ]);
      expect((await get(`/api/workflow/${id}/logs?task_name=talker&last_n_lines=1`, asAda)).text).toMatch(
        /^\S+ \S+ \[talker\] line 3\n$/,
      );
      expect((await get(`/api/workflow/${id}/error_logs`, asAda)).text).toBe('');
      expect((await story).text).toMatch(/ \[talker\] \w+: /);
      const events = await until(
        () => get(`/api/workflow/${id}/events`, asAda),
        (found) => found.text.includes('] Completed: '),
      );
      expect(events.text).toMatch(/ \[talker\] \w+: /);
    },
    6 * minutes,
  );

  test(
    'cancels a workflow',
    async () => {
      await submit(lab, 'endless', { tasks: [shell('sleeper', 'sleep 100000')] });
      const id = `${lab.namespace}.endless`;
      const status = async () => {
        const answer = await get(`/api/workflow/${id}`, asAda);
        return (JSON.parse(answer.text) as { status?: string }).status;
      };
      await until(status, (word) => word === 'RUNNING', 5 * minutes);
      const canceled = await ask(`/api/workflow/${id}/cancel?message=enough`, {
        method: 'POST',
        headers: asAda,
      });
      expect([canceled.status, await canceled.json()]).toEqual([200, { name: id }]);
      await until(status, (word) => word === 'FAILED_CANCELED', 5 * minutes);
    },
    11 * minutes,
  );

  test(
    'takes a templated recipe, runs it and gives its logs',
    async () => {
      const file = `workflow:
  name: recipe
  tasks:
  {% for i in range(count) %}
  - name: step-{{ i }}
    image: busybox
    command: [sh, -c]
    args: ["echo this is step {{ i }}"]
    {% if i > 0 %}
    inputs: [{task: step-{{ i - 1 }}}]
    {% endif %}
  {% endfor %}
default-values: {count: 1}
`;
      const response = await ask(`/api/pool/default/workflow?namespace=${lab.namespace}`, {
        method: 'POST',
        headers: { ...asAda, 'content-type': 'application/json' },
        body: JSON.stringify({ file, set_variables: ['count=2'] }),
      });
      const { name, message } = (await response.json()) as { name: string; message?: string };
      expect([response.status, message]).toEqual([200, undefined]);
      expect(name).toMatch(new RegExp(`^${lab.namespace}\\.recipe-\\d+$`));
      await until(
        async () => (JSON.parse((await get(`/api/workflow/${name}`, asAda)).text) as { status?: string }).status,
        (status) => status === 'COMPLETED',
        5 * minutes,
      );
      const { text } = await get(`/api/workflow/${name}/logs`, asAda);
      expect(text).toMatch(/^\S+ \S+ \[step-0\] this is step 0\n\S+ \S+ \[step-1\] this is step 1\n$/);
    },
    6 * minutes,
  );
});
