import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ownSecretName, type Workflow } from '@osmo/crds';
import { createImpersonator, type KubeClient, KubeError, loadAccess, Pod, Secret, systemClock } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { connectToCluster, kubeconfig } from './harness/connect.ts';
import { clear, type Lab, newLab, shell, Workflows } from './harness/lab.ts';
import { plantSecret } from './secrets/planted.ts';

const minutes = 60_000;
const word = 'planted-credential-e2e-7f31';
const digest = createHash('sha256').update(word).digest('hex');
let client: KubeClient;
let impersonator: ReturnType<typeof createImpersonator>;
let lab: Lab;
let url: string;
/** URL of the local cluster's store, with what opens it. */
let store: { bucket: string; fields: Record<string, string> };

// Whatever an answer holds: each test looks at what it is about.
// oxlint-disable-next-line typescript/no-explicit-any
type Body = any;

/** Asks as a well-behaved client does: told that it asks too often, it waits as long as it is told. */
async function ask(method: string, path: string, as: string, body?: unknown): Promise<{ status: number; body: Body }> {
  for (;;) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-osmo-user': as, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status === 429) await delay(Number(response.headers.get('retry-after') ?? 1) * 1000);
    else
      return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
  }
}
const inLab = (path: string): string => `${path}${path.includes('?') ? '&' : '?'}namespace=${lab.namespace}`;
const submit = (as: string, file: string) => ask('POST', inLab('/api/pool/default/workflow'), as, { file });
const ended = (id: string) =>
  until(
    () => ask('GET', `/api/workflow/${id}`, 'alice'),
    ({ body }) => body.status === 'COMPLETED' || String(body.status).startsWith('FAILED'),
    5 * minutes,
  );
const bobAtKubectl = (): KubeClient => impersonator.as({ user: 'bob', groups: ['osmo:dev', 'system:authenticated'] });
const refusal = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'taken';
  } catch (error) {
    if (error instanceof KubeError) return `${error.status} ${error.message}`;
    throw error;
  }
};

beforeAll(async () => {
  plantSecret(word, 'the word of the suite credentials');
  const file = join(dirname(kubeconfig()), 'env.d/gateway');
  url = /^export OSMO_URL='(http:\/\/127\.0\.0\.1:\d+)'$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  client = await connectToCluster();
  const access = await loadAccess({ kubeconfig: kubeconfig(), clock: systemClock, env: {} });
  impersonator = createImpersonator({ access, userAgent: 'e2e' });
  lab = await newLab(client, 'e2e-credentials');
  // Who may make pods, as any developer of a namespace.
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'bob-edits' } };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'bob' }];
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${lab.namespace}/rolebindings`;
  await client.request('POST', path, { body: { ...rbac, roleRef, subjects } }).catch((error: unknown) => {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
  });
  const keys = await client.get(Secret, { namespace: 'osmo-system', name: 'osmo-object-store' });
  const { args = [] } = (
    (await client.list(Pod, { namespace: 'osmo-system', labelSelector: 'app.kubernetes.io/component=api-gateway' }))
      .items[0] as Pod
  ).spec.containers[0] as { args?: string[] };
  const at = new URL(args.find((each) => each.startsWith('--store-url='))?.slice('--store-url='.length) ?? '');
  const text = (key: string) => Buffer.from(keys.data?.[key] ?? '', 'base64').toString('utf8');
  store = {
    bucket: `s3://${at.hostname}`,
    fields: {
      access_key_id: text('AWS_ACCESS_KEY_ID'),
      access_key: text('AWS_SECRET_ACCESS_KEY'),
      override_url: at.searchParams.get('endpoint') ?? '',
      region: at.searchParams.get('region') ?? '',
    },
  };
}, 3 * minutes);

afterAll(async () => {
  await clear(lab);
  await Promise.all([impersonator.own.close(), client.close()]);
}, 3 * minutes);

describe('credentials of two users', () => {
  test(
    'reach the tasks of their owner as variables and files, and no log',
    async () => {
      await until(
        () =>
          ask('POST', inLab('/api/credentials/wandb'), 'alice', {
            generic_credential: { credential: { token: word } },
          }),
        ({ status }) => status === 200,
      );
      const { status, body } = await until(
        () =>
          submit(
            'alice',
            `workflow:
  name: owner
  tasks:
  - name: variable
    image: busybox
    command: [sh, -c, 'echo -n "$TOKEN" | sha256sum | grep -q ${digest} && echo "it is $TOKEN"']
    credentials: { wandb: { TOKEN: token } }
  - name: file
    image: busybox
    command: [sh, -c, 'sha256sum < /secret/token | grep -q ${digest}']
    credentials: { wandb: /secret }
`,
          ),
        (answer) => answer.status === 200,
      );
      expect([status, body]).toEqual([200, expect.objectContaining({ name: expect.any(String) })]);
      expect((await ended(body.name)).body.status).toBe('COMPLETED');
      const logs = await until(
        () => ask('GET', `/api/workflow/${body.name}/logs`, 'alice'),
        (answer) => String(answer.body).includes('it is ['),
        2 * minutes,
      );
      expect(logs.body).toContain('it is [MASKED]');
      expect(logs.body).not.toContain(word);
      const spec = await ask('GET', `/api/workflow/${body.name}/spec`, 'alice');
      expect(JSON.stringify(spec.body)).not.toContain(word);
    },
    8 * minutes,
  );

  test('are nothing to anybody else, whichever way they come', async () => {
    const list = await ask('GET', inLab('/api/credentials'), 'bob');
    expect([list.status, JSON.stringify(list.body)]).toEqual([200, expect.not.stringContaining('wandb')]);
    const recipe = `workflow:
  name: other
  tasks:
  - { name: a, image: busybox, command: ['true'], credentials: { wandb: /secret } }
`;
    expect(await submit('bob', recipe)).toMatchObject({ status: 400, body: { error_code: 'CREDENTIAL' } });
    const name = ownSecretName('alice', 'generic-wandb');
    const workflow = {
      apiVersion: 'osmo.dev/v1alpha1',
      kind: 'Workflow',
      metadata: { name: 'by-kubectl', namespace: lab.namespace },
      spec: { tasks: [shell('a', 'true', { credentials: [{ name, mountPath: '/secret' }] })] },
    };
    const bob = bobAtKubectl();
    // Whoever answers for admission just now, be it only the operator: no pod sees it.
    const answer = await until(
      () => refusal(bob.create(Workflows, workflow as unknown as Workflow, { dryRun: true })),
      (said) => said.includes('another user'),
    );
    expect(answer).toContain('credentials[0].name');
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'by-kubectl', namespace: lab.namespace },
      spec: {
        containers: [{ name: 'a', image: 'busybox' }],
        volumes: [{ name: 's', secret: { secretName: name } }],
      },
    };
    // Roles get about in their own time.
    const said = await until(
      () => refusal(bob.create(Pod, pod, { dryRun: true })),
      (text) => text === 'taken' || text.includes('the verb mount'),
    );
    expect(said).toMatch(/^403 /);
    const other = { ...pod, spec: { ...pod.spec, volumes: [{ name: 's', secret: { secretName: 'plain' } }] } };
    expect(await refusal(bob.create(Pod, other, { dryRun: true }))).toBe('taken');
    expect((await ask('DELETE', inLab('/api/credentials/wandb'), 'bob')).status).toBe(404);
  });

  test(
    'open storage by its profile, after they were tried there',
    async () => {
      const { bucket, fields } = store;
      const set = (more: object) =>
        ask('POST', inLab('/api/credentials/lab'), 'alice', {
          data_credential: { ...fields, endpoint: bucket, ...more },
        });
      const wrong = await set({ access_key: word });
      expect([wrong.status, wrong.body.error_code, JSON.stringify(wrong.body)]).toEqual([
        ...[400, 'CREDENTIAL', expect.not.stringContaining(word)],
      ]);
      expect(await set({})).toMatchObject({ status: 200, body: { cred_type: 'DATA', profile: bucket } });
      const { body } = await submit(
        'alice',
        `workflow:
  name: moves
  tasks:
  - name: a
    image: busybox
    command: [sh, -c, 'echo moved > /osmo/data/output/file']
    outputs: [{ url: ${bucket}/e2e-credentials }]
`,
      );
      expect((await ended(body.name)).body.status).toBe('COMPLETED');
      // Shared keys of the namespace would have done too: there are none.
      expect(
        await refusal(
          client.get(Secret, {
            namespace: lab.namespace,
            name: ownSecretName('alice', `data-${bucket.replace('://', '-')}`),
          }),
        ),
      ).toBe('taken');
      expect(await ask('DELETE', inLab('/api/credentials/lab'), 'alice')).toMatchObject({
        status: 200,
        body: { credentials: [{ cred_type: 'DATA', profile: bucket }] },
      });
    },
    8 * minutes,
  );
});
