import { describe, expect, test } from '@jest/globals';
import type { AccessToken, User } from '@osmo/crds';
import { actingAs } from './acting.ts';
import { endOf, tokenNameOf } from './make.ts';
import { hashLabel, hashOf, isSecret, newSecret } from './secret.ts';

const now = new Date('2026-03-01T12:00:00Z');
const token = (spec: object = {}, metadata: object = {}): AccessToken =>
  ({
    metadata: { name: 'ada-1.ci-1', ...metadata },
    spec: {
      user: 'ada',
      name: 'ci',
      hash: '',
      groups: ['lab', 'night'],
      expirationTime: '2026-03-02T00:00:00Z',
      ...spec,
    },
  }) as unknown as AccessToken;
const ada = (groups?: string[], user = 'ada'): User =>
  ({ metadata: { name: 'ada-1' }, spec: { user }, ...(groups && { status: { groups } }) }) as unknown as User;

describe('who somebody with a token is', () => {
  test('its user, in those of its groups that they still have', () => {
    expect(actingAs(token(), ada(['lab', 'new']), now)).toEqual({
      user: 'ada',
      groups: ['lab', 'system:authenticated'],
      method: 'access-token',
      accessToken: { name: 'ci' },
    });
  });
  test('in no group when nobody knows theirs', () => {
    expect(actingAs(token(), ada(), now)).toMatchObject({ groups: ['system:authenticated'] });
  });
  test('in none that is the cluster’s own, whoever has written it', () => {
    const groups = ['system:masters', 'lab'];
    expect(actingAs(token({ groups }), ada(groups), now)).toMatchObject({ groups: ['lab', 'system:authenticated'] });
  });
  test('limited to its roles, also to none', () => {
    expect(actingAs(token({ roles: [] }), ada(), now)).toMatchObject({ accessToken: { name: 'ci', roles: [] } });
  });
  test.each<[string, AccessToken, User | undefined, RegExp]>([
    ['has ended to the second', token({ expirationTime: '2026-03-01T12:00:00Z' }), ada(), /has ended/],
    ['ends at no time', token({ expirationTime: 'never' }), ada(), /has ended/],
    ['is being deleted', token({}, { deletionTimestamp: 'x' }), ada(), /revoked/],
    ['has lost its user', token(), undefined, /is gone/],
    ['is another’s', token(), ada([], 'eve'), /is gone/],
    ['is the cluster’s own', token({ user: 'system:admin' }), ada([], 'system:admin'), /is gone/],
  ])('nobody when it %s', (_, given, user, said) => {
    expect(actingAs(given, user, now)).toEqual({ refusal: expect.stringMatching(said) });
  });
});

describe('the end of a token', () => {
  test.each([
    [undefined, 365, '2026-04-01T00:00:00Z'],
    [undefined, 7, '2026-03-08T00:00:00Z'],
    ['2026-03-02', 365, '2026-03-02T00:00:00Z'],
    ['2027-03-01', 365, '2027-03-01T00:00:00Z'],
  ])('of %s, within %s days, is %s', (day, most, want) => expect(endOf(day, now, most)).toBe(want));
  test.each([
    ['2026-03-01', /in the future/],
    ['2027-03-02', /2027-03-01 at most/],
    ['2026-02-29', /must be a day/],
    ['2026-3-5', /must be a day/],
    ['+2026-03-05', /must be a day/],
    ['', /must be a day/],
  ])('is not %j', (day, said) => expect(() => endOf(day, now, 365)).toThrow(said));
});

test.each(['', '1st', 'a-', 'a b', 'a/b', 'ä', 'a'.repeat(65)])('%j is no name of a token', (name) => {
  expect(() => tokenNameOf(name)).toThrow(/^name: /);
});

test('a secret is known by its form, and its hash by a label', () => {
  const secret = newSecret();
  expect(isSecret(secret)).toBe(true);
  expect(newSecret()).not.toBe(secret);
  for (const other of ['', 'a.b.c', secret.slice(1), `${secret}x`, `${secret.slice(1)}=`])
    expect(isSecret(other)).toBe(false);
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(hashLabel(hashOf(secret))).toMatch(/^[0-9a-f]{63}$/);
});
