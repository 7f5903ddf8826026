import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { type KubeClient, Pod, Service } from '@osmo/kube';
import { newNamespace, until } from '@osmo/kube/testing';
import { serviceNameOf } from './group/identity.ts';
import { Backends, Tasks } from './kinds.ts';
import { connect, removeNamespace, resourceQuota } from './testing/real-cluster.ts';
import { type Operator, startOperator } from './testing/start-operator.ts';
import { submitTask } from './testing/submit-task.ts';
import { newGroup, newTask } from './testing/tasks.ts';

/** Groups whose Service a real apiserver doesn't take. */
describe('the Service of a group', () => {
  let client: KubeClient;
  let namespace: string;
  let operator: Operator;

  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  beforeEach(async () => {
    namespace = await newNamespace(client, 'services');
    operator = startOperator({ client, backend: namespace, namespace });
  });

  afterEach(async () => {
    await operator.stop();
    await removeNamespace(client, namespace);
    await client.delete(Backends, { name: namespace }).catch(() => undefined);
  });

  const submit = (tasks: readonly Task[]): Promise<Task[]> =>
    Promise.all(tasks.map((task) => submitTask(client, namespace, task)));
  const tasks = async () => (await client.list(Tasks, { namespace })).items;
  const pods = async () => (await client.list(Pod, { namespace })).items;
  const reasons = (all: readonly Task[]) => all.map(({ status }) => status?.reason);

  test('is waited for: no task of it starts, each says why, and it starts as a whole once there is room', async () => {
    await resourceQuota(client, namespace, { 'count/services': '0' });
    await submit(newGroup(2));
    const waiting = await until(tasks, (all) => reasons(all).every((reason) => reason === 'PodNotAccepted'));
    for (const { status } of waiting) {
      expect(status).toMatchObject({
        phase: 'Scheduling',
        message: expect.stringMatching(
          /^Service .*, by which the tasks of the group find each other, is not accepted: .*exceeded quota/,
        ),
      });
    }
    // It goes on being tried, and a task alone needs none.
    await submit([newTask({ name: 'single', uid: 'single' })]);
    const alone = await until(pods, (all) => all.length > 0);
    expect(alone.map(({ metadata }) => metadata.labels?.['osmo.task_name'])).toEqual(['single']);
    await resourceQuota(client, namespace, { 'count/services': '5' });
    const all = await until(pods, (found) => found.length === 3);
    const [service] = (await client.list(Service, { namespace })).items;
    const born = (name: string) =>
      Number(all.find(({ metadata }) => metadata.labels?.['osmo.task_name'] === name)?.metadata.resourceVersion);
    // Their first versions may be over; the Service's isn't, nobody writes to it.
    expect(Number(service?.metadata.resourceVersion)).toBeLessThan(Math.min(born('lead'), born('peer-1')));
  });

  test('of whose name there is another is waited for, until that one is gone', async () => {
    const group = newGroup(2);
    const name = serviceNameOf(group[0] as Task);
    const other = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP: 'None' } };
    await client.create(Service, other);
    await submit(group);
    const waiting = await until(tasks, (all) => reasons(all).every((reason) => reason === 'PodNotAccepted'));
    expect(waiting[0]?.status?.message).toContain(`Service ${name}`);
    expect(await pods()).toEqual([]);
    await client.delete(Service, { namespace, name });
    await until(pods, (found) => found.length === 2);
  });

  test('that will never be taken ends the group, and no pod was there', async () => {
    const policy = `no-services-${namespace}`;
    await forbidServices(client, policy, namespace);
    try {
      await submit(newGroup(2));
      const ended = await until(tasks, (all) => all.every(({ status }) => status?.phase === 'Failed'));
      expect(reasons(ended)).toEqual(['CreateError', 'CreateError']);
      expect(ended[0]?.status).toMatchObject({
        exitCode: 999,
        message: expect.stringContaining('the apiserver refuses the service: '),
      });
      expect(await pods()).toEqual([]);
    } finally {
      await allowServices(client, policy);
    }
  });
});

const policies = '/apis/admissionregistration.k8s.io/v1';

/** Refuses all Services of a namespace as invalid, and waits until that holds. */
async function forbidServices(client: KubeClient, name: string, namespace: string): Promise<void> {
  const metadata = { name };
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['services'] }];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const bodies = {
    validatingadmissionpolicies: {
      kind: 'ValidatingAdmissionPolicy',
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules, namespaceSelector },
        validations: [{ expression: 'false', message: 'no Services here' }],
      },
    },
    validatingadmissionpolicybindings: {
      kind: 'ValidatingAdmissionPolicyBinding',
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  };
  for (const [plural, { kind, spec }] of Object.entries(bodies)) {
    const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata, spec };
    // The binding names the policy.
    // oxlint-disable-next-line no-await-in-loop
    await client.request('POST', `${policies}/${plural}`, { body });
  }
  const probe = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'probe', namespace },
    spec: { clusterIP: 'None' },
  };
  await until(
    () => client.create(Service, probe as Service, { dryRun: true }).then(() => 'taken', String),
    (answer) => answer.includes('no Services here'),
  );
}

async function allowServices(client: KubeClient, name: string): Promise<void> {
  for (const plural of ['validatingadmissionpolicybindings', 'validatingadmissionpolicies']) {
    // oxlint-disable-next-line no-await-in-loop
    await client.request('DELETE', `${policies}/${plural}/${name}`).catch(() => undefined);
  }
}
