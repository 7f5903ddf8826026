import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import { Event, findCondition, type KubeClient, Lease, type Permission } from '@osmo/kube';
import { connectToTestCluster, testKubeconfig, until } from '@osmo/kube/testing';
import { parse, stringify } from 'yaml';
import { Backends, Buckets, Datasets, DatasetVersions, Platforms, Pools } from './kinds.ts';
import { permissions } from './permissions.ts';
import { wrote } from './testing/data.ts';
import { Hub, type Lab, openLab } from './testing/hub.ts';
import { PlayedBackend } from './testing/played-backend.ts';

let admin: KubeClient;
let limited: KubeClient;
let lab: Lab;
let hub: Hub;
let backend: PlayedBackend;
let folder: string;
const rbac: string[] = [];

beforeAll(async () => {
  lab = await openLab('rights');
  admin = lab.client;
  const { namespace } = lab;
  await lab.makePool(namespace, { platforms: [namespace], defaultPlatform: namespace });
  const spec = { privilegedAllowed: false, hostNetworkAllowed: false };
  await admin.create(Platforms, {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Platform',
    metadata: { name: namespace },
    spec,
  });
  await grant(
    namespace,
    permissions.filter(({ namespaced }) => namespaced !== true),
    '',
  );
  await grant(
    namespace,
    permissions.filter(({ namespaced }) => namespaced === true),
    `/namespaces/${namespace}`,
  );
  folder = await mkdtemp(join(tmpdir(), 'rights-'));
  limited = await actAs(namespace);
  hub = new Hub(limited, namespace, { leaderElect: true });
  hub.start();
  backend = new PlayedBackend(admin, namespace, () => ({
    ...{ phase: 'Failed', reason: 'Error', exitCode: 1 },
    data: wrote('half'),
  }));
});

afterAll(async () => {
  await backend.stop();
  await hub.stop();
  const { namespace: name } = lab;
  await Promise.allSettled([
    ...rbac.map((path) => admin.request('DELETE', path)),
    lab.clear(),
    admin.delete(Platforms, { name }),
  ]);
  await Promise.all([admin.close(), limited.close()]);
  await rm(folder, { recursive: true });
});

/** A client of a user who may do what was granted to that name and nothing else. */
async function actAs(user: string): Promise<KubeClient> {
  const config = parse(await readFile(testKubeconfig(), 'utf8')) as {
    users: { user: object }[];
  };
  const users = config.users.map((entry) => ({ ...entry, user: { ...entry.user, as: user } }));
  const kubeconfig = join(folder, user);
  await writeFile(kubeconfig, stringify({ ...config, users }));
  return connectToTestCluster(kubeconfig);
}

async function grant(user: string, granted: readonly Permission[], scope: string): Promise<void> {
  const kind = scope === '' ? 'ClusterRole' : 'Role';
  const path = `/apis/rbac.authorization.k8s.io/v1${scope}/${kind.toLowerCase()}`;
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: user };
  const rules = granted.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs }));
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: user };
  await admin.request('POST', `${path}s`, { body: { apiVersion, kind, metadata, rules } });
  await admin.request('POST', `${path}bindings`, {
    body: { apiVersion, kind: `${kind}Binding`, metadata, subjects, roleRef },
  });
  rbac.push(`${path}bindings/${user}`, `${path}s/${user}`);
}

test('the rights suffice: to make a dataset of what a task wrote, to give it a tag, and to say what a bucket holds', async () => {
  const { namespace } = lab;
  await admin.create(Buckets, {
    ...{ apiVersion: 'osmo.dev/v1alpha1', kind: 'Bucket', metadata: { name: 'robots', namespace } },
    spec: { url: 's3://robots/data', mode: 'ReadWrite', default: true },
  });
  const outputs = [{ dataset: { name: 'scenes:golden' } }];
  await lab.submit('writing', { tasks: [{ name: 'a', image: 'busybox', command: ['true'], outputs }] });
  expect((await lab.ended('writing', 60_000)).status).toMatchObject({ phase: 'Failed', reason: 'Error' });
  const { spec } = await admin.get(DatasetVersions, { namespace, name: 'robots.scenes.1' });
  expect(spec.provenance?.outcome).toBe('Failed');
  await until(
    () => admin.get(Datasets, { namespace, name: 'robots.scenes' }),
    (dataset) => dataset.spec.tags?.[0]?.version === 1 && dataset.status?.versions === 1,
    60_000,
  );
  await until(
    () => admin.get(Buckets, { namespace, name: 'robots' }),
    ({ status }) => status?.versions === 1,
    60_000,
  );
});

test('the rights suffice: to lead, to run a workflow to its end, to say so, and to judge what administrators made', async () => {
  const { namespace } = lab;
  await lab.submit('limited', { tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] });
  expect((await lab.ended('limited')).status).toMatchObject({ phase: 'Failed', reason: 'Error' });
  const events = async () => (await admin.list(Event, { namespace })).items.map(({ reason }) => reason);
  await until(events, (reasons) => reasons.includes('Failed'));
  await until(
    () => admin.get(Lease, { namespace, name: 'osmo-controllers' }),
    ({ spec }) => (spec?.holderIdentity ?? '') !== '',
  );
  const judged = async () => [
    findCondition((await admin.get(Backends, { name: namespace })).status?.conditions, ConditionTypes.connected)
      ?.reason,
    findCondition((await admin.get(Pools, { name: namespace })).status?.conditions, ConditionTypes.ready)?.reason,
    findCondition((await admin.get(Platforms, { name: namespace })).status?.conditions, ConditionTypes.ready)?.reason,
  ];
  const expected = ['NeverConnected', 'BackendDisconnected', 'NoMatchingNode'];
  await until(judged, (found) => found.every((reason, index) => reason === expected[index]));
});
