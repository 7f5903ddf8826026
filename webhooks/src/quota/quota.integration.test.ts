import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Api, type Pool, type Quota, quotaUsageName, type Workflow } from '@osmo/crds';
import { isNotFound, KubeError } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Backends, Pools, Quotas, QuotaUsages, Workflows } from '../kinds.ts';
import { type Lab, openLab } from '../testing/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('quota');
  const { client, namespace: name } = lab;
  const head = { apiVersion: Api.apiVersion, metadata: { name } };
  await client.create(Backends, { ...head, kind: 'Backend', spec: {} });
  await client.create(Pools, { ...head, kind: 'Pool', spec: { backend: name } } as Pool);
});
afterAll(async () => {
  if (lab === undefined) return;
  const { client, namespace: name } = lab;
  await client.deleteCollection(Workflows, { namespace: name });
  await Promise.allSettled([
    client.delete(Quotas, { name }),
    client.delete(Pools, { name }),
    client.delete(Backends, { name }),
    client.delete(QuotaUsages, { name: quotaUsageName('Namespace', name) }),
  ]);
  await lab.clear();
});

/** Of a workflow that never ends, since it never begins. */
const submit = (name: string, dryRun = false): Promise<Workflow> => {
  const tasks = [{ name: 'a', image: 'busybox', command: ['true'], count: 2 }];
  return lab.submit(name, { pool: lab.namespace, suspend: true, tasks }, { dryRun });
};
const refusal = (error: unknown): string => {
  if (error instanceof KubeError && error.status === 403) return error.message;
  throw error;
};

test('of many that are submitted at once no more are stored than the quota says', async () => {
  const { client, namespace } = lab;
  const usage = { name: quotaUsageName('Namespace', namespace) };
  const spec: Quota['spec'] = { subjects: [{ kind: 'Namespace', name: namespace }], limits: { workflows: 0 } };
  const head = { apiVersion: Api.apiVersion, metadata: { name: namespace } };
  const quota = await client.create(Quotas, { ...head, kind: 'Quota', spec });
  // What the controllers do, here or in another test that looks at the whole cluster.
  await client.create(QuotaUsages, {
    ...{ apiVersion: Api.apiVersion, kind: 'QuotaUsage', metadata: usage },
    spec: { kind: 'Namespace', name: namespace },
  });
  await until(
    async () => {
      const current = await client.get(QuotaUsages, usage);
      if (current.status?.countTime !== undefined) return true;
      const status = { countTime: '2026-01-01T00:00:00Z', workflows: 0, tasks: 0 };
      await client.replace(QuotaUsages, { ...current, status }, { subresource: 'status' });
      return true;
    },
    (isCounted) => isCounted,
  );

  const webhooks = await lab.start();
  const message = await until(
    () => submit('none', true).then(() => '', refusal),
    (text) => text !== '',
  );
  expect(message).toContain(`namespace ${namespace} has 0 of 0 workflows that have not ended (quota "${namespace}")`);

  await client.replace(Quotas, { ...quota, spec: { ...spec, limits: { workflows: 3, tasks: 100 } } });
  await until(
    () => submit('some', true).then(() => 'room', refusal),
    (text) => text === 'room',
  );
  const names = Array.from({ length: 7 }, (_, index) => `wf-${index}`);
  // A machine that is busy may not answer in time, which is no refusal: it is asked again.
  const settled = (name: string): Promise<string> =>
    until(
      () => submit(name).then(() => 'stored', refusal),
      (text) => text !== '',
    );
  const outcomes = await Promise.all(names.map(settled));
  expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(3);
  for (const outcome of outcomes.filter((each) => each !== 'stored')) {
    expect(outcome).toContain(`exceeded quota: namespace ${namespace} has 3 of 3 workflows`);
  }
  const { items } = await client.list(Workflows, { namespace });
  expect(items).toHaveLength(3);
  const { status } = await client.get(QuotaUsages, usage);
  expect(status).toMatchObject({ quota: namespace, limits: { workflows: 3, tasks: 100 } });
  await webhooks.stop();
});

test('where no quota holds nothing is kept', async () => {
  const { client, namespace } = lab;
  await client.delete(Quotas, { name: namespace });
  const webhooks = await lab.start();
  await until(
    () => submit('more').then(() => 'stored', refusal),
    (text) => text === 'stored',
  );
  const user = { name: quotaUsageName('User', 'kubernetes-admin') };
  const found = await client.get(QuotaUsages, user).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  expect(found).toBeUndefined();
  await webhooks.stop();
});
