import { beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowSpecInput } from '@osmo/crds';
import { KubeError, resourceType } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { connectToCluster } from './harness/connect.ts';
import { endOf, type Lab, newLab, podsOf, shell, submit, Workflows, workflowWhen } from './harness/lab.ts';

const Pools = resourceType({
  group: 'osmo.dev',
  version: 'v1alpha1',
  kind: 'Pool',
  plural: 'pools',
  namespaced: false,
});
const after = (...names: string[]): object => ({ inputs: names.map((name) => ({ task: { name } })) });

let lab: Lab;
beforeAll(async () => {
  lab = await newLab(await connectToCluster(), 'e2e-bad-input');
}, 600_000);

/** How the server refuses a spec. What the schema can't judge it asks the webhooks about, which may just be starting. */
async function refusalOf(spec: object): Promise<KubeError> {
  const object = {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'refused', namespace: lab.namespace },
    spec,
  };
  const refused = async (): Promise<unknown> => {
    try {
      await lab.client.create(Workflows, object as never, { dryRun: true });
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const error = await until(refused, (found) => found instanceof KubeError && found.status === 422, 300_000);
  return error as KubeError;
}

describe('a workflow that contradicts itself is refused, and says where', () => {
  test.each<[string, WorkflowSpecInput, RegExp]>([
    [
      'a cycle',
      { tasks: [shell('a', 'true', after('c')), shell('b', 'true', after('a')), shell('c', 'true', after('b'))] },
      /a.*b.*c|cycle/i,
    ],
    ['an input of an unknown task', { tasks: [shell('a', 'true', after('ghost'))] }, /ghost/],
    ['two tasks of one name', { tasks: [shell('a', 'true'), shell('a', 'false')] }, /tasks\[1\].*a/],
    ['names that clash once normalised', { tasks: [shell('a-b', 'true'), shell('a_b', 'true')] }, /a[-_]b/],
    ['an unknown resource', { tasks: [shell('a', 'true', { resource: 'huge' })] }, /huge/],
    [
      'two leads that are not of the same group',
      {
        groups: [
          { name: 'g', tasks: [shell('a', 'true')] },
          { name: 'g', tasks: [shell('b', 'true')] },
        ],
      },
      /groups\[1\].*g/,
    ],
  ])('%s', async (_, spec, message) => expect((await refusalOf(spec)).message).toMatch(message), 400_000);
});

describe('what the schema can judge is refused at once', () => {
  test.each<[string, object, RegExp]>([
    ['a task without an image', { tasks: [{ name: 'a', command: ['true'] }] }, /spec\.tasks\[0\]\.image/],
    [
      'a negative quantity',
      { resources: [{ name: 'default', memory: '-1Gi' }], tasks: [shell('a', 'true')] },
      /memory/,
    ],
    ['an absurd quantity', { resources: [{ name: 'default', cpu: '900M' }], tasks: [shell('a', 'true')] }, /cpu/],
    ['a negative number of GPUs', { resources: [{ name: 'default', gpu: -1 }], tasks: [shell('a', 'true')] }, /gpu/],
    ['neither tasks nor groups', {}, /tasks|groups/],
    [
      'two leads',
      { groups: [{ name: 'g', tasks: [shell('a', 'true', { lead: true }), shell('b', 'true', { lead: true })] }] },
      /lead/,
    ],
    ['a priority that there is not', { priority: 'Urgent', tasks: [shell('a', 'true')] }, /priority.*High/s],
  ])('%s', async (_, spec, message) => {
    expect((await refusalOf(spec)).message).toMatch(message);
  });
  test('an unknown field, where the client asks for strictness as kubectl does', async () => {
    const spec = { tasks: [shell('a', 'true')], retries: 3 };
    const object = {
      apiVersion: 'osmo.dev/v1alpha1',
      kind: 'Workflow',
      metadata: { name: 'x', namespace: lab.namespace },
      spec,
    };
    const create = lab.client.create(Workflows, object as never, { fieldValidation: 'Strict' });
    await expect(create).rejects.toThrow(/retries/);
  });
});

describe('what is missing can be made later', () => {
  test('a workflow waits for its pool, says so, and then runs', async () => {
    const pool = 'e2e-late-pool';
    await lab.client.delete(Pools, { name: pool }).catch(() => undefined);
    await submit(lab, 'waits-for-pool', { pool, tasks: [shell('a', 'echo ran')] });
    const admitted =
      (reason: string) => (workflow: { status?: { conditions?: { type: string; reason?: string }[] } }) =>
        workflow.status?.conditions?.some((item) => item.type === 'Admitted' && item.reason === reason) ?? false;
    const waiting = await workflowWhen(lab, 'waits-for-pool', 'not admitted', admitted('PoolNotFound'));
    expect(waiting.status!.phase).toBe('Pending');
    expect(JSON.stringify(waiting.status!.conditions)).toContain(pool);
    const existing = await lab.client.get(Pools, { name: 'default' });
    const spec = (existing as unknown as { spec: object }).spec;
    const { apiVersion, kind } = existing;
    await lab.client.create(Pools, { apiVersion, kind, metadata: { name: pool }, spec } as never);
    const { workflow } = await endOf(lab, 'waits-for-pool');
    expect(workflow.status!.phase).toBe('Completed');
    await lab.client.delete(Pools, { name: pool });
  });
});

describe('a heavy or poisoned object does not slow the others', () => {
  test('a spec of 1.4 MiB runs, or is refused in words', async () => {
    const line = `: ${'x'.repeat(30_000)}`;
    const tasks = Array.from({ length: 46 }, (_, index) =>
      shell(`t${index}`, line, index > 0 ? after(`t${index - 1}`) : {}),
    );
    expect(JSON.stringify(tasks).length).toBeGreaterThan(1.3 * 1024 * 1024);
    const outcome = await submit(lab, 'heavy', { tasks }).then(
      () => 'accepted',
      (error: unknown) => (error as KubeError).message,
    );
    if (outcome !== 'accepted') {
      expect(outcome).toMatch(/too large|limit|bytes|characters|Too long/i);
      return;
    }
    await workflowWhen(lab, 'heavy', 'started or failed', (workflow) => workflow.status?.phase !== undefined);
    await lab.client.delete(Workflows, { name: 'heavy', namespace: lab.namespace });
  });

  test('while fifty broken workflows come in, an ordinary one completes', async () => {
    const broken = Array.from({ length: 50 }, (_, index) =>
      submit(lab, `poison-${index}`, { tasks: [shell('a', 'true', after('b')), shell('b', 'true', after('a'))] }),
    );
    const outcomes = await Promise.allSettled(broken);
    await submit(lab, 'ordinary', { tasks: [shell('a', 'true')] });
    const { workflow } = await endOf(lab, 'ordinary');
    expect(workflow.status!.phase).toBe('Completed');
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ status: 422 });
        continue;
      }
      // Stored since no webhook answered in time: the controllers judge it then.
      const { workflow: failed } = await endOf(lab, `poison-${index}`);
      expect(failed.status).toMatchObject({ phase: 'Failed', reason: 'InvalidSpec' });
    }
    expect(
      (await podsOf(lab)).filter((pod) => pod.metadata.labels?.['osmo.workflow_id']?.startsWith('poison')),
    ).toEqual([]);
  });
});
