import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Credential, ownSecretName, userDigest, userSecretPrefix } from '@osmo/crds';
import { createImpersonator, type KubeClient, KubeError, loadAccess, Pod, Secret, systemClock } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, testKubeconfig, until } from '@osmo/kube/testing';
import { Credentials } from '../kinds.ts';
import { permissions } from '../permissions.ts';
import { enforcePolicy } from '../testing/policies.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let namespace: string;
let impersonator: ReturnType<typeof createImpersonator>;
const undo: (() => Promise<unknown>)[] = [];

const user = (name: string): string => `${name}-${namespace}`;
const as = (name: string): KubeClient => impersonator.as({ user: user(name), groups: ['system:authenticated'] });
/** `taken`, or the words of the refusal. */
const attempt = async (deed: Promise<unknown>): Promise<string> => {
  try {
    await deed;
    return 'taken';
  } catch (error) {
    if (error instanceof KubeError) return `${error.status} ${error.message}`;
    throw error;
  }
};

const adas = (name: string): string => ownSecretName(user('ada'), name);
const entry = (name: string, spec: object, owner: string): Credential =>
  ({
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Credential',
    metadata: {
      name,
      namespace,
      labels: { 'osmo.dev/credential-type': 'generic', 'osmo.dev/credential-owner': owner },
    },
    spec: { type: 'Generic', name: 'wandb', ...spec },
  }) as unknown as Credential;
const own = (by: string, of = by): Credential =>
  entry(ownSecretName(user(of), 'generic-wandb'), { user: user(of) }, userDigest(user(of)));

const pod = (spec: object): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'mounts', namespace },
  spec: { containers: [{ name: 'a', image: 'busybox' }], ...spec },
});
const makePod = (name: string, spec: object) => attempt(as(name).create(Pod, pod(spec), { dryRun: true }));

const secret = (name: string, metadata: object = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, ...metadata },
  data: {},
});
const kept = {
  labels: { 'osmo.dev/credential-type': 'generic' },
  ownerReferences: [{ apiVersion: 'osmo.dev/v1alpha1', kind: 'Credential', name: 'x', uid: 'x' }],
};
const makeSecret = (by: string, name: string, metadata?: object) =>
  attempt(as(by).create(Secret, secret(name, metadata), { dryRun: true }));

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'credential-policies');
  const access = await loadAccess({ kubeconfig: testKubeconfig(), clock: systemClock, env: {} });
  impersonator = createImpersonator({ access, userAgent: 'api-gateway-test' });
  const rule = (resource: string, verbs: string[], group = 'osmo.dev') => ({
    ...{ apiGroups: [group], resources: [resource], verbs },
  });
  const everybody = [
    rule('credentials', ['create', 'patch', 'delete']),
    rule('pods/ephemeralcontainers', ['patch'], ''),
    rule('secrets', ['create', 'get', 'update', 'delete'], ''),
    rule('pods', ['create'], ''),
  ];
  const rights: Record<string, object[]> = {
    ada: everybody,
    bob: everybody,
    grace: [...everybody, rule('credentials', ['share'])],
    operator: [...everybody, rule('credentials', ['mount'])],
    // What the gateway has in every namespace.
    gateway: permissions.filter(({ resources }) => ['credentials', 'secrets'].includes(resources[0] ?? '')),
  };
  for (const [name, rules] of Object.entries(rights))
    // oxlint-disable-next-line no-await-in-loop
    undo.push(await grant(admin, user(name), { kind: 'User', name: user(name) }, rules as never, namespace));
  for (const word of ['credential-owner', 'credential-pods', 'credential-secrets'])
    // oxlint-disable-next-line no-await-in-loop
    undo.push(await enforcePolicy(admin, word, namespace));
  const mount = { volumes: [{ name: 'a', secret: { secretName: adas('generic-wandb') } }] };
  await until(
    () =>
      Promise.all([
        attempt(as('bob').create(Credentials, own('ada'), { dryRun: true })),
        makePod('ada', mount),
        makePod('operator', mount),
        makeSecret('bob', adas('generic-wandb')),
        makeSecret('gateway', 'plain'),
        makeSecret('gateway', adas('generic-wandb'), kept),
      ]),
    (answers) =>
      answers
        .map((answer) => (answer === 'taken' ? 't' : /ValidatingAdmissionPolicy/.test(answer) ? 'p' : '-'))
        .join('') === 'pptppt',
  );
});

afterAll(async () => {
  for (const each of undo.toReversed()) await each();
  await impersonator.own.close();
  await admin.close();
});

describe('entries', () => {
  const make = (by: string, object: Credential) => attempt(as(by).create(Credentials, object, { dryRun: true }));
  test('are written by those whose they are', async () => {
    expect(await make('ada', own('ada'))).toBe('taken');
    expect(await make('bob', own('bob', 'ada'))).toMatch(/^403 .*must be "bob-.*the verb share/);
    expect(await make('grace', own('grace', 'ada'))).toBe('taken');
  });
  test('that are shared take the verb share', async () => {
    const shared = entry('generic-wandb', {}, 'shared');
    expect(await make('ada', shared)).toMatch(/^403 .*the verb share/);
    expect(await make('grace', shared)).toBe('taken');
  });
  test('bear the labels by which they are found', async () => {
    const { metadata, ...rest } = own('ada');
    const labelled = (labels: object) => make('ada', { ...rest, metadata: { ...metadata, labels } } as never);
    const [right, owner] = [metadata.labels ?? {}, 'osmo.dev/credential-owner'];
    expect(await labelled({})).toMatch(/^422 .*found by its labels/);
    expect(await labelled({ ...right, [owner]: 'shared' })).toMatch(/^422 /);
    expect(await labelled({ ...right, [owner]: userDigest(user('bob')) })).toMatch(/^422 /);
    expect(await labelled({ ...right, 'osmo.dev/credential-type': 'data' })).toMatch(/^422 /);
    expect(await make('ada', entry('plain', { user: user('ada') }, 'shared'))).toMatch(/^422 /);
  });
  test('stay whose they are, and go by their hand', async () => {
    const { metadata } = await as('ada').create(Credentials, own('ada'));
    const place = { namespace, name: metadata.name };
    const give = { kind: 'merge', body: { spec: { user: user('bob') } } } as const;
    expect(await attempt(as('bob').patch(Credentials, place, give))).toMatch(/^403 /);
    expect(await attempt(as('ada').patch(Credentials, place, give))).toMatch(/^403 /);
    expect(await attempt(as('bob').delete(Credentials, place))).toMatch(/^403 /);
    expect(await attempt(as('ada').delete(Credentials, place))).toBe('taken');
  });
});

describe('pods that name a Secret of a user', () => {
  const name = () => adas('generic-wandb');
  const container = (more: object) => ({ name: 'a', image: 'busybox', ...more });
  const ways: [string, () => object][] = [
    ['in a volume', () => ({ volumes: [{ name: 'a', secret: { secretName: name() } }] })],
    [
      'in a projected volume',
      () => ({ volumes: [{ name: 'a', projected: { sources: [{ secret: { name: name() } }] } }] }),
    ],
    [
      'in a variable',
      () => ({
        containers: [container({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: name(), key: 'key' } } }] })],
      }),
    ],
    ['in all variables', () => ({ containers: [container({ envFrom: [{ secretRef: { name: name() } }] })] })],
    [
      'in a container that comes first',
      () => ({ initContainers: [{ name: 'b', image: 'busybox', envFrom: [{ secretRef: { name: name() } }] }] }),
    ],
    ['to pull images', () => ({ imagePullSecrets: [{ name: name() }] })],
    [
      'for a volume of a driver',
      () => ({ volumes: [{ name: 'a', csi: { driver: 'd.example.com', nodePublishSecretRef: { name: name() } } }] }),
    ],
    ['for a share', () => ({ volumes: [{ name: 'a', azureFile: { shareName: 's', secretName: name() } }] })],
    [
      'for a file system',
      () => ({ volumes: [{ name: 'a', cephfs: { monitors: ['m'], secretRef: { name: name() } } }] }),
    ],
  ];
  test.each(ways)('%s are the operator’s alone', async (_, spec) => {
    // Not even the user's own: who makes the pod isn't who has its terminal.
    expect(await makePod('ada', spec())).toMatch(/^403 .*the verb mount/);
    expect(await makePod('bob', spec())).toMatch(/^403 .*the verb mount/);
    expect(await makePod('operator', spec())).toBe('taken');
  });
  test('are told from others by the digits in the name', async () => {
    expect(await makePod('bob', { volumes: [{ name: 'a', secret: { secretName: 'user-passwords' } }] })).toBe('taken');
    expect(await makePod('bob', {})).toBe('taken');
  });
  test('or of a pod of a task are nothing to others', async () => {
    const volumes = (secretName: string) => ({ volumes: [{ name: 'a', secret: { secretName } }] });
    const plan = volumes('train-0a1b2c3d4e5f60718a-0-data');
    expect(await makePod('bob', plan)).toMatch(/^403 .*or one of a task's pod/);
    expect(await makePod('operator', plan)).toBe('taken');
    expect(await makePod('bob', volumes('train-0-data'))).toBe('taken');
  });
  test('can not be reached by a container that is added later', async () => {
    await admin.create(Pod, pod({}));
    const place = { namespace, name: 'mounts' };
    const body = {
      spec: { ephemeralContainers: [{ name: 'b', image: 'busybox', envFrom: [{ secretRef: { name: name() } }] }] },
    };
    const options = { subresource: 'ephemeralcontainers', dryRun: true };
    const add = (by: string) => attempt(as(by).patch(Pod, place, { kind: 'merge', body }, options));
    expect(await add('bob')).toMatch(/^403 .*the verb mount/);
    expect(await add('operator')).toBe('taken');
  });
});

describe('Secrets', () => {
  test('under the names of users are the gateway’s to write', async () => {
    expect(await makeSecret('bob', adas('generic-wandb'))).toMatch(/^403 .*the verb keep/);
    expect(await makeSecret('bob', `${userSecretPrefix(user('bob'))}x`)).toMatch(/^403 .*the verb keep/);
    expect(await makeSecret('bob', 'user-passwords')).toBe('taken');
    expect(await makeSecret('gateway', adas('generic-wandb'), kept)).toBe('taken');
  });
  test('other than those of credentials are out of the gateway’s reach', async () => {
    await admin.create(Secret, secret('certificate'));
    const place = { namespace, name: 'certificate' };
    expect(await attempt(as('gateway').replace(Secret, secret('certificate', kept)))).toMatch(/^403 .*belong to a/);
    expect(await attempt(as('gateway').delete(Secret, place))).toMatch(/^403 .*belong to a/);
    expect(await makeSecret('gateway', 'other')).toMatch(/^403 .*belong to a/);
    expect(await attempt(as('gateway').get(Secret, place))).toMatch(/^403 /);
    expect(await attempt(as('gateway').list(Secret, { namespace }))).toMatch(/^403 /);
    const merge = { kind: 'merge', body: {} } as const;
    expect(await attempt(as('gateway').patch(Secret, place, merge))).toMatch(/^403 /);
  });
});

test('the gateway has no right that shows what a Secret holds', () => {
  const verbs = permissions.flatMap(({ resources, resourceNames, verbs: each }) =>
    resources.includes('secrets') && resourceNames === undefined ? [...each] : [],
  );
  expect(verbs.toSorted()).toEqual(['create', 'delete', 'update']);
});
