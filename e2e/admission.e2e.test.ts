import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowSpecInput } from '@osmo/crds';
import { Deployment, type KubeClient, type KubeObject, Namespace, Pod, resourceType } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { obtainAll } from '../hack/cluster/components/obtain.ts';
import { run } from '../hack/cluster/system/run.ts';
import { connectToCluster, kubeconfig, systemNamespace } from './harness/connect.ts';
import { clear, endOf, type Lab, newLab, shell, submit, tasksOf, Workflows } from './harness/lab.ts';

/** For what will never happen: the suites before this one replace pods, and the machine may be busy. */
const limitMs = 300_000;
const after = (...names: string[]): object => ({ inputs: names.map((name) => ({ task: { name } })) });
const ghost: WorkflowSpecInput = { tasks: [shell('a', 'true', after('ghost'))] };

let client: KubeClient;
let lab: Lab;
let kubectl: string;

beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-admission');
  ({ kubectl = 'kubectl' } = await obtainAll(['kubectl'], () => undefined));
}, 600_000);
afterAll(async () => {
  await clear(lab);
  await client.close();
}, 600_000);

/** What kubectl says to a manifest. A dry run goes the same way as the real thing and leaves nothing behind. */
async function apply(name: string, spec: WorkflowSpecInput, ...flags: string[]): Promise<string> {
  const manifest = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name }, spec };
  const args = ['--kubeconfig', kubeconfig(), '--namespace', lab.namespace, 'apply', '-f', '-', ...flags];
  const { code, stdout, stderr } = await run(kubectl, args, { input: JSON.stringify(manifest), allowFailure: true });
  return `${code}\n${stdout}${stderr}`;
}

/** What kubectl says once the webhooks answer. */
const refusal = (name: string, spec: WorkflowSpecInput): Promise<string> =>
  until(
    () => apply(name, spec, '--dry-run=server'),
    (text) => text.startsWith('1\n') && text.includes('is invalid'),
    limitMs,
  );

describe('kubectl apply', () => {
  test.each<[string, WorkflowSpecInput, readonly string[]]>([
    [
      'several things at once',
      {
        resources: [{ name: 'default', cpu: '1' }],
        tasks: [
          shell('a', 'true', { ...after('ghost'), resource: 'huge' }),
          shell('a', 'true', { volumeMounts: [{ hostPath: '/etc', mountPath: '/x' }], privileged: true }),
        ],
      },
      [
        'spec.tasks[0].inputs[0].task.name: Invalid value: "ghost"',
        'spec.tasks[0].resource: Invalid value: "huge"',
        'spec.tasks[1].name: Invalid value: "a"',
        'spec.tasks[1].privileged: Invalid value: true',
        'spec.tasks[1].volumeMounts[0].hostPath: Invalid value: "/etc"',
      ],
    ],
    ['a cycle', { tasks: [shell('a', 'true', after('b')), shell('b', 'true', after('a'))] }, ['spec.tasks[']],
  ])(
    'says all that is wrong with %s, by field',
    async (_, spec, want) => {
      const text = await refusal('refused', spec);
      for (const line of want) expect(text).toContain(line);
    },
    400_000,
  );

  test('stores nothing of it', async () => {
    await refusal('never', ghost);
    expect(await apply('never', ghost)).toMatch(/^1\n/);
    const { items } = await client.list(Workflows, { namespace: lab.namespace });
    expect(items.map(({ metadata }) => metadata.name)).not.toContain('never');
  }, 400_000);
});

test('the dry run of the gateway says the same', async () => {
  const file = join(dirname(kubeconfig()), 'env.d/gateway');
  const url = /^export OSMO_URL='(http:\/\/127\.0\.0\.1:\d+)'$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const recipe = [
    'workflow:',
    '  name: mounts',
    '  tasks:',
    '    - { name: a, image: busybox, command: ["true"], volumeMounts: ["/etc:/x"] }',
  ].join('\n');
  const path = `/api/pool/default/workflow?validation_only=true&namespace=${lab.namespace}`;
  const ask = async (text: string): Promise<string> => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-osmo-user': 'ada' },
      body: JSON.stringify({ file: text }),
    });
    return `${response.status} ${await response.text()}`;
  };
  const answer = await until(
    () => ask(recipe),
    (text) => text.startsWith('400 '),
    limitMs,
  );
  const spec = { tasks: [shell('a', 'true', { volumeMounts: [{ hostPath: '/etc', mountPath: '/x' }] })] };
  // By the place in the recipe, where kubectl names that in the Workflow.
  const place = 'workflow.tasks[0].volumeMounts[0]: Invalid value: "/etc"';
  const said = await refusal('mounts', spec);
  const detail = /hostPath: Invalid value: "\/etc": (.+)/.exec(said)?.[1]?.trim() ?? 'kubectl says nothing of it';
  expect(JSON.parse(answer.slice(4))).toMatchObject({ message: expect.stringContaining(place) });
  expect(answer).toContain(JSON.stringify(detail).slice(1, -1));
  // What an administrator can mend is no refusal.
  const large = recipe
    .replace('  tasks:', '  resources: { default: { cpu: 4000 } }\n  tasks:')
    .replace(/, volumeMounts: .*\]/, '');
  const taken = await until(
    () => ask(large),
    (text) => text.includes('the largest node'),
    limitMs,
  );
  expect(JSON.parse(taken.slice(4))).toMatchObject({ warnings: [expect.stringContaining('the largest node')] });
}, 700_000);

test('a workflow that names no pool gets that of its namespace', async () => {
  const pool = 'e2e-admission-pool';
  const type = resourceType<KubeObject>({ ...cluster, kind: 'Pool', plural: 'pools' });
  const existing = (await client.get(type, { name: 'default' })) as KubeObject & { spec: object };
  const own = { apiVersion: existing.apiVersion, kind: 'Pool', metadata: { name: pool }, spec: existing.spec };
  await client.apply(type, own, { fieldManager: 'osmo-e2e', force: true });
  const label = (value: string | null) =>
    client.patch(
      Namespace,
      { name: lab.namespace },
      { kind: 'merge', body: { metadata: { labels: { 'osmo.dev/default-pool': value } } } },
    );
  await label(pool);
  try {
    const spec = { tasks: [shell('a', 'true')] };
    // The apiserver hears of labels a moment later.
    await until(
      () => apply('pooled', spec, '--dry-run=server', '--output=jsonpath={.spec.pool}'),
      (text) => text === `0\n${pool}`,
      limitMs,
    );
    await submit(lab, 'pooled', spec);
    const { workflow } = await endOf(lab, 'pooled');
    expect(workflow.spec.pool).toBe(pool);
    expect(workflow.status!.phase).toBe('Completed');
    expect((await tasksOf(lab, 'pooled')).map((task) => task.spec.pool)).toEqual([pool]);
    const named = await apply(
      'named',
      { ...spec, pool: 'other' },
      '--dry-run=server',
      '--output=jsonpath={.spec.pool}',
    );
    expect(named).toContain('0\nother');
  } finally {
    await label(null);
    await client.delete(type, { name: pool });
  }
}, 900_000);

const cluster = { group: 'osmo.dev', version: 'v1alpha1', namespaced: false } as const;

describe('the webhooks', () => {
  const name = 'osmo-webhooks';
  const pods = async (): Promise<Pod[]> => {
    const labelSelector = 'app.kubernetes.io/component=webhooks';
    return (await client.list(Pod, { namespace: systemNamespace, labelSelector })).items;
  };

  test('are missed by nobody while they are down: the controllers say the same', async () => {
    const ref = { namespace: systemNamespace, name };
    const { replicas } = await client.getScale(Deployment, ref).then(({ spec }) => spec);
    await client.scale(Deployment, ref, 0);
    try {
      await until(pods, (all) => all.length === 0, limitMs);
      // Names of their own: what comes before the apiserver has noticed is refused as ever.
      let attempt = 0;
      const stored = await until(
        () => submit(lab, `unasked-${attempt++}`, ghost),
        () => true,
        limitMs,
      );
      const { workflow } = await endOf(lab, stored.metadata.name);
      expect(workflow.status).toMatchObject({ phase: 'Failed', reason: 'InvalidSpec' });
      expect(workflow.status!.message).toContain('ghost');
    } finally {
      await client.scale(Deployment, ref, replicas ?? 1);
    }
    await refusal('asked', ghost);
  }, 900_000);

  test('mend what somebody else makes the apiserver trust', async () => {
    const type = resourceType<KubeObject>({
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      kind: 'ValidatingWebhookConfiguration',
      plural: 'validatingwebhookconfigurations',
      namespaced: false,
    });
    const bundle = async (): Promise<string | undefined> => {
      const object = await client.get(type, { name });
      const { webhooks } = object as KubeObject & { webhooks: { clientConfig: { caBundle?: string } }[] };
      return webhooks[0]?.clientConfig.caBundle;
    };
    const right = await until(bundle, (value) => value !== undefined, limitMs);
    const path = '/webhooks/0/clientConfig/caBundle';
    await client.patch(type, { name }, { kind: 'json', body: [{ op: 'remove', path }] });
    await until(bundle, (value) => value === right, limitMs);
    await refusal('mended', ghost);
  }, 900_000);
});
