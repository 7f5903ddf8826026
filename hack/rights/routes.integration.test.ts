import { generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, type KubeObject, Namespace, resourceType, ServiceAccount } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { configuredElsewhere } from '../../api-gateway/src/config/settings-operations.ts';
import type { Operation } from '../../api-gateway/src/http/operation.ts';
import { Backends, Platforms, Pools } from '../../api-gateway/src/kinds.ts';
import { notOffered } from '../../api-gateway/src/system/not-offered.ts';
import { startGateway, type TestGateway } from '../../api-gateway/src/testing/gateway.ts';
import { enforcePolicy } from '../../api-gateway/src/testing/policies.ts';
import { obtainAll } from '../cluster/components/obtain.ts';
import { objectsOf, renderChart, type RenderedObject } from '../install/rendered-chart.ts';
import { makeFixture, type Maker } from './fixtures.ts';
import { type Caller, callers, everybody, type Row, routes, signedIn } from './routes.ts';

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
let serial = 0;
const headersOf = {} as Record<Caller, Record<string, string>>;
const undo: (() => Promise<unknown>)[] = [];

/** The chart's roles under names of this run, and its bindings for everybody for the callers of this run alone. */
async function installRoles(): Promise<string> {
  const { helm = '' } = await obtainAll(['helm'], () => undefined);
  const values = { defaultPool: { enabled: false } };
  const rendered = objectsOf(renderChart({ helm, chart: join(root, 'charts/osmo'), release: namespace, values }));
  const name = `${namespace}-osmo`;
  const ours = (object: RenderedObject): boolean =>
    object.kind === 'ClusterRole' || object.metadata.name === `${name}-pool-view`;
  for (const object of rendered.filter(ours)) {
    const type = types[object.kind as 'ClusterRole' | 'ClusterRoleBinding'];
    const everyone = [{ apiGroup: rbac, kind: 'Group', name: `system:serviceaccounts:${namespace}` }];
    // oxlint-disable-next-line no-await-in-loop
    await admin.create(type, object.kind === 'ClusterRole' ? object : { ...object, subjects: everyone });
    undo.push(() => admin.delete(type, { name: object.metadata.name }));
  }
  return name;
}

async function bind(caller: Caller, role: string, where: 'everywhere' | 'namespace'): Promise<void> {
  const type = where === 'everywhere' ? types.ClusterRoleBinding : types.RoleBinding;
  const name = `${namespace}-${caller.toLowerCase()}-${++serial}`;
  await admin.create(type, {
    apiVersion: `${rbac}/v1`,
    kind: type.kind,
    metadata: { name, ...(where === 'namespace' && { namespace }) },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: caller.toLowerCase(), namespace }],
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

/** A token such as an identity provider gives, of one that nobody here knows. */
function strangersToken(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { iss: 'https://issuer.example', sub: 'admin', aud: 'osmo', iat: seconds, exp: seconds + 3600 };
  const text = `${part({ alg: 'ES256', typ: 'JWT', kid: 'k' })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'routes');
  pool = `${namespace}-pool`;
  const roles = await installRoles();
  for (const caller of [...signedIn, 'revoked'] as const) {
    // oxlint-disable-next-line no-await-in-loop
    headersOf[caller] = { authorization: `Bearer ${await tokenOf(caller)}` };
  }
  await admin.delete(ServiceAccount, { name: 'revoked', namespace });
  headersOf.none = {};
  headersOf.wrongIssuer = { authorization: `Bearer ${strangersToken()}` };
  headersOf.forged = {
    'x-osmo-user': `system:serviceaccount:${namespace}:admin`,
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
  await bind('user', await poolRole(pool), 'everywhere');
  await bind('other', await poolRole(`${namespace}-another`), 'everywhere');
  undo.push(await enforcePolicy(admin, 'pool-use', namespace));
  const arguments_ = [`--default-namespace=${namespace}`, '--requests-per-second=10000', '--request-burst=10000'];
  gateway = await startGateway(arguments_, { dev: false });
  maker = {
    ...{ admin, namespace, pool },
    async send(method, path, body) {
      const { status, text } = await ask('admin', method, path, body);
      if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
    },
  };
  await makeFixed();
  await everythingHolds();
  headersOf.revokedToken = { authorization: `Bearer ${await revokedToken()}` };
});

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
  await until(
    () => ask('backend', 'GET', `/api/configs/backend/${pool}`),
    ({ status }) => status === 200,
  );
}

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
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
    text.replaceAll('POOL', pool).replaceAll('ROLE', `${namespace}-osmo-viewer`).replaceAll('IT', it);
  const attempt = async (caller: Caller, it: string) => {
    const body = row.body === undefined ? undefined : (JSON.parse(filled(JSON.stringify(row.body), it)) as unknown);
    return ask(caller, methodOf(route), filled(row.path ?? pathOf(route), it), body);
  };
  const fixture = async (): Promise<string> => {
    const name = `${namespace}-${++serial}`;
    if (row.fixture !== undefined) await makeFixture(maker, row.fixture, name);
    return name;
  };

  test('refuses', async () => {
    const it = await fixture();
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
    const want = row.answer ?? 200;
    for (const caller of row.may) {
      // oxlint-disable-next-line no-await-in-loop
      const it = await fixture();
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

test('every route has a row, and every row a route', async () => {
  const { text } = await ask('none', 'GET', '/api/openapi.json');
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, unknown>> };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(Object.keys(routes).toSorted()).toEqual(documented.toSorted());
});
