import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accessTokenObjectName, userObjectName } from '@osmo/crds';
import { type KubeClient, Secret } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { SignJWT } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { AccessTokens, Users } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { newRole } from '../testing/people.ts';
import { grant } from '../testing/rights.ts';
import { hashLabel, hashOf, newSecret } from './secret.ts';

let admin: KubeClient;
let namespace: string;
let replicas: TestGateway[];
let group: string;
const undo: (() => Promise<unknown>)[] = [];

const user = (name: string): string => `${name}@${namespace}.example.com`;
const one = (): TestGateway => replicas[0]!;
/** What only the group may read. */
const pools = '/api/pool';
const days = (count: number): string => new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);

interface Answer {
  status: number;
  body: { message?: string; [field: string]: unknown };
}
async function ask(gateway: TestGateway, path: string, init: Parameters<TestGateway['send']>[1] = {}): Promise<Answer> {
  const answer = await gateway.send(path, init);
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}
/** Makes a token as somebody; the answer is the token. */
async function make(as: string, name: string, query = ''): Promise<string> {
  const { status, body } = await ask(one(), `/api/auth/access_token/${name}?expires_at=${days(7)}${query}`, {
    method: 'POST',
    as: user(as),
  });
  expect([status, body]).toEqual([200, expect.stringMatching(/^[A-Za-z0-9_-]{43}$/)]);
  return body as unknown as string;
}
const exchange = (gateway: TestGateway, token: string): Promise<Answer> =>
  ask(gateway, '/api/auth/jwt/access_token', { method: 'POST', body: JSON.stringify({ token }) });
/** Statuses of a request at every replica. */
const everywhere = (path: string, token: string): Promise<number[]> =>
  Promise.all(replicas.map(async (gateway) => (await ask(gateway, path, { token })).status));

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'tokens');
  group = `lab:${namespace}`;
  const subject = { kind: 'Group', name: group } as const;
  const rule = (resources: string[], verbs: string[]) => ({ apiGroups: ['osmo.dev'], resources, verbs });
  undo.push(
    await grant(admin, `${namespace}-lab`, subject, [rule(['pools'], ['list']), rule(['accesstokens'], ['create'])]),
    await grant(admin, `${namespace}-boss`, { kind: 'User', name: user('grace') }, [
      rule(['users'], ['manage', 'create', 'get', 'list', 'delete', 'patch']),
    ]),
    await newRole(admin, `${namespace}-reader`, 'workflow:List, pool:List', [user('ada')]),
    await newRole(admin, `${namespace}-other`, '*:*'),
  );
  const keys = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', namespace } };
  await admin.create(Secret, keys);
  const args = [`--namespace=${namespace}`, '--keys-secret=keys', `--dev-group=${group}`];
  replicas = await Promise.all([startGateway(args), startGateway(args)]);
  // Rights and keys come in their own time.
  await until(
    () => ask(one(), `/api/auth/access_token/first?expires_at=${days(1)}`, { method: 'POST', as: user('ada') }),
    ({ status }) => status === 200 || status === 409,
  );
  await until(
    () => Promise.all(replicas.map((gateway) => ask(gateway, '/api/auth/user', { as: user('grace') }))),
    (answers) => answers.every(({ status }) => status === 200),
  );
});
afterAll(async () => {
  await Promise.all(replicas.map((gateway) => gateway[Symbol.asyncDispose]()));
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
});

test('a token acts as its user, in their groups, at every replica, until it is revoked', async () => {
  const token = await make('ada', 'ci', '&description=nightly');
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 200),
  );
  const profile = await ask(one(), '/api/profile/settings', { token });
  expect(profile.body).toMatchObject({
    profile: { username: user('ada') },
    token: { name: 'ci', expires_at: `${days(7)}T00:00:00` },
  });
  const jwt = await until(
    () => exchange(one(), token),
    ({ status }) => status === 200,
  );
  expect(jwt.body).toEqual({ token: expect.any(String), expires_at: expect.any(String), error: null });
  const bearer = jwt.body['token'] as string;
  await until(
    () => everywhere(pools, bearer),
    (all) => all.every((status) => status === 200),
  );

  const listed = await ask(one(), '/api/auth/access_token', { as: user('ada') });
  expect(listed.body).toContainEqual(
    expect.objectContaining({ token_name: 'ci', description: 'nightly', expires_at: `${days(7)}T00:00:00`, roles: [] }),
  );
  const stored = await admin.get(AccessTokens, { name: accessTokenObjectName(user('ada'), 'ci') });
  expect(stored.spec.groups).toEqual(['gateway-test', group]);
  expect(JSON.stringify([listed.body, stored, replicas.map(({ logger }) => logger.lines)])).not.toContain(token);
  await until(
    () => admin.get(AccessTokens, { name: stored.metadata.name }),
    ({ status }) => status?.lastUsedTime !== undefined,
  );

  const gone = await ask(replicas[1]!, '/api/auth/access_token/ci', { method: 'DELETE', as: user('ada') });
  expect([gone.status, gone.body]).toEqual([200, null]);
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 401),
  );
  await until(
    () => everywhere(pools, bearer),
    (all) => all.every((status) => status === 401),
  );
  expect((await exchange(one(), token)).status).toBe(401);
});

test('kubectl revokes a token as well', async () => {
  const token = await make('ada', 'by-kubectl');
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 200),
  );
  await admin.delete(AccessTokens, { name: accessTokenObjectName(user('ada'), 'by-kubectl') });
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 401),
  );
});

test('a token holds no group that its user has lost', async () => {
  const token = await make('eve', 'ci');
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 200),
  );
  const body = { status: { groups: [] } };
  await admin.patch(Users, { name: userObjectName(user('eve')) }, { kind: 'merge', body }, { subresource: 'status' });
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 403),
  );
  // And ends with its user.
  const removed = await until(
    () => ask(one(), `/api/auth/user/${encodeURIComponent(user('eve'))}`, { method: 'DELETE', as: user('grace') }),
    ({ status }) => status === 200,
  );
  expect(removed.body).toBeNull();
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 401),
  );
});

test('what has ended, was made up or comes from somewhere else is refused', async () => {
  const secret = newSecret();
  const hash = hashOf(secret);
  const { uid = '', name: owner } = (await admin.get(Users, { name: userObjectName(user('ada')) })).metadata;
  await admin.create(AccessTokens, {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'AccessToken',
    metadata: {
      name: accessTokenObjectName(user('ada'), 'ended'),
      labels: { 'osmo.dev/token-hash': hashLabel(hash) },
      ownerReferences: [{ apiVersion: 'osmo.dev/v1alpha1', kind: 'User', name: owner, uid }],
    },
    spec: { user: user('ada'), name: 'ended', hash, groups: [], expirationTime: '2026-01-01T00:00:00Z' },
  });
  expect(await ask(one(), pools, { token: secret })).toMatchObject({
    status: 401,
    body: { message: expect.stringContaining('has ended') },
  });
  expect((await exchange(one(), secret)).status).toBe(401);
  expect((await ask(one(), pools, { token: newSecret() })).status).toBe(401);
  expect((await ask(one(), pools, { token: hash.slice(0, 43) })).status).toBe(401);

  const good = await make('ada', 'forged');
  const jwt = (
    await until(
      () => exchange(one(), good),
      ({ status }) => status === 200,
    )
  ).body['token'] as string;
  await until(
    () => ask(one(), pools, { token: jwt }),
    ({ status }) => status === 200,
  );
  const [head = '', payload = '', signature = ''] = jwt.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, string>;
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: header['kid'] ?? '' })
    .sign(other.privateKey);
  const forged = [
    `${head}.${encoded({ ...claims, osmo_token_object: 'x' })}.${signature}`,
    `${head}.${encoded({ ...claims, exp: (claims['exp'] as number) + 1000 })}.${signature}`,
    `${encoded({ alg: 'none', kid: header['kid'] })}.${payload}.`,
    `${encoded({ alg: 'none', kid: header['kid'] })}.${payload}.${signature}`,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
    foreign,
  ];
  for (const token of forged) {
    // oxlint-disable-next-line no-await-in-loop
    expect([token, (await ask(one(), pools, { token })).status]).toEqual([token, 401]);
  }
});

test('a token with roles takes their actions only, and can make none wider', async () => {
  const role = `${namespace}-reader`;
  await until(
    () => ask(one(), '/api/profile/settings', { as: user('ada') }),
    ({ body }) => (body['roles'] as string[]).includes(role),
  );
  const token = await make('ada', 'reader', `&roles=${role}`);
  await until(
    () => everywhere(pools, token),
    (all) => all.every((status) => status === 200),
  );
  const refused = await ask(one(), '/api/app/user/x', { token });
  expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining('app:Read') } });
  const wider = await ask(one(), `/api/auth/access_token/wider?expires_at=${days(2)}`, { method: 'POST', token });
  expect(wider).toMatchObject({ status: 403, body: { message: expect.stringContaining('auth:Token') } });
  const roles = await ask(one(), '/api/auth/access_token/reader/roles', { as: user('ada') });
  expect(roles.body).toMatchObject({
    token_name: 'reader',
    user_name: user('ada'),
    roles: [{ role_name: role, assigned_by: user('ada') }],
  });
  for (const [name, said] of [
    [`${namespace}-other`, 'does not have'],
    ['none-such', 'no such role'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await ask(one(), `/api/auth/access_token/x?expires_at=${days(2)}&roles=${name}`, {
      method: 'POST',
      as: user('ada'),
    });
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(said) } });
  }
});

test.each([
  ['no day', 'tomorrow', 'must be a day'],
  ['a day that is none', '2027-02-30', 'must be a day'],
  ['a day that is over', '2026-01-01', 'must be in the future'],
  ['a day too far', '2999-01-01', 'tokens live 365 days'],
])('%s is no end of a token', async (_, day, said) => {
  const answer = await ask(one(), `/api/auth/access_token/x?expires_at=${day}`, { method: 'POST', as: user('ada') });
  expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(said) } });
});

test('a name is taken once', async () => {
  await make('ada', 'twice');
  const again = await ask(one(), `/api/auth/access_token/twice?expires_at=${days(2)}`, {
    method: 'POST',
    as: user('ada'),
  });
  expect(again).toMatchObject({ status: 409, body: { message: expect.stringContaining('delete it first') } });
  const wrong = await ask(one(), `/api/auth/access_token/1st?expires_at=${days(2)}`, {
    method: 'POST',
    as: user('ada'),
  });
  expect(wrong.status).toBe(400);
});

test('who manages users makes tokens for them, as for a machine; nobody else does', async () => {
  const robot = user('robot');
  const path = `/api/auth/user/${encodeURIComponent(robot)}`;
  const created = await ask(one(), '/api/auth/user', {
    method: 'POST',
    as: user('grace'),
    body: JSON.stringify({ id: robot }),
  });
  expect(created).toMatchObject({ status: 200, body: { id: robot, created_by: user('grace'), roles: [] } });
  const query = `?expires_at=${days(2)}`;
  const refused = await ask(one(), `${path}/access_token/arm${query}`, { method: 'POST', as: user('ada') });
  expect(refused).toMatchObject({ status: 403, body: { message: expect.stringContaining('cannot manage users') } });
  expect((await ask(one(), `${path}/access_token`, { as: user('ada') })).status).toBe(403);
  const made = await ask(one(), `${path}/access_token/arm${query}`, { method: 'POST', as: user('grace') });
  expect(made.status).toBe(200);
  const token = made.body as unknown as string;
  await until(
    () => ask(one(), '/api/profile/settings', { token }),
    ({ body }) => (body['profile'] as { username?: string } | undefined)?.username === robot,
  );
  const listed = await until(
    () => ask(one(), `${path}/access_token`, { as: user('grace') }),
    ({ body }) => (body as unknown as unknown[]).length === 1,
  );
  expect(listed.body).toMatchObject([{ user_name: robot, token_name: 'arm' }]);
  // It is in no group: rights come from bindings to its name.
  expect((await ask(one(), pools, { token })).status).toBe(403);
  const gone = await ask(one(), `${path}/access_token/arm`, { method: 'DELETE', as: user('grace') });
  expect(gone.status).toBe(200);
  await until(
    () => everywhere('/api/profile/settings', token),
    (all) => all.every((status) => status === 401),
  );
});
