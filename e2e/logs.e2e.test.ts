import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Pod, Secret } from '@osmo/kube';
import { type ObjectStore, openStore, readAll } from '@osmo/storage';
import { pauseComponent, resumeComponent } from '../hack/cluster/node/control.ts';
import { layoutOf } from '../hack/cluster/node/layout.ts';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster, killProgram, kubeconfig } from './harness/connect.ts';
import { clear, endOf, type Lab, newLab, podsOf, shell, submit, Workflows, workflowWhen } from './harness/lab.ts';

const minutes = 60_000;
const layout = () => layoutOf(join(import.meta.dirname, '..'), dirname(kubeconfig()).split('/').at(-1) ?? '');
let client: KubeClient;
let lab: Lab;
let store: ObjectStore;

/** What `source .cluster/env` exports. */
function exported(file: string): Record<string, string> {
  const text = readFileSync(join(dirname(kubeconfig()), 'env.d', file), 'utf8');
  return Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
}

beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-logs');
  const { OSMO_S3_ENDPOINT, OSMO_S3_BUCKET, OSMO_S3_REGION, ...keys } = exported('s3');
  store = await openStore(`s3://${OSMO_S3_BUCKET}?endpoint=${OSMO_S3_ENDPOINT}&region=${OSMO_S3_REGION}`, {
    credentials: {
      accessKeyId: keys['OSMO_S3_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: keys['OSMO_S3_SECRET_ACCESS_KEY'] ?? '',
    },
    environment: {},
  });
}, 2 * minutes);
afterAll(async () => {
  resumeComponent(layout(), 'versitygw');
  await clear(lab);
  await Promise.all([client.close(), store.close()]);
}, 5 * minutes);

/** The lines of a workflow's log as the gateway gives them, without time and task; undefined when it can't answer now. */
async function logOf(workflow: string): Promise<string[] | undefined> {
  const url = `${exported('gateway')['OSMO_URL']}/api/workflow/${lab.namespace}.${workflow}/logs`;
  const response = await fetch(url, { headers: { 'x-osmo-user': 'ada' } });
  const text = await response.text();
  if (!response.ok) return undefined;
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/^\S+ \S+ \[[^\]]*\] /, '')]));
}

/** Reads what the gateway streams of a log until it holds a text, and leaves; undefined when it ends or can't answer now. */
async function heard(workflow: string, text: string, user: string): Promise<string | undefined> {
  const url = `${exported('gateway')['OSMO_URL']}/api/workflow/${lab.namespace}.${workflow}/logs`;
  const leave = AbortSignal.timeout(minutes);
  const response = await fetch(url, { headers: { 'x-osmo-user': user }, signal: leave });
  if (!response.ok || response.body === null) return undefined;
  let all = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body) {
    all += decoder.decode(piece as Uint8Array, { stream: true });
    if (all.includes(text)) return all;
  }
  return undefined;
}

async function deletePods(): Promise<void> {
  await client.deleteCollection(Pod, { namespace: lab.namespace });
}

const podsToBeGone = (): Promise<unknown> =>
  poll('the pods to be gone', async () => (await podsOf(lab)).length === 0 || undefined, { timeoutMs: 4 * minutes });

const logToBe = (workflow: string, lines: readonly string[]): Promise<unknown> =>
  poll(
    `the log of ${workflow}`,
    async () => {
      const log = await logOf(workflow);
      if (JSON.stringify(log) === JSON.stringify(lines)) return true as const;
      throw new Error(JSON.stringify(log)?.slice(0, 1000));
    },
    { timeoutMs: 2 * minutes, intervalMs: 500 },
  );

describe('the log of a task', () => {
  test(
    'is masked while it runs, too',
    async () => {
      const value = 'battery-staple-correct-horse';
      const name = `live-${Date.now().toString(36)}`;
      const metadata = { name, namespace: lab.namespace };
      await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token: value } });
      const credentials = [{ name, env: [{ name: 'TOKEN', key: 'token' }] }];
      const tells = 'while true; do echo "the token is $TOKEN"; sleep 1; done';
      await submit(lab, 'live', { tasks: [shell('tells', tells, { credentials })] });
      const log = await poll('the log', () => heard('live', 'the token is [MASKED]', 'ada'), {
        timeoutMs: 5 * minutes,
        intervalMs: 1000,
      });
      expect(log).not.toContain(value);
      const live = await client.get(Workflows, { name: 'live', namespace: lab.namespace });
      expect(live.status?.phase).toBe('Running');
      await client.delete(Workflows, { name: 'live', namespace: lab.namespace });
    },
    12 * minutes,
  );
  test(
    'stays when its pod is gone, with the values of credentials masked',
    async () => {
      const value = 'correct-horse-battery-staple';
      // A name of its own in every run: nobody deletes what a former one left.
      const name = `wandb-${Date.now().toString(36)}`;
      const metadata = { name, namespace: lab.namespace };
      await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token: value } });
      const credentials = [{ name, env: [{ name: 'TOKEN', key: 'token' }] }];
      await submit(lab, 'masked', {
        tasks: [shell('tells', 'echo before; echo "the token is $TOKEN"', { credentials })],
      });
      const { workflow } = await endOf(lab, 'masked');
      await deletePods();
      await podsToBeGone();
      await logToBe('masked', ['before', 'the token is [MASKED]']);
      let stored = '';
      for await (const { objects } of store.list(`logs/${lab.namespace}/${workflow.metadata.uid}/`)) {
        for (const { key } of objects.filter((object) => object.key.endsWith('.gz'))) {
          // oxlint-disable-next-line no-await-in-loop
          stored += gunzipSync(await readAll(store, key, { limit: 1 << 20 })).toString();
        }
      }
      expect(stored).toContain('the token is [MASKED]');
      expect(stored).not.toContain(value);
    },
    10 * minutes,
  );

  test(
    'is there although the store was down when its pod was deleted',
    async () => {
      await pauseComponent(layout(), 'versitygw');
      await submit(lab, 'patient', { tasks: [shell('says', 'echo one; echo two')] });
      const { workflow } = await endOf(lab, 'patient');
      expect(workflow.status?.phase).toBe('Completed');
      await deletePods();
      resumeComponent(layout(), 'versitygw');
      await podsToBeGone();
      await logToBe('patient', ['one', 'two']);
    },
    10 * minutes,
  );

  test(
    'has no line twice and none missing when the operator is killed meanwhile',
    async () => {
      const line = 'i=0; while [ $i -lt 150 ]; do echo line $i; i=$((i+1)); sleep 0.1; done';
      await submit(lab, 'counts', { tasks: [shell('counter', line)] });
      await workflowWhen(lab, 'counts', 'Running', ({ status }) => status?.phase === 'Running');
      await killProgram(client, 'backend-operator');
      await endOf(lab, 'counts', 5 * minutes);
      await deletePods();
      await podsToBeGone();
      await logToBe(
        'counts',
        Array.from({ length: 150 }, (_, index) => `line ${index}`),
      );
    },
    15 * minutes,
  );
});
