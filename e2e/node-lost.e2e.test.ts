import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from '@osmo/crds';
import { Node, resourceType } from '@osmo/kube';
import { pauseComponent, resumeComponent } from '../hack/cluster/node/control.ts';
import { layoutOf } from '../hack/cluster/node/layout.ts';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster } from './harness/connect.ts';
import { endOf, type Lab, newLab, shell, submit, tasksOf, taskWhen } from './harness/lab.ts';
import { siteOf } from './harness/site.ts';

const Pools = resourceType<Pool>({
  group: 'osmo.dev',
  version: 'v1alpha1',
  kind: 'Pool',
  plural: 'pools',
  namespaced: false,
});
const root = join(import.meta.dirname, '..');
const pool = 'e2e-node-lost';
const patient = 400_000;

let lab: Lab;

beforeAll(async () => {
  lab = await newLab(await connectToCluster(), 'e2e-node-lost');
  const { spec } = await lab.client.get(Pools, { name: 'default' });
  // Kubernetes would wait five minutes for the node.
  const patience = ['not-ready', 'unreachable'].map((taint) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  }));
  const podTemplate = {
    spec: {
      tolerations: patience,
      terminationGracePeriodSeconds: 2,
      containers: [{ name: '{{USER_CONTAINER_NAME}}', imagePullPolicy: 'IfNotPresent' }],
    },
  };
  const object = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name: pool } };
  const options = { fieldManager: 'osmo-e2e', force: true };
  await lab.client.apply(Pools, { ...object, spec: { ...spec, podTemplate } }, options);
}, 600_000);

const layout = () => layoutOf(root, siteOf(process.env).clusterName ?? '');

afterEach(async () => {
  resumeComponent(layout(), 'kubelet');
  await nodesReady('True');
}, 600_000);

/** Waits until every node's condition Ready is so. */
const nodesReady = (...wanted: string[]) =>
  poll(
    `Ready of every node: ${wanted.join(' or ')}`,
    async () => {
      const { items } = await lab.client.list(Node);
      const ready = items.map(({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? '');
      if (ready.every((status) => wanted.includes(status))) return true;
      throw new Error(JSON.stringify(ready));
    },
    { timeoutMs: patient },
  );

test('a task whose node is lost is tried again, and runs when there is a node again', async () => {
  // In the first attempt it would run for ever: the pod's name ends with the attempt.
  const line = 'case $HOSTNAME in *-0) sleep 9000;; *) exit 0;; esac';
  await submit(lab, 'lost', { pool, tasks: [shell('t', line)] });
  await taskWhen(lab, 'lost', 't', ['Running'], patient);
  await pauseComponent(layout(), 'kubelet');
  await nodesReady('Unknown', 'False');
  const again = await poll(
    'the next attempt',
    async () => {
      const [task] = await tasksOf(lab, 'lost');
      if (task?.status?.attempt === 1) return task;
      throw new Error(JSON.stringify(task?.status));
    },
    { timeoutMs: patient },
  );
  expect(again.status).toMatchObject({
    attempts: [{ attempt: 0, cause: 'Infrastructure', phase: 'Failed', reason: 'BackendError', exitCode: 3001 }],
    retries: { infrastructure: 1, user: 0 },
  });
  resumeComponent(layout(), 'kubelet');
  const { workflow, tasks } = await endOf(lab, 'lost', patient);
  expect(tasks.get('t')?.status).toMatchObject({ phase: 'Completed', attempt: 1, exitCode: 0 });
  expect(workflow.status?.phase).toBe('Completed');
}, 1_800_000);
