import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, type KubeObject, Namespace, resourceType, ServiceAccount } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { configuredElsewhere } from '../../api-gateway/src/config/settings-operations.ts';
import type { Operation } from '../../api-gateway/src/http/operation.ts';
import { Backends, Platforms, Pools } from '../../api-gateway/src/kinds.ts';
import { notOffered } from '../../api-gateway/src/system/not-offered.ts';
import { startGateway, type TestGateway } from '../../api-gateway/src/testing/gateway.ts';
import { playIssuer } from '../../api-gateway/src/testing/issuer.ts';
import { enforcePolicy } from '../../api-gateway/src/testing/policies.ts';
import { obtainAll } from '../cluster/components/obtain.ts';
import { objectsOf, renderChart, type RenderedObject } from '../install/rendered-chart.ts';
import { makeFixture, type Maker } from './fixtures.ts';
import { type IssuerServer, serveIssuer } from './issuer-server.ts';
import { accounts, type Caller, callers, everybody, people, type Row, routes, signedIn } from './routes.ts';

const root = join(import.meta.dirname, '../..');
const rbac = 'rbac.authorization.k8s.io';
const ofRbac = (kind: string, namespaced: boolean) =>
  resourceType<KubeObject>({ group: rbac, version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced });
const types = {
  ClusterRole: ofRbac('ClusterRole', false),
  ClusterRoleBinding: ofRbac('ClusterRoleBinding', false),
  RoleBinding: ofRbac('RoleBinding', true),
};

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
let pool: string;
let maker: Maker;
let issuer: IssuerServer;
let folder: string;
let serial = 0;
const headersOf = {} as Record<Caller, Record<string, string>>;
const undo: (() => Promise<unknown>)[] = [];

/** The chart's roles under names of this run, and its bindings for everybody for the callers of this run alone. */
async function installRoles(): Promise<string> {
  const { helm = '' } = await obtainAll(['helm'], () => undefined);
  const values = { defaultPool: { enabled: false } };
  const rendered = objectsOf(renderChart({ helm, chart: join(root, 'charts/osmo'), release: namespace, values }));
  const name = `${namespace}-osmo`;
  const forEverybody = new Set(['pool-view', 'settings'].map((each) => `${name}-${each}`));
  const ours = (object: RenderedObject): boolean =>
    object.kind === 'ClusterRole' || forEverybody.has(object.metadata.name);
  for (const object of rendered.filter(ours)) {
    const type = types[object.kind as 'ClusterRole' | 'ClusterRoleBinding'];
    const groups = [`system:serviceaccounts:${namespace}`, peopleGroup()];
    const everyone = groups.map((group) => ({ apiGroup: rbac, kind: 'Group', name: group }));
    // oxlint-disable-next-line no-await-in-loop
    await admin.create(type, object.kind === 'ClusterRole' ? object : { ...object, subjects: everyone });
    undo.push(() => admin.delete(type, { name: object.metadata.name }));
  }
  return name;
}

const isPerson = (caller: Caller): boolean => (people as readonly Caller[]).includes(caller);
const isAccount = (caller: Caller): boolean => (accounts as readonly Caller[]).includes(caller);
/** How the identity provider calls somebody, and the group that everybody there is in. */
const named = (caller: Caller): string => `${caller}.${namespace}`;
const peopleGroup = (): string => `${namespace}:people`;
const subjectOf = (caller: Caller): object =>
  isPerson(caller)
    ? { apiGroup: rbac, kind: 'User', name: named(caller) }
    : { kind: 'ServiceAccount', name: caller.toLowerCase(), namespace };

async function bind(caller: Caller, role: string, where: 'everywhere' | 'namespace'): Promise<void> {
  const type = where === 'everywhere' ? types.ClusterRoleBinding : types.RoleBinding;
  const name = `${namespace}-${caller.toLowerCase()}-${++serial}`;
  await admin.create(type, {
    apiVersion: `${rbac}/v1`,
    kind: type.kind,
    metadata: { name, ...(where === 'namespace' && { namespace }) },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [subjectOf(caller)],
  } as KubeObject);
  undo.push(() => admin.delete(type, { name, ...(where === 'namespace' && { namespace }) }));
}

/** The right to submit to a pool, as docs/roles.md has it. */
async function poolRole(name: string): Promise<string> {
  const rules = [{ apiGroups: ['osmo.dev'], resources: ['pools'], resourceNames: [name], verbs: ['use'] }];
  const role = `${namespace}-use-${name}`;
  const object = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: role }, rules };
  await admin.create(types.ClusterRole, object);
  undo.push(() => admin.delete(types.ClusterRole, { name: role }));
  return role;
}

async function tokenOf(caller: Caller): Promise<string> {
  const name = caller.toLowerCase();
  await admin.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { body } = await admin.request('POST', path, { body: request });
  return (JSON.parse(body.toString()) as { status: { token: string } }).status.token;
}

/** Long enough for the whole table. */
const inTwoHours = (): number => Math.floor(Date.now() / 1000) + 7200;

/** A token such as an identity provider gives, of one that nobody here knows. */
async function strangersToken(): Promise<string> {
  const other = await playIssuer('https://issuer.example');
  return other.token({ sub: 'admin', preferred_username: named('admin'), groups: [peopleGroup()], exp: inTwoHours() });
}

/** The file by which the gateway knows the identity provider. */
function authConfig(): string {
  folder = mkdtempSync(join(tmpdir(), 'osmo-routes-'));
  const claims = { username: { claim: 'preferred_username', prefix: '' }, groups: { claim: 'groups', prefix: '' } };
  const jwt = [{ issuer: { url: issuer.url, audiences: ['osmo'], allowHttp: true }, claimMappings: claims }];
  const file = join(folder, 'auth.json');
  writeFileSync(file, JSON.stringify({ jwt }));
  return file;
}

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'routes');
  pool = `${namespace}-pool`;
  const roles = await installRoles();
  for (const caller of [...accounts, 'revoked'] as const) {
    // oxlint-disable-next-line no-await-in-loop
    headersOf[caller] = { authorization: `Bearer ${await tokenOf(caller)}` };
  }
  issuer = await serveIssuer();
  for (const caller of people) {
    const claims = { sub: caller, preferred_username: named(caller), groups: [peopleGroup()], exp: inTwoHours() };
    // oxlint-disable-next-line no-await-in-loop
    headersOf[caller] = { authorization: `Bearer ${await issuer.token(claims)}` };
  }
  await admin.delete(ServiceAccount, { name: 'revoked', namespace });
  headersOf.none = {};
  headersOf.wrongIssuer = { authorization: `Bearer ${await strangersToken()}` };
  headersOf.forged = {
    'x-osmo-user': named('admin'),
    'x-osmo-roles': 'osmo-admin',
    'x-osmo-allowed-pools': pool,
    'x-osmo-token-name': 'x',
    'x-forwarded-for': '127.0.0.1',
    'impersonate-user': 'admin',
    'impersonate-group': 'system:masters',
  };
  await bind('viewer', `${roles}-viewer`, 'namespace');
  await bind('other', `${roles}-user`, 'namespace');
  await bind('user', `${roles}-user`, 'namespace');
  await bind('admin', `${roles}-admin`, 'everywhere');
  await bind('backend', `${roles}-backend-hub`, 'everywhere');
  await bind('machine', `${roles}-user`, 'namespace');
  const usesPool = await poolRole(pool);
  for (const caller of ['user', 'machine'] as const) {
    // oxlint-disable-next-line no-await-in-loop
    await bind(caller, usesPool, 'everywhere');
  }
  await bind('other', await poolRole(`${namespace}-another`), 'everywhere');
  undo.push(await enforcePolicy(admin, 'pool-use', namespace));
  const limits = ['--requests-per-second=10000', '--request-burst=10000'];
  const arguments_ = [`--default-namespace=${namespace}`, `--auth-config=${authConfig()}`, ...limits];
  gateway = await startGateway(arguments_, { dev: false });
  maker = makerFor('user');
  await makeFixed();
  await everythingHolds();
  headersOf.revokedToken = { authorization: `Bearer ${await revokedToken()}` };
});

/** Makes fixtures; those that are somebody's own are this caller's. */
function makerFor(owner: Caller): Maker {
  const sendAs =
    (caller: Caller): Maker['send'] =>
    async (method, path, body) => {
      const { status, text } = await ask(caller, method, path, body);
      if (status !== 200) throw new Error(`${method} ${path} by ${caller}: ${status} ${text}`);
    };
  return { admin, namespace, pool, send: sendAs('admin'), sendOwn: sendAs(owner) };
}

/** An access token that worked, and doesn't any more. */
async function revokedToken(): Promise<string> {
  const person = `${namespace}-person`;
  await makeFixture(maker, 'person', person);
  const path = `/api/auth/user/${person}/access_token/made`;
  const { text } = await ask('admin', 'POST', path);
  const token = JSON.parse(text) as string;
  headersOf.revokedToken = { authorization: `Bearer ${token}` };
  await until(
    () => ask('revokedToken', 'GET', '/api/profile/settings'),
    ({ status }) => status === 200,
  );
  await maker.send('DELETE', path);
  await until(
    () => ask('revokedToken', 'GET', '/api/profile/settings'),
    ({ status }) => status === 401,
  );
  return token;
}

/** What reads are about. */
async function makeFixed(): Promise<void> {
  await makeFixture(maker, 'pool', pool);
  await makeFixture(maker, 'backend', pool);
  const allocatable = { cpu: '4', memory: '32Gi', storage: '100Gi', gpu: 1 };
  const shapes = [{ id: 'node', count: 1, available: 1, labels: {}, taints: [], allocatable }];
  const body = { status: { conditions: [], shapes } };
  await admin.patch(Backends, { name: pool }, { kind: 'merge', body }, { subresource: 'status' });
  undo.push(() => admin.delete(Pools, { name: pool }));
  undo.push(() => admin.delete(Platforms, { name: pool }));
  undo.push(() => admin.delete(Backends, { name: pool }));
  await makeFixture(maker, 'failed workflow', 'w-fixed');
  // The rights of the administrator get about.
  await until(
    () => maker.send('POST', '/api/bucket/b-fixed', { url: 's3://bucket/prefix' }),
    () => true,
  );
  await makeFixture(maker, 'dataset', 'd-fixed');
  await makeFixture(maker, 'app', 'a-fixed');
  for (const [fixture, name] of [
    ['own token', 't-fixed'],
    ['own credential', 'c-fixed'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    await until(
      () => makeFixture(maker, fixture, name),
      () => true,
    );
  }
}

/** Rights, policies and caches get about in their own time: until then nothing is judged. */
async function everythingHolds(): Promise<void> {
  const path = `/api/pool/${pool}/workflow?validation_only=true`;
  const { body } = routes['POST /api/pool/{pool}/workflow'] ?? {};
  const wanted = { viewer: 403, other: 403, user: 200, admin: 200 } as const;
  for (const [caller, status] of Object.entries(wanted)) {
    // oxlint-disable-next-line no-await-in-loop
    await until(
      () => ask(caller as Caller, 'POST', path, body),
      (answer) => answer.status === status && (caller !== 'other' || answer.text.includes('may not use this pool')),
    );
  }
  for (const caller of ['viewer', 'other', 'user', 'admin'] as const) {
    // oxlint-disable-next-line no-await-in-loop
    await until(
      () => ask(caller, 'GET', '/api/workflow?all_users=true'),
      ({ text }) => text.includes('w-fixed'),
    );
  }
  for (const [own, name] of [
    ['/api/auth/access_token', 't-fixed'],
    ['/api/credentials', 'c-fixed'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    await until(
      () => ask('user', 'GET', own),
      ({ text }) => text.includes(name),
    );
  }
  await until(
    () => ask('backend', 'GET', `/api/configs/backend/${pool}`),
    ({ status }) => status === 200,
  );
}

afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await issuer?.close();
  rmSync(folder, { recursive: true, force: true });
  await Promise.allSettled(undo.map((each) => each()));
  await admin.delete(Namespace, { name: namespace });
  await admin.close();
});

/** Asks once; of an answer that has no end only the beginning is read. */
async function ask(
  caller: Caller,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const leave = new AbortController();
  const response = await gateway.send(path, {
    method,
    headers: { ...headersOf[caller], ...(body !== undefined && { 'content-type': 'application/json' }) },
    signal: leave.signal,
    redirect: 'manual',
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const isStream = response.status === 200 && /^\/api\/(watch\/|workflow\/[^/]+\/(logs|error_logs|events))/.test(path);
  const text = isStream ? '' : await response.text();
  leave.abort();
  return { status: response.status, text };
}

const pathOf = (route: string): string => route.slice(route.indexOf(' ') + 1);
const methodOf = (route: string): string => route.slice(0, route.indexOf(' '));

/** What upstream has and this gateway does not is refused to nobody in particular: it isn't there. */
const notThere = (operations: readonly Operation[], answer: number): [string, Row][] =>
  operations.map(({ method, path, open }) => [
    `${method.toUpperCase()} ${path}`,
    { may: open === true ? everybody : signedIn, answer },
  ]);
const allRoutes = {
  ...Object.fromEntries([...notThere(notOffered(), 404), ...notThere(configuredElsewhere(), 409)]),
  ...routes,
};

describe.each(Object.entries(allRoutes))('%s', (route, row) => {
  const filled = (text: string, it: string): string =>
    text
      .replaceAll('POOL', pool)
      .replaceAll('NAMESPACE', namespace)
      .replaceAll('ROLE', `${namespace}-osmo-viewer`)
      .replaceAll('IT', it);
  const attempt = async (caller: Caller, it: string) => {
    const body = row.body === undefined ? undefined : (JSON.parse(filled(JSON.stringify(row.body), it)) as unknown);
    return ask(caller, methodOf(route), filled(row.path ?? pathOf(route), it), body);
  };
  const fixture = async (caller: Caller): Promise<string> => {
    const name = `${namespace}-${++serial}`;
    // Who can have none of their own finds none.
    const hasOwn = !isAccount(caller) || row.fixture !== 'own token';
    if (row.fixture !== undefined && hasOwn) await makeFixture(makerFor(caller), row.fixture, name);
    return name;
  };

  test('refuses', async () => {
    const it = await fixture('user');
    const refused = everybody.filter((caller) => !row.may.includes(caller));
    const statuses: Record<string, number> = {};
    for (const caller of refused) {
      // oxlint-disable-next-line no-await-in-loop
      statuses[caller] = (await attempt(caller, it)).status;
    }
    const wanted = refused.map((caller) => [caller, callers[caller] === 'no identity' ? 401 : 403]);
    expect(statuses).toEqual(Object.fromEntries(wanted));
  });

  test('answers', async () => {
    for (const caller of row.may) {
      const want = (isAccount(caller) ? row.accounts : undefined) ?? row.answer ?? 200;
      // oxlint-disable-next-line no-await-in-loop
      const it = await fixture(caller);
      // oxlint-disable-next-line no-await-in-loop
      const { status, text } = await until(
        () => attempt(caller, it),
        (answer) => answer.status === want,
      );
      if (row.sees === undefined) continue;
      const sees = text.includes(filled(row.sees.text, it));
      expect([caller, status, sees]).toEqual([caller, want, row.sees.by.includes(caller)]);
    }
  });
});

test('a token of somebody is nobody else’s by the routes of one’s own', async () => {
  const name = `${namespace}-${++serial}`;
  await makeFixture(makerFor('user'), 'own token', name);
  for (const caller of signedIn.filter((each) => each !== 'user')) {
    const path = `/api/auth/access_token/${name}`;
    // oxlint-disable-next-line no-await-in-loop
    expect([caller, (await ask(caller, 'GET', `${path}/roles`)).status]).toEqual([caller, 404]);
    // oxlint-disable-next-line no-await-in-loop
    expect([caller, (await ask(caller, 'DELETE', path)).status]).toEqual([caller, 404]);
  }
  await until(
    () => ask('user', 'GET', '/api/auth/access_token'),
    ({ text }) => text.includes(`"${name}"`),
  );
});

test('every route has a row, and every row a route', async () => {
  const { text } = await ask('none', 'GET', '/api/openapi.json');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, unknown>> };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(Object.keys(routes).toSorted()).toEqual(documented.toSorted());
});
