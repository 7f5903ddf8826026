import { describe, expect, test } from '@jest/globals';
import { devMode } from './dev.ts';

const signIn = devMode(['osmo:dev']);
const local = { remoteAddress: '127.0.0.1', headers: { host: '127.0.0.1:8000', 'x-osmo-user': 'ada' } };

test('a name is believed for this machine’s own connections', async () => {
  const ada = { user: 'ada', groups: ['osmo:dev', 'system:authenticated'], method: 'dev' };
  expect(await signIn(local)).toEqual(ada);
  for (const remoteAddress of ['::1', '::ffff:127.0.0.1', '127.1.2.3']) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await signIn({ ...local, remoteAddress })).toEqual(ada);
  }
  for (const host of ['localhost', 'LOCALHOST:80', '[::1]:8000']) {
    // oxlint-disable-next-line no-await-in-loop
    expect(await signIn({ ...local, headers: { ...local.headers, host } })).toEqual(ada);
  }
});

test('a request without the header is somebody else’s business', async () => {
  expect(await signIn({ remoteAddress: '127.0.0.1', headers: { host: 'localhost' } })).toBeUndefined();
});

describe('is refused', () => {
  const headers = (extra: object) => ({ ...local, headers: { ...local.headers, ...extra } });
  test.each([
    ['from another machine', { ...local, remoteAddress: '10.0.0.7' }],
    [
      'from another machine that says it is this one',
      { ...headers({ 'x-forwarded-for': '127.0.0.1' }), remoteAddress: '10.0.0.7' },
    ],
    ['from nowhere', { ...local, remoteAddress: undefined }],
    ['from an address that only looks local', { ...local, remoteAddress: '127.0.0.1.example.com' }],
    ['a name in the browser that was pointed here', headers({ host: 'rebound.example.com' })],
    ['no host', headers({ host: undefined })],
    ['a host that only begins well', headers({ host: 'localhost.example.com' })],
    ['the cluster’s own names', headers({ 'x-osmo-user': 'system:admin' })],
    ['an empty name', headers({ 'x-osmo-user': '' })],
    ['two names', headers({ 'x-osmo-user': 'ada, root' })],
    ['a line break', headers({ 'x-osmo-user': 'ada\nimpersonate-group: x' })],
    ['a long name', headers({ 'x-osmo-user': 'a'.repeat(200) })],
  ])('%s', async (_, claims) => {
    await expect(signIn(claims)).rejects.toMatchObject({ status: 401 });
  });
});
