import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { until } from '@osmo/kube/testing';
import { type Hub, newNamespace, startHub } from './hub.ts';
import { Tasks, Workflows } from './kinds.ts';
import { submit, task } from './workloads.ts';

/** One node with four CPUs, whose pods run until they are deleted, and the scheduler of a real cluster. */
const node = { nodes: 1, runMs: 86_400_000, capacity: { cpu: '4', memory: '64Gi', pods: '100' } };
const cleanup = new AsyncDisposableStack();
let hub: Hub;

beforeAll(async () => {
  const root = join(import.meta.dirname, '../..');
  const { signal } = new AbortController();
  hub = await startHub({ root, up: false, say: () => undefined, signal, cleanup }, { kwok: node });
}, 900_000);
afterAll(() => cleanup.disposeAsync(), 120_000);

test('a preempted lead goes back to the queue with its group, and they start together when there is room again', async () => {
  const namespace = await newNamespace(hub.client, 'preemption');
  const statuses = async (workflow: string) => {
    const { items } = await hub.client.list<Task>(Tasks, { namespace });
    const own = items.filter(({ spec }) => spec.workflow.name === workflow);
    return Object.fromEntries(own.map(({ spec, status }) => [spec.taskName, status]));
  };
  const running = (workflow: string, attempts: object) =>
    until(
      () => statuses(workflow),
      (all) =>
        Object.entries(attempts).every(
          ([name, attempt]) => all[name]?.phase === 'Running' && all[name].attempt === attempt,
        ),
    );

  await submit(
    hub.client,
    { namespace, name: 'modest' },
    {
      priority: 'Low',
      resources: [
        { name: 'default', cpu: 1 },
        { name: 'large', cpu: 2 },
      ],
      groups: [{ name: 'g', tasks: [task('head', { lead: true, resource: 'large' }), task('peer')] }],
    },
  );
  await running('modest', { head: 0, peer: 0 });

  // There is room for it only where the lead is.
  const urgent = { namespace, name: 'urgent' };
  await submit(hub.client, urgent, {
    priority: 'High',
    resources: [{ name: 'default', cpu: 3 }],
    tasks: [task('now')],
  });
  await running('urgent', { now: 0 });
  const { head, peer } = await until(
    () => statuses('modest'),
    (all) => all['head']?.attempt === 1 && all['peer']?.attempt === 1,
  );
  expect(head).toMatchObject({
    phase: 'Scheduling',
    attempts: [{ attempt: 0, cause: 'Infrastructure', phase: 'Failed', reason: 'Preempted', exitCode: 3006 }],
    retries: { infrastructure: 1, user: 0 },
  });
  expect(peer).toMatchObject({ attempts: [{ attempt: 0, cause: 'Peer' }] });

  await hub.client.delete(Workflows, urgent, { propagationPolicy: 'Background' });
  await running('modest', { head: 1, peer: 1 });
}, 600_000);
