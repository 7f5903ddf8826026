import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Labels } from '@osmo/crds';
import { type KubeClient, KubeError, Namespace, Secret, type Permission } from '@osmo/kube';
import { connectToTestCluster, testKubeconfig, until } from '@osmo/kube/testing';
import { parse, stringify } from 'yaml';
import { certificatePermissions, permissions } from './permissions.ts';
import { type Lab, openLab } from './testing/lab.ts';

let lab: Lab;
let limited: KubeClient;
let folder: string;
const rbac: string[] = [];
const root = '/apis/rbac.authorization.k8s.io/v1';

beforeAll(async () => {
  lab = await openLab('webhook-rights');
  const all = [...permissions, ...certificatePermissions];
  await grant(
    'ClusterRole',
    all.filter(({ namespaced }) => namespaced !== true),
  );
  await grant(
    'Role',
    all.filter(({ namespaced }) => namespaced === true),
  );
  folder = await mkdtemp(join(tmpdir(), 'rights-'));
  limited = await actAs(lab.namespace);
});
afterAll(async () => {
  await Promise.allSettled(rbac.map((path) => lab.client.request('DELETE', path)));
  await lab.clear();
  await limited.close();
  await rm(folder, { recursive: true });
});

/** A client of a user who may do what was granted to that name and nothing else. */
async function actAs(user: string): Promise<KubeClient> {
  const config = parse(await readFile(testKubeconfig(), 'utf8')) as { users: { user: object }[] };
  const users = config.users.map((entry) => ({ ...entry, user: { ...entry.user, as: user } }));
  const kubeconfig = join(folder, user);
  await writeFile(kubeconfig, stringify({ ...config, users }));
  return connectToTestCluster(kubeconfig);
}

/** Grants what the chart does, under the names that objects have here. */
async function grant(kind: 'ClusterRole' | 'Role', granted: readonly Permission[]): Promise<void> {
  const { namespace: name, client, names } = lab;
  const path = `${root}${kind === 'Role' ? `/namespaces/${name}` : ''}/${kind.toLowerCase()}`;
  const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name } };
  const rules = granted.map(({ apiGroups, resources, verbs, resourceNames }) => ({
    ...{ apiGroups, resources, verbs },
    ...(resourceNames && { resourceNames: resourceNames.map((one) => names[one] ?? one) }),
  }));
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name };
  await client.request('POST', `${path}s`, { body: { ...head, kind, rules } });
  await client.request('POST', `${path}bindings`, { body: { ...head, kind: `${kind}Binding`, subjects, roleRef } });
  rbac.push(`${path}bindings/${name}`, `${path}s/${name}`);
}

const outcome = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'taken',
    (error: unknown) => (error instanceof KubeError ? error.message : String(error)),
  );

test('the rights suffice: to make certificates, to be trusted, to refuse, and to know the pool of a namespace', async () => {
  const { client, namespace } = lab;
  const webhooks = await lab.start({ client: limited });
  const task = { name: 'a', image: 'b', command: ['c'] };
  const ghost = { tasks: [{ ...task, inputs: [{ task: { name: 'ghost' } }] }] };
  await until(
    () => outcome(lab.submit('w', ghost, { dryRun: true })),
    (text) => text.includes('ghost'),
  );
  const body = { metadata: { labels: { [Labels.defaultPool]: 'gpu' } } };
  await client.patch(Namespace, { name: namespace }, { kind: 'merge', body });
  await until(
    () => lab.submit('w', { tasks: [task] }, { dryRun: true }),
    ({ spec }) => spec.pool === 'gpu',
  );
  const inputs = [{ dataset: { name: 'robots/scenes' } }];
  expect(await outcome(lab.submit('w', { tasks: [{ ...task, inputs }] }, { dryRun: true }))).toContain(
    'the namespace has no bucket "robots"',
  );
  // Credentials can't be known, so nothing is said of them.
  const credentials = [{ name: 'hub', env: [{ name: 'A', key: 'b' }] }];
  expect(await outcome(lab.submit('w', { tasks: [{ ...task, credentials }] }, { dryRun: true }))).toBe('taken');
  expect(webhooks.logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  await webhooks.stop();
});

test('where they may list Secrets, credentials that do not exist are named', async () => {
  const { client, namespace } = lab;
  const labels = { [Labels.credentialType]: 'generic' };
  await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hub', namespace, labels } });
  await client.request('PATCH', `${root}/namespaces/${namespace}/roles/${namespace}`, {
    contentType: 'application/json-patch+json',
    body: [{ op: 'add', path: '/rules/-', value: { apiGroups: [''], resources: ['secrets'], verbs: ['list'] } }],
  });
  const webhooks = await lab.start({ client: limited });
  const named = (name: string) => ({
    tasks: [{ name: 'a', image: 'b', command: ['c'], credentials: [{ name, env: [{ name: 'A', key: 'b' }] }] }],
  });
  await until(
    () => outcome(lab.submit('w', named('hug'), { dryRun: true })),
    (text) => text.includes('spec.tasks[0].credentials[0].name: "hug"'),
  );
  expect(await outcome(lab.submit('w', named('hub'), { dryRun: true }))).toBe('taken');
  await webhooks.stop();
});
