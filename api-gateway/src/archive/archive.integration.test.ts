import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Annotations, type Workflow } from '@osmo/crds';
import { type KubeClient, Namespace } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { openStore, type ObjectStore } from '@osmo/storage';
import { Pools, Workflows } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { taskOf } from '../testing/objects.ts';
import { archiveWorkflow } from '../testing/records.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
let folder: string;
let store: ObjectStore;
const undo: (() => Promise<unknown>)[] = [];
const user = (name: string): string => `${name}-${namespace}`;

const get = async (
  path: string,
  as = 'ada',
): Promise<{ status: number; text: string; body: Record<string, unknown> }> => {
  const response = await gateway.send(path, { as: user(as) });
  const text = await response.text();
  return {
    status: response.status,
    text,
    body: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
};
const names = async (query = '', as = 'ada'): Promise<string[]> => {
  const { body } = await get(`/api/workflow?${query}`, as);
  return (body['workflows'] as { name: string }[]).map(({ name }) => name);
};

async function make(name: string, spec: object = {}): Promise<Workflow> {
  return admin.create(Workflows, {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Workflow',
    metadata: { name, namespace, annotations: { [Annotations.submittedBy]: user('ada') } },
    spec: { pool: namespace, tasks: [{ name: 'first', image: 'busybox', command: ['true'] }], ...spec },
  } as unknown as Workflow);
}

/** Ends a workflow, records it and deletes it, as the controllers do. */
async function finish(name: string, second: number): Promise<Workflow> {
  const completionTime = `2026-01-01T00:00:0${second}Z`;
  const condition = {
    type: 'Succeeded',
    status: 'True',
    reason: 'Completed',
    message: '',
    lastTransitionTime: completionTime,
  };
  const status = { phase: 'Completed', startTime: '2026-01-01T00:00:00Z', completionTime, conditions: [condition] };
  const ref = { name, namespace };
  const workflow = await admin.patch(Workflows, ref, { kind: 'merge', body: { status } }, { subresource: 'status' });
  const task = taskOf(workflow, 'first', { phase: 'Completed', nodeName: 'node-7', startTime: '2026-01-01T00:00:00Z' });
  await archiveWorkflow(store, workflow, [task]);
  return workflow;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-archive-'));
  store = await openStore(`file://${folder}`);
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'archive');
  undo.push(() => admin.delete(Namespace, { name: namespace }));
  const rule = (resources: string[], verbs: string[]) => ({ apiGroups: ['osmo.dev'], resources, verbs });
  const rules = [rule(['workflows', 'tasks'], ['get', 'list', 'create']), rule(['workflows/log'], ['get'])];
  const ada = { kind: 'User', name: user('ada') } as const;
  undo.push(await grant(admin, user('ada'), ada, rules, namespace));
  undo.push(await grant(admin, user('ada'), ada, [rule(['pools'], ['list'])]));
  const pool = {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Pool',
    metadata: { name: namespace },
    spec: { backend: namespace },
  };
  await admin.create(Pools, pool as never);
  undo.push(() => admin.delete(Pools, { name: namespace }));
  gateway = await startGateway([
    `--default-namespace=${namespace}`,
    '--requests-per-second=1000',
    `--store-url=file://${folder}`,
  ]);
  await until(
    () => get('/api/pool'),
    ({ text }) => text.includes(namespace),
  );
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
  await store.close();
  await rm(folder, { recursive: true });
});

test('workflows that have left the cluster are there as before, for those who may read them', async () => {
  await make('stays-1');
  await make('old-1', { labels: { team: 'arms' } });
  await make('old-2');
  await until(names, (found) => found.length === 3);
  for (const [index, name] of ['old-1', 'old-2'].entries()) {
    // oxlint-disable-next-line no-await-in-loop
    await finish(name, index + 1);
    // oxlint-disable-next-line no-await-in-loop
    await admin.delete(Workflows, { name, namespace });
  }
  // The live one is first, then the latest end.
  await until(names, (found) => found.join() === 'stays-1,old-2,old-1');
  expect(await names('limit=1&offset=1')).toEqual(['old-2']);
  expect((await get('/api/workflow?limit=2')).body['more_entries']).toBe(true);
  expect(await names('statuses=COMPLETED&label=team%3Da*')).toEqual(['old-1']);
  expect(await names('users=nobody')).toEqual([]);
  expect(await names('order=ASC')).toEqual(['stays-1']);
  expect(await names('all_users=True', 'mallory')).toEqual([]);

  const read = await get('/api/workflow/old-1');
  expect(read).toMatchObject({
    status: 200,
    body: { name: 'old-1', status: 'COMPLETED', groups: [{ tasks: [{ name: 'first', node_name: 'node-7' }] }] },
  });
  expect((await get('/api/workflow/old-1', 'mallory')).status).toBe(403);
  expect((await get('/api/workflow/old-3')).status).toBe(404);
  expect((await get('/api/workflow/old-1/spec')).text).toMatch(/^workflow:\n {2}name: old\n/);
  expect((await get('/api/workflow/old-1/spec', 'mallory')).status).toBe(403);
  expect(await get('/api/workflow/old-1/logs')).toMatchObject({ status: 200 });
  expect((await get('/api/workflow/old-1/events')).status).toBe(200);

  // Once more, and under a number that nobody had.
  const again = await gateway.send(`/api/pool/${namespace}/workflow?workflow_id=old-1`, {
    method: 'POST',
    as: user('ada'),
  });
  expect([again.status, await again.json()]).toMatchObject([200, { name: 'old-3' }]);
});
