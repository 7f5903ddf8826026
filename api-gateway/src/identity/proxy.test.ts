import { describe, expect, test } from '@jest/globals';
import { networkOf, proxyNetworks, trustedProxies } from './proxy.ts';

const isTrusted = proxyNetworks(['10.1.0.0/16', '192.0.2.7', 'fd00::/8']);
const signIn = trustedProxies(isTrusted, {});
const from = (remoteAddress: string | undefined, headers: Record<string, string | string[]> = {}) =>
  signIn({ remoteAddress, headers: { 'x-osmo-user': 'ada@example.com', ...headers } });

test('a trusted proxy says who is calling, and in which roles', async () => {
  const headers = { 'x-osmo-roles': 'osmo-user, lab,,lab', 'x-osmo-token-name': 'ci' };
  const want = {
    user: 'ada@example.com',
    groups: ['proxy:osmo-user', 'proxy:lab', 'system:authenticated'],
    method: 'proxy',
    accessToken: { name: 'ci' },
  };
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1']) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await from(address, headers)).toEqual(want);
  }
  expect(await from('10.1.2.3')).toEqual({
    user: 'ada@example.com',
    groups: ['system:authenticated'],
    method: 'proxy',
  });
});

test.each([
  ['another machine', '10.2.0.1'],
  ['a neighbour', '192.0.2.8'],
  ['this machine', '127.0.0.1'],
  ['nowhere', undefined],
  ['what is no address', '10.1.2.3.example.com'],
])('of %s the headers are believed nothing', async (_, address) => {
  expect(await from(address, { 'x-forwarded-for': '10.1.2.3' })).toBeUndefined();
});

test('a request without the header is somebody else’s business', async () => {
  expect(await signIn({ remoteAddress: '10.1.2.3', headers: { 'x-osmo-roles': 'osmo-admin' } })).toBeUndefined();
});

describe('from a trusted proxy too is refused', () => {
  test.each<[string, Record<string, string | string[]>]>([
    ['no name', { 'x-osmo-user': '' }],
    ['a name of the cluster', { 'x-osmo-user': 'system:admin' }],
    ['a line break', { 'x-osmo-user': 'ada\nimpersonate-group: x' }],
    ['blanks around a name', { 'x-osmo-user': ' ada' }],
    ['a long name', { 'x-osmo-user': 'a'.repeat(257) }],
    ['a long role', { 'x-osmo-roles': 'a'.repeat(201) }],
    ['a role with a control character', { 'x-osmo-roles': 'a\u0007' }],
    ['too many roles', { 'x-osmo-roles': Array.from({ length: 257 }, (_, at) => `r${at}`).join(',') }],
  ])('%s', async (_, headers) => {
    await expect(from('10.1.2.3', headers)).rejects.toMatchObject({ status: 401 });
  });
  test('a role that would be the cluster’s own group', async () => {
    const bare = trustedProxies(isTrusted, { groupPrefix: '' });
    const headers = { 'x-osmo-user': 'ada', 'x-osmo-roles': 'system:masters' };
    await expect(bare({ remoteAddress: '10.1.2.3', headers })).rejects.toMatchObject({ status: 401 });
  });
});

test('prefixes keep names of the proxy apart from others', async () => {
  const prefixed = trustedProxies(isTrusted, { usernamePrefix: 'sso:', groupPrefix: 'sso:' });
  const headers = { 'x-osmo-user': 'ada', 'x-osmo-roles': 'lab' };
  expect(await prefixed({ remoteAddress: '10.1.2.3', headers })).toMatchObject({
    user: 'sso:ada',
    groups: ['sso:lab', 'system:authenticated'],
  });
});

test.each(['', 'everybody', '0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/-1', '10.0.0.0/8/8'])(
  '%j is no network of proxies',
  (text) => {
    expect(networkOf(text)).toBeUndefined();
    expect(() => proxyNetworks([text])).toThrow(RangeError);
  },
);
