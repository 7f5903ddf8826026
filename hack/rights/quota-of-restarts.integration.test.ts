import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Api, type Pool, type Quota, quotaUsageName, type Workflow } from '@osmo/crds';
import { createImpersonator, type KubeClient, KubeError, loadAccess, systemClock } from '@osmo/kube';
import { testKubeconfig, until } from '@osmo/kube/testing';
import { startGateway, type TestGateway } from '../../api-gateway/src/testing/gateway.ts';
import { grant } from '../../api-gateway/src/testing/rights.ts';
import { Backends, Pools, Quotas, QuotaUsages, ValidatingConfigurations, Workflows } from '../../webhooks/src/kinds.ts';
import { type Lab, openLab } from '../../webhooks/src/testing/lab.ts';

/* A workflow that has ended is to run again, by kubectl and by the gateway: that needs room as a new one does. */

let lab: Lab;
let gateway: TestGateway;
let impersonator: ReturnType<typeof createImpersonator>;
const undo: (() => Promise<unknown>)[] = [];
const person = (): string => `ada.${lab.namespace}`;
const head = () => ({ apiVersion: Api.apiVersion, metadata: { name: lab.namespace } });
const limit = (workflows: number): Quota['spec'] => ({
  subjects: [{ kind: 'Namespace', name: lab.namespace }],
  limits: { workflows },
});

beforeAll(async () => {
  lab = await openLab('restarts');
  const { client, namespace } = lab;
  await client.create(Backends, { ...head(), kind: 'Backend', spec: {} });
  await client.create(Pools, { ...head(), kind: 'Pool', spec: { backend: namespace } } as Pool);
  // The chart's ask about changes, too.
  const configuration = await lab.configuration();
  for (const { rules = [] } of (configuration.webhooks ?? []) as { rules?: { operations: string[] }[] }[])
    for (const rule of rules) rule.operations = ['CREATE', 'UPDATE'];
  await client.replace(ValidatingConfigurations, configuration);
  await lab.start();
  const all = ['get', 'list', 'watch', 'create', 'patch'];
  const rules = [{ apiGroups: [Api.group], resources: ['workflows', 'tasks'], verbs: all }];
  undo.push(await grant(client, person(), { kind: 'User', name: person() }, rules, namespace));
  const access = await loadAccess({ kubeconfig: testKubeconfig(), clock: systemClock, env: {} });
  impersonator = createImpersonator({ access, userAgent: 'quota-of-restarts' });
  gateway = await startGateway([`--default-namespace=${namespace}`, '--requests-per-second=1000']);
}, 300_000);
afterAll(async () => {
  if (lab === undefined) return;
  const { client, namespace: name } = lab;
  await gateway?.[Symbol.asyncDispose]();
  await impersonator?.own.close();
  await client.deleteCollection(Workflows, { namespace: name });
  await Promise.allSettled([
    ...undo.map((each) => each()),
    client.delete(Quotas, { name }),
    client.delete(Pools, { name }),
    client.delete(Backends, { name }),
    client.delete(QuotaUsages, { name: quotaUsageName('Namespace', name) }),
  ]);
  await lab.clear();
});

/** Makes the workflow one that has failed, as the controllers would say. */
async function end(name: string): Promise<Workflow> {
  const { client, namespace } = lab;
  const workflow = await client.get(Workflows, { name, namespace });
  const now = '2026-01-01T00:00:00Z';
  const ended = { type: 'Succeeded', status: 'False', reason: 'Failed', message: 'it failed', lastTransitionTime: now };
  const status = {
    ...{ phase: 'Failed', reason: 'Error', startTime: now, completionTime: now, conditions: [ended] },
    taskCounts: { total: 1, waiting: 0, active: 0, completed: 0, failed: 1, upstream: 0 },
  };
  return client.replace(Workflows, { ...workflow, status } as unknown as Workflow, { subresource: 'status' });
}

/** What comes of having it run again, in words, each way; whoever else watches this cluster may have changed its status meanwhile. */
const ways: Record<string, (name: string) => Promise<string>> = {
  async kubectl(name) {
    const { metadata } = await end(name);
    const client: KubeClient = impersonator.as({ user: person(), groups: ['system:authenticated'] });
    const body = { spec: { restart: { id: `by-hand-${metadata.resourceVersion}` } } };
    try {
      await client.patch(Workflows, { name, namespace: lab.namespace }, { kind: 'merge', body });
      return 'taken';
    } catch (error) {
      if (error instanceof KubeError) return `${error.status} ${error.message}`;
      throw error;
    }
  },
  async gateway(name) {
    await end(name);
    const path = `/api/pool/${lab.namespace}/workflow/${lab.namespace}.${name}/restart`;
    const response = await gateway.send(path, { method: 'POST', as: person() });
    const text = await response.text();
    return response.ok ? 'taken' : `${response.status} ${text}`;
  },
};

test.each(['kubectl', 'gateway'])(
  'by %s it is refused where there is no room, in words that say who has what, and taken where there is',
  async (way) => {
    const { client, namespace } = lab;
    const again = ways[way] as (typeof ways)[string];
    const name = `ended-${way}`;
    await until(
      () =>
        lab
          .submit(name, { pool: namespace, suspend: true, tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] })
          .then(() => 'made', String),
      (said) => said === 'made' || said.includes('already exists'),
    );
    const quota = await client.create(Quotas, { ...head(), kind: 'Quota', spec: limit(0) });
    await count();
    const refused = await until(
      () => again(name),
      (said) => said.includes('exceeded quota'),
    );
    expect(refused).toMatch(/^403 /);
    expect(refused).toMatch(
      new RegExp(
        `exceeded quota: namespace ${namespace} has \\d+ of 0 workflows that have not ended \\(quota .{1,2}${namespace}`,
      ),
    );
    await client.replace(Quotas, { ...quota, spec: limit(1000) });
    await until(
      () => again(name),
      (said) => said === 'taken',
    );
    await client.delete(Quotas, { name: namespace });
  },
);

/** What the controllers do, here or in another test that looks at the whole cluster. */
async function count(): Promise<void> {
  const { client, namespace } = lab;
  const usage = { name: quotaUsageName('Namespace', namespace) };
  await until(
    async () => {
      const known = await client.get(QuotaUsages, usage).catch(() =>
        client.create(QuotaUsages, {
          ...{ apiVersion: Api.apiVersion, kind: 'QuotaUsage', metadata: usage },
          spec: { kind: 'Namespace', name: namespace },
        }),
      );
      if (known.status?.countTime !== undefined) return true;
      const status = { countTime: '2026-01-01T00:00:00Z', workflows: 1, tasks: 1 };
      await client.replace(QuotaUsages, { ...known, status }, { subresource: 'status' });
      return true;
    },
    (isCounted) => isCounted,
  );
}
