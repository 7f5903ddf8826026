import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Api, quotaUsageName, type Quota, QuotaType, type QuotaUsage, QuotaUsageType } from '@osmo/crds';
import { isNotFound, type KubeClient, resourceType } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { obtainAll } from '../hack/cluster/components/obtain.ts';
import { run } from '../hack/cluster/system/run.ts';
import { connectToCluster, kubeconfig } from './harness/connect.ts';
import { clear, type Lab, newLab, shell } from './harness/lab.ts';

/** For what will never happen: the suites before this one replace pods, and the machine may be busy. */
const limitMs = 300_000;
const Quotas = resourceType<Quota>(QuotaType);
const QuotaUsages = resourceType<QuotaUsage>(QuotaUsageType);

let client: KubeClient;
let lab: Lab;
let kubectl: string;
let url: string;

beforeAll(async () => {
  const file = readFileSync(join(dirname(kubeconfig()), 'env.d/gateway'), 'utf8');
  url = /^export OSMO_URL='(.*)'$/m.exec(file)?.[1] ?? '';
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-quotas');
  ({ kubectl = 'kubectl' } = await obtainAll(['kubectl'], () => undefined));
}, 600_000);
afterAll(async () => {
  await client.delete(Quotas, { name: lab.namespace }).catch(() => undefined);
  await clear(lab);
  await client.close();
}, 600_000);

let attempts = 0;
/** What kubectl says to a workflow that never ends, since it never begins. */
async function apply(): Promise<string> {
  const metadata = { name: `waits-${attempts++}` };
  const spec = { suspend: true, tasks: [shell('a', 'true')] };
  const manifest = { apiVersion: Api.apiVersion, kind: 'Workflow', metadata, spec };
  const args = ['--kubeconfig', kubeconfig(), '--namespace', lab.namespace, 'create', '-f', '-'];
  const { stdout, stderr } = await run(kubectl, args, { input: JSON.stringify(manifest), allowFailure: true });
  return stdout + stderr;
}

/** What the gateway says to a recipe; 429 and what comes of restarts is "not yet". */
async function post(): Promise<string> {
  const file = 'workflow:\n  name: recipe\n  tasks:\n  - name: a\n    image: busybox\n    command: [sleep, "1000"]\n';
  const response = await fetch(`${url}/api/pool/default/workflow?namespace=${lab.namespace}`, {
    method: 'POST',
    headers: { 'x-osmo-user': 'ada', 'content-type': 'application/json' },
    body: JSON.stringify({ file }),
  });
  return `${response.status} ${await response.text()}`;
}

test(
  'a quota holds for kubectl and the REST API, and ends with itself',
  async () => {
    const { namespace } = lab;
    const usage = { name: quotaUsageName('Namespace', namespace) };
    const quota = await client.create(Quotas, {
      ...{ apiVersion: Api.apiVersion, kind: 'Quota', metadata: { name: namespace } },
      spec: { subjects: [{ kind: 'Namespace', name: namespace }], limits: { workflows: 0 } },
    });
    const refusal = new RegExp(`exceeded quota: namespace ${namespace} has \\d+ of 0 workflows that have not ended`);
    await until(apply, (text) => refusal.test(text), limitMs);
    const answer = await until(post, (text) => refusal.test(text), limitMs);
    expect(answer).toMatch(/^403 /);
    await client.replace(Quotas, { ...quota, spec: { ...quota.spec, limits: { workflows: 1000 } } });
    await until(apply, (text) => text.includes(' created'), limitMs);
    const counted = await until(
      () => client.get(QuotaUsages, usage),
      ({ status }) => status?.workflows === 1 && status.limits !== undefined,
      limitMs,
    );
    expect(counted.status).toMatchObject({ quota: namespace, limits: { workflows: 1000 } });
    await client.delete(Quotas, { name: namespace });
    await until(
      () =>
        client.get(QuotaUsages, usage).then(
          () => 'there',
          (error: unknown) => (isNotFound(error) ? 'gone' : String(error)),
        ),
      (state) => state === 'gone',
      limitMs,
    );
  },
  4 * limitMs,
);
