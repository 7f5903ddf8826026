import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accessTokenObjectName, type AccessToken, type User, userObjectName } from '@osmo/crds';
import { createImpersonator, type KubeClient, KubeError, loadAccess, systemClock } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, testKubeconfig, until } from '@osmo/kube/testing';
import { AccessTokens, Users } from '../kinds.ts';
import { enforcePolicy } from '../testing/policies.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let namespace: string;
let impersonator: ReturnType<typeof createImpersonator>;
const undo: (() => Promise<unknown>)[] = [];

const named = (name: string): string => `${name}@${namespace}.example.com`;
const as = (name: string): KubeClient => impersonator.as({ user: named(name), groups: ['system:authenticated'] });
const user = (name: string): User => ({
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'User',
  metadata: { name: userObjectName(named(name)) },
  spec: { user: named(name) },
});
const token = (name: string): AccessToken => ({
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'AccessToken',
  metadata: { name: accessTokenObjectName(named(name), 'own') },
  spec: { user: named(name), name: 'own', hash: '0'.repeat(64), groups: [], expirationTime: '2999-01-01T00:00:00Z' },
});
const setPool = (by: string, whose: string, pool: string): Promise<User> =>
  as(by).patch(Users, { name: userObjectName(named(whose)) }, { kind: 'merge', body: { spec: { pool } } });
/** Message of a refusal; '' when it was taken. */
const refusal = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return '';
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return error.message;
    throw error;
  }
};

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'users');
  impersonator = createImpersonator({
    access: await loadAccess({ kubeconfig: testKubeconfig(), clock: systemClock, env: {} }),
    userAgent: 'api-gateway-test',
  });
  // More than the chart gives: the policies are to hold for those who have it.
  const rule = (verbs: string[], resources = ['users']) => ({ apiGroups: ['osmo.dev'], resources, verbs });
  const all = ['get', 'list', 'create', 'patch', 'update', 'delete'];
  for (const [name, rules] of [
    ['ada', [rule(all), rule(all, ['accesstokens'])]],
    ['grace', [rule([...all, 'manage']), rule(all, ['accesstokens'])]],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    undo.push(await grant(admin, `${namespace}-${name}`, { kind: 'User', name: named(name) }, rules));
  }
  for (const name of ['ada', 'eve']) {
    // oxlint-disable-next-line no-await-in-loop
    await admin.create(Users, user(name));
    undo.push(() => admin.delete(Users, { name: userObjectName(named(name)) }));
  }
  undo.push(
    await enforcePolicy(admin, 'user-settings', namespace),
    await enforcePolicy(admin, 'access-token-issue', namespace),
  );
  // The apiserver reads policies and rights in its own time.
  const tried = async (name: string): Promise<string[]> =>
    Promise.all([
      refusal(as(name).create(Users, user('new'), { dryRun: true })),
      refusal(as(name).create(AccessTokens, token(name), { dryRun: true })),
    ]);
  await until(
    async () => [...(await tried('ada')), ...(await tried('grace'))],
    ([made, issued, managed, issuedToo]) =>
      made?.includes('may only change their own') === true &&
      issued?.includes('may not make access tokens') === true &&
      managed === '' &&
      issuedToo?.includes('may not make access tokens') === true,
  );
});
afterAll(async () => {
  await Promise.allSettled(undo.map((each) => each()));
  await impersonator.own.close();
  await admin.close();
});

test('everybody changes their own settings, and nobody else’s', async () => {
  expect((await setPool('ada', 'ada', 'lab')).spec.pool).toBe('lab');
  expect(await refusal(setPool('ada', 'eve', 'lab'))).toContain('may only change their own settings');
  const renamed = as('ada').patch(
    Users,
    { name: userObjectName(named('ada')) },
    { kind: 'merge', body: { spec: { user: named('eve') } } },
  );
  await expect(renamed).rejects.toBeInstanceOf(KubeError);
});

test('who manages users changes those of others', async () => {
  expect((await setPool('grace', 'eve', 'night')).spec.pool).toBe('night');
});

test('nobody makes a token by hand, not even for themselves, but who may do everything', async () => {
  for (const name of ['ada', 'grace']) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await refusal(as(name).create(AccessTokens, token(name)))).toContain('use "osmo token set"');
  }
  const made = await admin.create(AccessTokens, token('eve'));
  // Whoever may delete one revokes it.
  await as('ada').delete(AccessTokens, { name: made.metadata.name });
});
