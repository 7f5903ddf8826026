import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Api, quotaUsageName } from '@osmo/crds';
import { isNotFound } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Quotas, QuotaUsages, Workflows } from '../kinds.ts';
import { openStage, type Stage } from '../testing/hub.ts';
import { template } from '../testing/objects.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage('quota-count', () => 'hang');
});
afterAll(async () => {
  if (stage === undefined) return;
  await stage.client.delete(Quotas, { name: stage.lab.namespace }).catch(() => undefined);
  await stage.close();
});

test('what a namespace has is counted from its first use to the end of its quota', async () => {
  const { client, lab } = stage;
  const { namespace } = lab;
  const usage = { name: quotaUsageName('Namespace', namespace) };
  const statusOf = async () => (await client.get(QuotaUsages, usage)).status;
  const counted = (workflows: number, tasks: number, reservations: number) =>
    until(
      statusOf,
      (status) =>
        status?.workflows === workflows && status.tasks === tasks && status.reservations?.length === reservations,
    );
  await client.create(Quotas, {
    ...{ apiVersion: Api.apiVersion, kind: 'Quota', metadata: { name: namespace } },
    spec: { subjects: [{ kind: 'Namespace', name: namespace }], limits: { workflows: 5 } },
  });
  const old = await lab.submit('old', { tasks: [template('a', { count: 3 })] });
  // The webhooks make it when somebody submits.
  await client.create(QuotaUsages, {
    ...{ apiVersion: Api.apiVersion, kind: 'QuotaUsage', metadata: usage },
    spec: { kind: 'Namespace', name: namespace },
  });
  const first = await counted(1, 3, 0);
  expect(first).toMatchObject({ countTime: expect.any(String), oldest: [{ namespace, name: 'old' }] });

  // What was let through is reserved until it is seen.
  const next = await lab.submit('next', { tasks: [template('a')] });
  const uid = next.metadata.uid ?? '';
  await until(
    async () => {
      const current = await client.get(QuotaUsages, usage);
      const reservations = [{ uid, workflow: `${namespace}/next`, tasks: 1, time: new Date().toISOString() }];
      const status = { ...current.status, quota: namespace, reservations };
      await client.replace(QuotaUsages, { ...current, status }, { subresource: 'status' });
      return true;
    },
    (isWritten) => isWritten,
  );
  // What the webhooks wrote beside it stays.
  expect(await counted(2, 4, 0)).toMatchObject({ quota: namespace });

  const cancel = { kind: 'merge' as const, body: { spec: { cancel: { by: 'ada' } } } };
  await client.patch(Workflows, { namespace, name: old.metadata.name }, cancel);
  await counted(1, 1, 0);

  await client.delete(Quotas, { name: namespace });
  await until(
    () =>
      statusOf().then(
        () => 'there',
        (error: unknown) => (isNotFound(error) ? 'gone' : String(error)),
      ),
    (state) => state === 'gone',
  );
});
