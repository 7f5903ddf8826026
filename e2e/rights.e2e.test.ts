import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Annotations, Labels, type Workflow } from '@osmo/crds';
import { Event, type KubeClient, type KubeObject, Pod, resourceType, ServiceAccount } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { obtainAll } from '../hack/cluster/components/obtain.ts';
import { run } from '../hack/cluster/system/run.ts';
import { readAudit } from './harness/audit.ts';
import { auditLog, connectToCluster, kubeconfig, systemNamespace } from './harness/connect.ts';
import { clear, type Lab, newLab, Workflows } from './harness/lab.ts';
import { plantSecret } from './secrets/planted.ts';

/** For what will never happen: the suites before this one replace pods, and the machine may be busy. */
const limitMs = 300_000;
const root = join(import.meta.dirname, '..');
const group = 'rbac.authorization.k8s.io';
const rbac = (kind: string, namespaced: boolean) =>
  resourceType<KubeObject>({ group, version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced });
const Pools = resourceType<KubeObject>({
  group: 'osmo.dev',
  version: 'v1alpha1',
  kind: 'Pool',
  plural: 'pools',
  namespaced: false,
});
const [ClusterRoles, ClusterRoleBindings, RoleBindings] = [
  rbac('ClusterRole', false),
  rbac('ClusterRoleBinding', false),
  rbac('RoleBinding', true),
];

let client: KubeClient;
let lab: Lab;
let kubectl: string;
let url: string;
let token: string;
let pool: string;
let folder: string;
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-rights');
  pool = `${lab.namespace}-pool`;
  ({ kubectl = 'kubectl' } = await obtainAll(['kubectl'], () => undefined));
  const file = join(dirname(kubeconfig()), 'env.d/gateway');
  url = /^export OSMO_URL='(http:\/\/127\.0\.0\.1:\d+)'$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const { namespace } = lab;
  await client.create(ServiceAccount, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'rita', namespace },
  });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/rita/token`;
  const { body } = await client.request('POST', path, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } },
  });
  ({ token } = (JSON.parse(body.toString()) as { status: { token: string } }).status);
  plantSecret(token, 'the bearer token of rita in the suite rights');
  await client.create(RoleBindings, {
    ...{ apiVersion: `${group}/v1`, kind: 'RoleBinding', metadata: { name: 'rita', namespace } },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'osmo-user' },
    subjects: [{ kind: 'ServiceAccount', name: 'rita', namespace }],
  } as KubeObject);
  await client.create(Pools, {
    ...{ apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name: pool } },
    spec: { backend: 'default', platforms: ['default'], defaultPlatform: 'default' },
  } as KubeObject);
  undo.push(() => client.delete(Pools, { name: pool }));
  await run(process.execPath, [join(root, 'hack/cli/build.ts')], { timeoutMs: 2 * limitMs });
  folder = mkdtempSync(join(tmpdir(), 'osmo-rights-e2e-'));
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
  writeFileSync(join(folder, 'recipe.yaml'), recipe('cli'));
}, 2 * limitMs);
afterAll(async () => {
  await Promise.allSettled(undo.map((each) => each()));
  await clear(lab);
  await client.close();
  rmSync(folder, { recursive: true, force: true });
}, 2 * limitMs);

const recipe = (name: string): string =>
  `workflow:\n  name: ${name}\n  tasks:\n  - { name: a, image: busybox, command: ['true'] }\n`;

/** The three ways in, by the same person, to the same pool; each says what came of it. Dry runs are judged as the real thing is. */
const ways = {
  async kubectl(): Promise<string> {
    const spec = { pool, tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] };
    const manifest = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'tried' }, spec };
    const who = `system:serviceaccount:${lab.namespace}:rita`;
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${lab.namespace}`, 'system:authenticated'];
    const args = ['--kubeconfig', kubeconfig(), '--as', who, ...groups.map((each) => `--as-group=${each}`)];
    const all = [...args, '--namespace', lab.namespace, 'create', '--dry-run=server', '-f', '-'];
    const { code, stdout, stderr } = await run(kubectl, all, { input: JSON.stringify(manifest), allowFailure: true });
    return `${code === 0 ? 'taken' : 'refused'} ${stdout}${stderr}`;
  },
  async rest(): Promise<string> {
    const { status, text } = await submit('rest', 'validation_only=true&');
    return `${status === 200 ? 'taken' : 'refused'} ${status} ${text}`;
  },
  async cli(): Promise<string> {
    const login = await osmo('login', '--method', 'token', '--token-file', 'token');
    if (login.startsWith('refused')) return login;
    return osmo('workflow', 'validate', 'recipe.yaml', '--pool', pool, '--namespace', lab.namespace);
  },
};

/** Runs the osmo command with a configuration of its own. */
async function osmo(...args: string[]): Promise<string> {
  const environment = { PATH: process.env['PATH'], HOME: folder, OSMO_CONFIG_FILE_DIR: folder, OSMO_URL: url };
  const options = { environment, cwd: folder, allowFailure: true, timeoutMs: limitMs };
  const { code, stdout, stderr } = await run(join(root, 'dist/osmo'), args, options);
  return `${code === 0 ? 'taken' : 'refused'} ${stdout}${stderr}`;
}

/** What the pods of the gateway have logged, a line each. */
async function gatewayLog(): Promise<Record<string, unknown>[]> {
  const pods = ['--namespace', systemNamespace, '-l', 'app.kubernetes.io/component=api-gateway', '--tail=-1'];
  const { stdout } = await run(kubectl, ['--kubeconfig', kubeconfig(), 'logs', ...pods], { allowFailure: true });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Submits a recipe over REST with the person's own token. */
async function submit(name: string, query = '', to = pool): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/api/pool/${to}/workflow?${query}namespace=${lab.namespace}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ file: recipe(name) }),
  });
  return { status: response.status, text: await response.text() };
}

describe('a pool that somebody may not use', () => {
  test.each(['kubectl', 'rest', 'cli'] as const)(
    'is refused by %s, with what to do, and taken once they may',
    async (way) => {
      const refused = await until(ways[way], (text) => text.includes('may not use this pool'), limitMs);
      expect(refused).toMatch(/^refused /);
      expect(refused).toContain(pool);
      expect(refused).toContain('ask an administrator for a role with the verb use');
      const name = `${lab.namespace}-${way}`;
      const rules = [{ apiGroups: ['osmo.dev'], resources: ['pools'], resourceNames: [pool], verbs: ['use'] }];
      const head = { apiVersion: `${group}/v1`, metadata: { name } };
      await client.create(ClusterRoles, { ...head, kind: 'ClusterRole', rules } as KubeObject);
      await client.create(ClusterRoleBindings, {
        ...{ ...head, kind: 'ClusterRoleBinding' },
        roleRef: { apiGroup: group, kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name: 'rita', namespace: lab.namespace }],
      } as KubeObject);
      try {
        await until(ways[way], (text) => text.startsWith('taken '), limitMs);
      } finally {
        await client.delete(ClusterRoleBindings, { name });
        await client.delete(ClusterRoles, { name });
      }
      await until(ways[way], (text) => text.startsWith('refused '), limitMs);
    },
    4 * limitMs,
  );
});

test(
  'nothing that is submitted runs beside OSMO, whoever submits it',
  async () => {
    const metadata = { name: 'beside', namespace: systemNamespace };
    const spec = { tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] };
    const words = `"${systemNamespace}": workflows can't run where OSMO or Kubernetes itself does`;
    // A busy apiserver may not have asked the webhooks in time, which is another error.
    const said = (deed: () => Promise<unknown>): Promise<string> =>
      until(
        () => deed().then(() => 'taken', String),
        (text) => text === 'taken' || text.includes(words),
        limitMs,
      );
    const workflow = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata, spec } as unknown as Workflow;
    expect(await said(() => client.create(Workflows, workflow, { dryRun: true }))).toContain(words);
    // Such as the standard of that namespace lets in.
    const securityContext = {
      ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 65_534 },
      ...{ capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
    };
    const pod = (labels: Record<string, string>) =>
      ({
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, labels } },
        spec: { containers: [{ name: 'a', image: 'busybox', securityContext }] },
      }) as unknown as Pod;
    expect(await said(() => client.create(Pod, pod({ [Labels.taskUid]: 'x' }), { dryRun: true }))).toContain(words);
    expect(await said(() => client.create(Pod, pod({}), { dryRun: true }))).toBe('taken');
    const elsewhere = { ...workflow, metadata: { ...metadata, namespace: lab.namespace } };
    expect(await said(() => client.create(Workflows, elsewhere, { dryRun: true }))).toBe('taken');
  },
  4 * limitMs,
);

test(
  'what somebody submits says who it was, for good, and so do an Event, the log of the gateway and the audit log of the apiserver',
  async () => {
    const who = `system:serviceaccount:${lab.namespace}:rita`;
    const { text } = await until(
      () => submit('mine', '', 'default'),
      ({ status }) => status === 200,
      limitMs,
    );
    const name = (JSON.parse(text) as { name: string }).name.replace(`${lab.namespace}.`, '');
    const workflow = await client.get(Workflows, { namespace: lab.namespace, name });
    expect(workflow.metadata.annotations?.[Annotations.submittedBy]).toBe(who);
    const rename = { metadata: { annotations: { [Annotations.submittedBy]: 'ada' } } };
    const change = client.patch(Workflows, { namespace: lab.namespace, name }, { kind: 'merge', body: rename });
    await expect(change).rejects.toThrow("can't be changed after creation");
    const entry = await until(
      () =>
        readAudit(auditLog()).find(
          ({ verb, objectRef, user, impersonatedUser }) =>
            verb === 'create' &&
            // kubectl borrowed the name above, as an administrator may.
            user.username.startsWith('system:serviceaccount:osmo-system:') &&
            objectRef?.resource === 'workflows' &&
            objectRef.namespace === lab.namespace &&
            impersonatedUser?.username === who,
        ),
      (found) => found !== undefined,
      limitMs,
    );
    expect(entry?.impersonatedUser?.extra).toMatchObject({ 'osmo.dev/method': ['token'] });
    const event = await until(
      async () =>
        (await client.list(Event, { namespace: lab.namespace })).items.find(
          ({ reason, regarding }) => reason === 'CreatedBy' && regarding?.uid === workflow.metadata.uid,
        ),
      (found) => found !== undefined,
      limitMs,
    );
    expect(event?.note).toBe(`${who} through the gateway (token)`);
    const line = await until(
      async () => (await gatewayLog()).find((each) => each['msg'] === 'change' && each['name'] === name),
      (found) => found !== undefined,
      limitMs,
    );
    expect(line).toMatchObject({ user: who, method: 'token', verb: 'create', resource: 'workflows.osmo.dev' });
    expect(line).toMatchObject({ namespace: lab.namespace, source: expect.any(String), requestId: expect.any(String) });
  },
  2 * limitMs,
);
