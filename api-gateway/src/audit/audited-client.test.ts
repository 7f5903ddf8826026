import { expect, test } from '@jest/globals';
import { type EventInput, type KubeClient, KubeError, type KubeObject } from '@osmo/kube';
import { recordingLogger } from '@osmo/kube/testing';
import type { Identity } from '../identity/identity.ts';
import { Secret } from '@osmo/kube';
import { Pools, Workflows } from '../kinds.ts';
import { auditedClient } from './audited-client.ts';
import { impersonationOf } from './extras.ts';

const ci: Identity = {
  user: 'ada',
  groups: ['lab'],
  method: 'access-token',
  accessToken: { name: 'ci' },
  request: { id: 'r-1', source: '192.0.2.7' },
};
const ref = { namespace: 'robots', name: 'w' };
const workflow = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: ref } as KubeObject as never;

function setUp(caller = ci) {
  const events: EventInput[] = [];
  const logger = recordingLogger();
  let failure: Error | undefined;
  const done = async (): Promise<unknown> => {
    if (failure !== undefined) throw failure;
    return { ...(workflow as object), metadata: { ...ref, uid: 'u-1' }, spec: { secret: 'hunter2' } };
  };
  const fake = { get: done, list: done, create: done, replace: done, apply: done, patch: done, delete: done };
  const client = auditedClient({ ...fake, deleteCollection: done } as unknown as KubeClient, caller, {
    logger,
    events: { record: (event) => void events.push(event) },
  });
  return { client, events, logger, fail: (error: Error) => (failure = error) };
}

test('a change is told in the log and on the object, with who made it, how, and from where', async () => {
  const { client, events, logger } = setUp();
  await client.create(Workflows, workflow);
  const what = { resource: 'workflows.osmo.dev', namespace: 'robots', name: 'w' };
  const who = { requestId: 'r-1', source: '192.0.2.7', user: 'ada', method: 'access-token', tokenName: 'ci' };
  expect(logger.lines).toEqual([{ level: 'info', message: 'change', fields: { ...who, verb: 'create', ...what } }]);
  expect(events).toEqual([
    expect.objectContaining({
      type: 'Normal',
      reason: 'CreatedBy',
      note: 'ada through the gateway (access-token, access token "ci")',
      regarding: { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', ...ref, uid: 'u-1' },
    }),
  ]);
  expect(JSON.stringify([logger.lines, events])).not.toContain('hunter2');
});

test('so is each other change, and no reading', async () => {
  const { client, events, logger } = setUp();
  await client.get(Workflows, ref);
  await client.list(Workflows);
  expect(logger.lines).toEqual([]);
  await client.replace(Workflows, workflow);
  await client.apply(Workflows, workflow, { fieldManager: 'm' });
  await client.patch(Workflows, ref, { kind: 'merge', body: {} });
  await client.delete(Pools, { name: 'w' });
  expect(events.map(({ reason }) => reason)).toEqual(['ChangedBy', 'ChangedBy', 'ChangedBy', 'DeletedBy']);
  await client.deleteCollection(Workflows, { namespace: 'robots' });
  expect(logger.lines).toHaveLength(5);
  expect(events).toHaveLength(4);
});

test('a refusal is told in the log alone, and what is only tried out nowhere', async () => {
  const { client, events, logger, fail } = setUp();
  await client.create(Workflows, workflow, { dryRun: true });
  await client.patch(Workflows, ref, { kind: 'merge', body: {} }, { dryRun: true });
  expect(logger.lines).toEqual([]);
  fail(new KubeError({ status: 403, reason: 'Forbidden', message: 'no: hunter2' }));
  await expect(client.create(Workflows, workflow)).rejects.toThrow('no');
  expect(logger.lines).toEqual([
    expect.objectContaining({
      message: 'change refused',
      fields: expect.objectContaining({ status: 403, user: 'ada' }),
    }),
  ]);
  expect(JSON.stringify(logger.lines)).not.toContain('hunter2');
  expect(events).toEqual([]);
});

test('on what is not of ours no Event is made', async () => {
  const { client, events, logger } = setUp();
  await client.create(Secret, workflow);
  expect(logger.lines).toEqual([expect.objectContaining({ fields: expect.objectContaining({ resource: 'secrets' }) })]);
  expect(events).toEqual([]);
});

test('the apiserver is told for its audit log what is known, and of nobody’s token', () => {
  expect(impersonationOf(ci)).toEqual({
    user: 'ada',
    groups: ['lab'],
    extra: { 'osmo.dev/method': 'access-token', 'osmo.dev/token': 'ci', 'osmo.dev/source': '192.0.2.7' },
  });
  expect(impersonationOf({ user: 'bob', groups: [], method: 'dev' }).extra).toEqual({ 'osmo.dev/method': 'dev' });
});
