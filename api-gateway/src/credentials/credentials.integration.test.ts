import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Credential, ownSecretName, userSecretPrefix } from '@osmo/crds';
import { isNotFound, type KubeClient, Secret } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { type S3Server, startS3Server } from '../../../hack/testing/s3-server.ts';
import { Credentials } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { enforcePolicy } from '../testing/policies.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
let server: S3Server;
const undo: (() => Promise<unknown>)[] = [];
const user = (name: string): string => `${name}-${namespace}`;

// Whatever an answer holds: each test looks at what it is about.
// oxlint-disable-next-line typescript/no-explicit-any
type Body = any;

async function send(method: string, path: string, as = 'ada', body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await gateway.send(path, {
    method,
    as: user(as),
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
const set = (name: string, body: unknown, as?: string, query = '') =>
  send('POST', `/api/credentials/${name}${query}`, as, body);
const generic = (credential: object) => ({ generic_credential: { credential } });
const list = async (as?: string): Promise<Body[]> => (await send('GET', '/api/credentials', as)).body.credentials;
const secret = async (name: string): Promise<Record<string, string> | undefined> => {
  try {
    const { data = {} } = await admin.get(Secret, { namespace, name });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};
const own = (name: string, as = 'ada'): string => ownSecretName(user(as), name);

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'credentials');
  const rule = (verbs: string[]) => [{ apiGroups: ['osmo.dev'], resources: ['credentials'], verbs }];
  const mine = rule(['create', 'patch', 'delete']);
  for (const name of ['ada', 'bob'])
    undo.push(await grant(admin, user(name), { kind: 'User', name: user(name) }, mine, namespace));
  const shared = rule(['create', 'patch', 'delete', 'share']);
  undo.push(await grant(admin, user('grace'), { kind: 'User', name: user('grace') }, shared, namespace));
  undo.push(await enforcePolicy(admin, 'credential-owner', namespace));
  server = await startS3Server();
  server.makeBucket('robots');
  gateway = await startGateway([
    `--default-namespace=${namespace}`,
    '--requests-per-second=1000',
    '--outgoing-allow=127.0.0.1',
    '--trust-registry=trusted.example.com',
  ]);
  // Rights and policies get about, and a refusal is remembered for a while.
  await until(
    () =>
      Promise.all([...['ada', 'bob', 'grace'].map((name) => send('GET', '/api/credentials', name)), shareAs('ada')]),
    (answers) => answers.slice(0, 3).every(({ status }) => status === 200) && answers[3]?.status === 403,
  );
}, 300_000);

const shareAs = (name: string) => set('try', generic({ key: 'x' }), name, '?shared=true');

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server.stop();
  for (const each of undo.toReversed()) await each();
  await admin.close();
});

test('one is set, listed without what it holds, set anew and deleted', async () => {
  expect(await set('W_and_b', generic({ key: 'hidden-word' }))).toEqual({
    status: 200,
    body: { cred_name: 'W_and_b', cred_type: 'GENERIC', profile: null },
  });
  const entry = { cred_name: 'W_and_b', cred_type: 'GENERIC', profile: null, shared: false, keys: ['key'] };
  expect(await list()).toContainEqual(entry);
  const name = own('generic-w-and-b');
  expect(await secret(name)).toEqual({ key: 'hidden-word' });
  const { metadata } = await admin.get(Secret, { namespace, name });
  // In one step: it is the same Secret, with nothing left of what it held.
  expect(await set('w-and-b', generic({ other: 'new-word' }))).toMatchObject({ status: 200 });
  expect((await admin.get(Secret, { namespace, name })).metadata.uid).toBe(metadata.uid);
  expect(await secret(name)).toEqual({ other: 'new-word' });
  expect(await list()).toContainEqual({ ...entry, cred_name: 'w-and-b', keys: ['other'] });
  expect((await admin.get(Credentials, { namespace, name })).spec).toEqual({
    ...{ type: 'Generic', name: 'w-and-b', user: user('ada'), keys: ['other'] },
  });
  expect(await send('DELETE', '/api/credentials/W_and_b')).toMatchObject({
    status: 200,
    body: { credentials: [{ cred_name: 'w-and-b', cred_type: 'GENERIC' }] },
  });
  expect(await secret(name)).toBeUndefined();
  expect(await send('DELETE', '/api/credentials/W_and_b')).toMatchObject({
    status: 404,
    body: { error_code: 'NOTFOUND' },
  });
});

test('there is one for each profile and each name', async () => {
  const keys = (bucket: string) => ({
    data_credential: {
      access_key_id: server.credentials.accessKeyId,
      access_key: server.credentials.secretAccessKey,
      endpoint: `s3://${bucket}`,
      override_url: server.endpoint,
      region: server.region,
    },
  });
  server.makeBucket('arms');
  expect(await set('first', keys('robots'))).toMatchObject({ status: 200, body: { profile: 's3://robots' } });
  expect(await set('second', keys('robots'))).toMatchObject({ status: 200 });
  expect((await list()).filter(({ cred_type: type }) => type === 'DATA').map(({ cred_name: name }) => name)).toEqual([
    'second',
  ]);
  expect(await set('second', keys('arms'))).toMatchObject({ status: 200 });
  expect((await list()).filter(({ cred_type: type }) => type === 'DATA')).toMatchObject([{ profile: 's3://arms' }]);
  expect(await secret(own('data-s3-robots'))).toBeUndefined();
  expect(Object.keys((await secret(own('data-s3-arms'))) ?? {}).toSorted()).toEqual([
    ...['access_key', 'access_key_id', 'endpoint', 'override_url', 'region'],
  ]);
});

test('keys that a bucket refuses are not kept, and nothing is said of them', async () => {
  const keys = {
    access_key_id: server.credentials.accessKeyId,
    access_key: 'hidden-word',
    override_url: server.endpoint,
    region: server.region,
  };
  const wrong = await set('wrong', { data_credential: { ...keys, endpoint: 's3://robots' } });
  expect(wrong).toMatchObject({ status: 400, body: { error_code: 'CREDENTIAL' } });
  expect(wrong.body.message).toMatch(/^bucket s3:\/\/robots: refuses these keys/);
  expect(wrong.body.message).not.toMatch(/hidden-word|test-access/);
  const other = { access_key_id: 'i', access_key: 'k', endpoint: 's3://robots', override_url: 'https://10.0.0.1' };
  expect(await set('wrong', { data_credential: other })).toMatchObject({
    status: 400,
    body: { message: expect.stringMatching(/could not be asked.*10\.0\.0\.1 is .*disableDataValidation/) },
  });
  expect(await list()).not.toContainEqual(expect.objectContaining({ cred_name: 'wrong' }));
});

test('a login that is not to be tried is kept as the kubelet reads it', async () => {
  const login = { registry: 'trusted.example.com/org', username: 'ada', auth: 'hidden-word' };
  expect(await set('reg', { registry_credential: login })).toMatchObject({
    status: 200,
    body: { cred_type: 'REGISTRY', profile: 'trusted.example.com/org' },
  });
  const entry = (await admin.list(Credentials, { namespace })).items.find(({ spec }) => spec.name === 'reg');
  const { type, metadata } = await admin.get(Secret, { namespace, name: entry?.metadata.name ?? '' });
  expect(type).toBe('kubernetes.io/dockerconfigjson');
  expect(metadata.name.startsWith(userSecretPrefix(user('ada')))).toBe(true);
});

test('nobody sees or touches those of others', async () => {
  await set('mine', generic({ key: 'hidden-word' }));
  expect((await list('bob')).map(({ cred_name: name }) => name)).not.toContain('mine');
  expect((await send('DELETE', '/api/credentials/mine', 'bob')).status).toBe(404);
  expect((await set('mine', generic({ key: 'other-word' }), 'bob')).status).toBe(200);
  expect(await secret(own('generic-mine'))).toEqual({ key: 'hidden-word' });
  expect(await secret(own('generic-mine', 'bob'))).toEqual({ key: 'other-word' });
  expect((await send('GET', '/api/credentials', 'eve')).status).toBe(403);
  expect((await set('mine', generic({ key: 'x' }), 'eve')).status).toBe(403);
});

test('what is shared takes a right of its own, and all use it', async () => {
  const refused = await set('team', generic({ key: 'x' }), 'ada', '?shared=true');
  expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining('the verb share') } });
  expect((await set('team', generic({ key: 'team-word' }), 'grace', '?shared=true')).status).toBe(200);
  expect(await list('bob')).toContainEqual(expect.objectContaining({ cred_name: 'team', shared: true }));
  expect(await secret('generic-team')).toEqual({ key: 'team-word' });
  expect((await send('DELETE', '/api/credentials/team?shared=true', 'bob')).status).toBe(403);
  expect(await secret('generic-team')).toEqual({ key: 'team-word' });
  expect((await send('DELETE', '/api/credentials/team?shared=true', 'grace')).status).toBe(200);
  expect(await secret('generic-team')).toBeUndefined();
});

test('an entry that points to a Secret of somebody else is nobody’s', async () => {
  const labels = { 'osmo.dev/credential-type': 'generic', 'osmo.dev/credential-owner': 'shared' };
  const spec = { type: 'Generic', name: 'bait', secretName: own('generic-mine') };
  await admin.create(Credentials, {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Credential',
    metadata: { name: 'bait', namespace, labels },
    spec,
  } as unknown as Credential);
  expect(await list('bob')).not.toContainEqual(expect.objectContaining({ cred_name: 'bait' }));
});

test('nothing of it is in the gateway’s log', async () => {
  expect(JSON.stringify(gateway.logger)).not.toMatch(/hidden-word|team-word|other-word|test-secret-key/);
});
