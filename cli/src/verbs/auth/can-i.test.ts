import { expect, test } from '@jest/globals';
import { type SeenRequest, testHost } from '../../testing/test-host.ts';

const yes = {
  allowed: true,
  user: 'ada',
  rights: [{ right: 'create workflows.osmo.dev in the namespace "lab"', allowed: true }],
};
const no = {
  allowed: false,
  user: 'ada',
  rights: [
    { right: 'create workflows.osmo.dev in the namespace "lab"', allowed: true },
    { right: 'use pools.osmo.dev "gpu"', allowed: false },
  ],
};
const limited = { ...yes, allowed: false, reason: 'the access token ci is limited to the roles osmo-viewer' };
const answering = (verdict: object) => (request: SeenRequest) =>
  request.line.startsWith('GET /api/profile') ? { json: { profile: { pool: 'lab' } } } : { json: verdict };

test('prints yes, in the default pool when none is given', async () => {
  using made = testHost(answering(yes));
  expect([await made.run('auth', 'can-i', 'submit'), made.out().trim(), made.err()]).toEqual([0, 'yes', '']);
  expect(made.requests.map(({ line }) => line)).toEqual([
    'GET /api/profile/settings',
    'GET /api/auth/can-i?do=submit&pool=lab',
  ]);
});

test('asks for no pool where none matters', async () => {
  using made = testHost(answering(yes));
  expect(await made.run('auth', 'can-i', 'logs', '--namespace', 'robots')).toBe(0);
  expect(made.requests.map(({ line }) => line)).toEqual(['GET /api/auth/can-i?do=logs&namespace=robots']);
});

test('prints no, ends with another code than 0, and says what is missing', async () => {
  using made = testHost(answering(no));
  expect([await made.run('auth', 'can-i', 'submit', '-p', 'gpu'), made.out().trim()]).toEqual([2, 'no']);
  expect(made.err()).toContain('user "ada" has no right to use pools.osmo.dev "gpu"');
  using other = testHost(answering(limited));
  expect(await other.run('auth', 'can-i', 'submit', '-p', 'gpu')).toBe(2);
  expect(other.err()).toContain('limited to the roles osmo-viewer');
});

test('refuses what is no question, and prints the whole answer as JSON', async () => {
  using wrong = testHost(answering(yes));
  expect(await wrong.run('auth', 'can-i', 'fly')).toBe(2);
  expect(wrong.requests).toEqual([]);
  using made = testHost(answering(yes));
  expect(await made.run('auth', 'can-i', 'list', '-t', 'json')).toBe(0);
  expect(JSON.parse(made.out())).toEqual(yes);
});
