import { describe, expect, test } from '@jest/globals';
import { testHost, type TestHost } from '../../testing/test-host.ts';

const tokens = [
  { token_name: 'ci', description: 'nightly', expires_at: '2026-02-02T00:00:00', roles: ['a', 'b'] },
  { token_name: 'old', description: null, expires_at: '2026-02-01 00:00:00', roles: [] },
];
const roles = {
  token_name: 'ci',
  user_name: 'ada',
  roles: [{ role_name: 'a', assigned_by: 'eve', assigned_at: '2026-01-31T12:05:00.123456' }],
};
const machine = (): TestHost =>
  testHost(({ line }) => {
    if (line.includes('/roles')) return { json: roles };
    if (line.startsWith('GET')) return { json: tokens };
    return { json: line.startsWith('POST') ? 'the-secret' : null };
  });

describe('requests are upstream’s', () => {
  test.each<[string, string]>([
    ['token set ci', 'POST /api/auth/access_token/ci?expires_at=2026-03-04'],
    [
      'token set ci -e 2027-01-31 -d nightly -r a b --roles c',
      'POST /api/auth/access_token/ci?expires_at=2027-01-31&description=nightly&roles=a&roles=b&roles=c',
    ],
    ['token set ci -u robot/1', 'POST /api/auth/user/robot%2F1/access_token/ci?expires_at=2026-03-04'],
    ['token list', 'GET /api/auth/access_token'],
    ['token list -u eve', 'GET /api/auth/user/eve/access_token'],
    ['token delete ci', 'DELETE /api/auth/access_token/ci'],
    ['token delete ci --user eve', 'DELETE /api/auth/user/eve/access_token/ci'],
    ['token roles ci', 'GET /api/auth/access_token/ci/roles'],
  ])('osmo %s', async (line, request) => {
    using made = machine();
    expect(await made.run(...line.split(' '))).toBe(0);
    expect(made.requests.map((each) => [each.line, each.body])).toEqual([[request, undefined]]);
  });
  test.each([['soon'], ['2026-02-30']])('not to %s', async (day) => {
    using made = machine();
    expect([await made.run('token', 'set', 'ci', '-e', day), made.requests]).toEqual([2, []]);
    expect(made.err()).toMatch(/--expires-at ".*": must be a day as YYYY-MM-DD/);
  });
});

test('what the gateway has none of is told in its words', async () => {
  const refusal = { message: 'this gateway issues no tokens', error_code: 'NOTFOUND', workflow_id: null };
  using made = testHost(() => ({ response: Response.json(refusal, { status: 404 }) }));
  expect(await made.run('token', 'set', 'ci')).toBe(2);
  expect([made.out(), made.err()]).toEqual(['', 'Error message: this gateway issues no tokens\nError code: 404\n']);
});

test('a token stands alone on standard output, so that it can go into a file', async () => {
  using made = machine();
  await made.run('token', 'set', 'ci');
  expect([made.out(), made.err()]).toEqual([
    'the-secret\n',
    'Keep this token in a safe place: it is not shown again.\n',
  ]);
});

describe('what is printed', () => {
  test.each(['token set ci -t json', 'token list', 'token list -o name', 'token delete ci', 'token roles ci'])(
    'osmo %s',
    async (line) => {
      using made = machine();
      expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
      expect(made.out()).toMatchSnapshot();
    },
  );
});
