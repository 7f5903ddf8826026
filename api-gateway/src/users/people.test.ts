import { describe, expect, test } from '@jest/globals';
import { type User, userObjectName } from '@osmo/crds';
import { FakeClock, recordingLogger } from '@osmo/kube/testing';
import { LastUsed } from '../access-tokens/last-used.ts';
import type { Identity } from '../identity/identity.ts';
import { keptGroups, Logins } from './logins.ts';
import { userNameOf } from './names.ts';
import { patternsOf, roleCatalog } from './role-catalog.ts';

const role = (name: string, actions?: string) =>
  ({ metadata: { name, annotations: actions === undefined ? {} : { 'osmo.dev/actions': actions } } }) as never;

describe('roles of tokens', () => {
  const catalog = roleCatalog({
    get: (_: unknown, name: string) => (name === 'reader' ? role('reader', 'workflow:Read, pool:*') : undefined),
    list: () => [role('reader')],
  } as never);
  const limited = (roles?: string[]): Identity => ({
    user: 'ada',
    groups: [],
    method: 'access-token',
    accessToken: { name: 'ci', ...(roles && { roles }) },
  });
  test.each<[string, Identity, Parameters<typeof catalog.demand>[1]['action'], boolean]>([
    ['one without roles', limited(), 'config:Update', true],
    ['nobody’s token', { user: 'ada', groups: [], method: 'oidc' }, 'config:Update', true],
    ['a role that has it', limited(['reader']), 'workflow:Read', true],
    ['a role that has all of its kind', limited(['reader']), 'pool:List', true],
    ['a role that has it not', limited(['reader']), 'workflow:Create', false],
    ['a role that is gone', limited(['gone']), 'workflow:Read', false],
    ['no role', limited([]), 'workflow:Read', false],
    ['what everybody may', limited([]), 'profile:Read', true],
  ])('%s', (_, caller, action, may) => {
    const demand = () => catalog.demand(caller, { action });
    if (may) expect(demand).not.toThrow();
    else expect(demand).toThrow(expect.objectContaining({ status: 403 }));
  });
  test('words that are none count for nothing', () => {
    expect(patternsOf(role('x', 'workflow:*,pool:List  *:* nonsense workflow:Nonsense *:List :* *'))).toEqual([
      'workflow:*',
      'pool:List',
      '*:*',
    ]);
    expect(patternsOf(role('x'))).toEqual([]);
  });
});

describe('logins', () => {
  function setUp(known?: Partial<User>) {
    const clock = new FakeClock('2026-03-01T12:00:00Z');
    const writes: unknown[] = [];
    const user = known && ({ metadata: { name: 'x' }, spec: { user: 'ada' }, ...known } as User);
    const logins = new Logins({
      users: { get: () => user } as never,
      client: {
        get: async () => user,
        create: async (_: unknown, object: unknown) => void writes.push(object) as never,
        patch: async (_: unknown, ref: unknown, patch: { body: unknown }) => {
          writes.push(patch.body);
          return { metadata: ref, spec: { user: 'ada' } } as never;
        },
      } as never,
      clock,
      logger: recordingLogger(),
    });
    return { logins, writes, clock };
  }
  const ada: Identity = { user: 'ada', groups: ['b', 'system:authenticated', 'a', 'b'], method: 'oidc' };
  const status = { groups: ['a', 'b'], method: 'oidc', lastLoginTime: '2026-03-01T12:00:00Z' };

  test('the first makes a User, with the groups that it brought', async () => {
    const { logins, writes } = setUp();
    await logins.ensure(ada);
    expect(writes).toEqual([
      expect.objectContaining({
        metadata: expect.objectContaining({ name: userObjectName('ada') }),
        spec: { user: 'ada' },
      }),
      { status },
    ]);
  });
  test('one that says nothing new writes nothing, and after an hour the time', async () => {
    const { logins, writes, clock } = setUp({ status });
    await logins.ensure(ada);
    expect(writes).toEqual([]);
    clock.advance(3_600_000);
    await logins.ensure(ada);
    expect(writes).toEqual([{ status: { ...status, lastLoginTime: '2026-03-01T13:00:00Z' } }]);
  });
  test('a group that is lost is noted', async () => {
    const { logins, writes } = setUp({ status });
    await logins.ensure({ ...ada, groups: ['a'] });
    expect(writes).toEqual([{ status: { ...status, groups: ['a'] } }]);
  });
  test('somebody with an access token brings no groups', async () => {
    const { logins, writes } = setUp({ status });
    await logins.ensure({ ...ada, groups: [], method: 'access-token' });
    expect(writes).toEqual([]);
  });
  test('who is seen without anybody waiting is noted once for a while, and only after a login', () => {
    const { logins, writes } = setUp({});
    for (const method of ['dev', 'token', 'access-token', 'none'] as const) logins.note({ ...ada, method });
    logins.note({ ...ada, user: 'system:serviceaccount:a:b' });
    expect(writes).toEqual([]);
    logins.note(ada);
    logins.note(ada);
    expect(writes).toHaveLength(1);
  });
  test('identities of the cluster have none', async () => {
    await expect(setUp().logins.ensure({ ...ada, user: 'system:serviceaccount:a:b' })).rejects.toMatchObject({
      status: 400,
    });
  });
  test('what the cluster gives is no group that is kept', () => {
    expect(keptGroups(['system:masters', '', 'x'.repeat(257), 'b', 'a', 'a'])).toEqual(['a', 'b']);
  });
});

test('the last use of a token is written once an hour', async () => {
  const clock = new FakeClock('2026-03-01T12:00:00Z');
  const written: string[] = [];
  const client = {
    patch: async (_: unknown, __: unknown, { body }: { body: { status: { lastUsedTime: string } } }) => {
      written.push(body.status.lastUsedTime);
    },
  };
  const used = new LastUsed(client as never, clock, recordingLogger());
  const token = (lastUsedTime?: string) =>
    ({
      metadata: { name: 'a', uid: 'u' },
      spec: { user: 'ada', name: 'ci' },
      ...(lastUsedTime && { status: { lastUsedTime } }),
    }) as never;
  used.note(token('2026-03-01T11:30:00Z'));
  expect(written).toEqual([]);
  used.note(token());
  used.note(token());
  expect(written).toEqual(['2026-03-01T12:00:00Z']);
  clock.advance(3_600_001);
  used.note(token('2026-03-01T12:00:00Z'));
  expect(written).toEqual(['2026-03-01T12:00:00Z', '2026-03-01T13:00:00Z']);
});

test.each(['', ' ada', 'a\nb', 'system:admin', 'a'.repeat(257)])('%j is no name of a user', (name) => {
  expect(() => userNameOf('id', name)).toThrow(/^id: /);
});
