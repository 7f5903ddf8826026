import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { type KubeClient, Lease, Pod, Secret, Service, type Permission } from '@osmo/kube';
import { connectToTestCluster, newNamespace, testKubeconfig, until } from '@osmo/kube/testing';
import { parse, stringify } from 'yaml';
import { Backends, Tasks } from './kinds.ts';
import { clusterPermissions, hubPermissions } from './permissions.ts';
import { connect, Kubelet, removeNamespace } from './testing/real-cluster.ts';
import { type Operator, startOperator } from './testing/start-operator.ts';
import { submitTask } from './testing/submit-task.ts';
import { newGroup, newTask } from './testing/tasks.ts';

/** The operator with exactly the rights of the two lists, on the hub and on the cluster, as two different users. */
describe('the rights suffice', () => {
  let admin: KubeClient;
  let hub: KubeClient;
  let cluster: KubeClient;
  let namespace: string;
  let folder: string;
  let kubelet: Kubelet;
  let operator: Operator;
  const rbac: string[] = [];

  beforeAll(async () => {
    admin = await connect();
    namespace = await newNamespace(admin, 'rights');
    folder = await mkdtemp(join(tmpdir(), 'rights-'));
    hub = await limited('hub', hubPermissions);
    cluster = await limited('cluster', clusterPermissions);
    kubelet = new Kubelet(admin, namespace, `node-${namespace}`);
    await kubelet.join();
    operator = startOperator({ client: hub, cluster, backend: namespace, namespace, options: { leaderElect: true } });
  });

  afterAll(async () => {
    await operator.stop();
    await kubelet.leave();
    await Promise.all(rbac.map((path) => admin.request('DELETE', path)));
    await removeNamespace(admin, namespace);
    await admin.delete(Backends, { name: namespace }).catch(() => undefined);
    await Promise.all([admin, hub, cluster].map((client) => client.close()));
    await rm(folder, { recursive: true });
  });

  /** A client that acts as a user who may do what the list says and nothing else. */
  async function limited(where: string, permissions: readonly Permission[]): Promise<KubeClient> {
    const user = `${namespace}-${where}`;
    await grant(
      user,
      permissions.filter(({ namespaced }) => namespaced !== true),
      '',
    );
    await grant(
      user,
      permissions.filter(({ namespaced }) => namespaced === true),
      `/namespaces/${namespace}`,
    );
    const config = parse(await readFile(testKubeconfig(), 'utf8')) as {
      users: { user: object }[];
    };
    const kubeconfig = join(folder, user);
    await writeFile(
      kubeconfig,
      stringify({ ...config, users: config.users.map((entry) => ({ ...entry, user: { ...entry.user, as: user } })) }),
    );
    return connectToTestCluster(kubeconfig);
  }

  async function grant(user: string, permissions: readonly Permission[], scope: string): Promise<void> {
    const [role, binding] = scope === '' ? ['ClusterRole', 'ClusterRoleBinding'] : ['Role', 'RoleBinding'];
    const path = `/apis/rbac.authorization.k8s.io/v1${scope}`;
    const metadata = { name: user };
    const rules = permissions.map(({ apiGroups, resources, verbs, resourceNames }) => ({
      apiGroups,
      resources,
      verbs,
      ...(resourceNames === undefined ? {} : { resourceNames }),
    }));
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: role, name: user };
    await admin.request('POST', `${path}/${role.toLowerCase()}s`, {
      body: { apiVersion, kind: role, metadata, rules },
    });
    await admin.request('POST', `${path}/${binding.toLowerCase()}s`, {
      body: { apiVersion, kind: binding, metadata, subjects, roleRef },
    });
    rbac.push(`${path}/${binding.toLowerCase()}s/${user}`, `${path}/${role.toLowerCase()}s/${user}`);
  }

  const submit = (task: Task) => submitTask(admin, namespace, task);

  const pods = async () => (await admin.list(Pod, { namespace })).items;
  const tasks = async () => (await admin.list(Tasks, { namespace })).items;

  test('to run a group with files, to tell its failure, and to leave nothing behind', async () => {
    const files = [{ path: '/run.sh', contents: 'echo', base64: false }];
    for (const task of [newTask({ name: 'alone', spec: { files } }), ...newGroup(2)]) await submit(task);
    const all = await until(pods, (now) => now.length === 3);
    await until(
      async () => (await admin.list(Secret, { namespace })).items,
      (found) => found.length === 1,
    );
    for (const pod of all) await kubelet.run(pod);
    for (const pod of all) await kubelet.end(pod, pod.metadata.labels?.['osmo.task_name'] === 'alone' ? 2 : 0);
    await until(tasks, (now) => now.every(({ status }) => status?.phase === 'Completed' || status?.phase === 'Failed'));
    await until(
      async () =>
        JSON.parse(
          (await admin.request('GET', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`)).body.toString(),
        ) as { items: { reason: string; regarding?: { kind: string } }[] },
      ({ items }) => items.some(({ reason, regarding }) => reason === 'Failed' && regarding?.kind === 'Task'),
    );
    for (const { metadata } of await tasks()) await admin.delete(Tasks, { namespace, name: metadata.name });
    const left = await until(pods, (now) => now.every(({ metadata }) => metadata.finalizers === undefined));
    for (const pod of left) await kubelet.remove(pod).catch(() => undefined);
    await until(
      async () => (await admin.list(Service, { namespace })).items,
      (found) => found.length === 0,
    );
  });

  test('to register, to report the inventory, to beat, to be elected', async () => {
    await until(
      () => admin.get(Backends, { name: namespace }),
      ({ status }) => (status?.nodes?.total ?? 0) > 0,
    );
    const leases = async () => (await admin.list(Lease, { namespace })).items.map(({ metadata }) => metadata.name);
    const expected = [`osmo-backend-${namespace}`, `osmo-operator-${namespace}`];
    expect((await until(leases, ({ length }) => length === 2)).toSorted()).toEqual(expected);
  });

  test('and no more than that', async () => {
    await expect(cluster.list(Secret, { namespace })).rejects.toMatchObject({ status: 403 });
    await expect(hub.list(Pod, { namespace })).rejects.toMatchObject({ status: 403 });
    await expect(hub.delete(Tasks, { namespace, name: 'x' })).rejects.toMatchObject({ status: 403 });
  });
});
