import { describe, expect, test } from '@jest/globals';
import { testHost, type TestHost } from '../../testing/test-host.ts';

const user = { id: 'robot-1', created_at: '2026-01-31T12:05:00', created_by: 'ada' };
const role = { role_name: 'osmo-user', assigned_by: 'ada', assigned_at: '2026-01-31T12:06:00' };
const machine = (options: Parameters<typeof testHost>[1] = {}): TestHost =>
  testHost(({ line }) => {
    if (line.startsWith('GET /api/auth/user?')) return { json: { users: [user], total_results: 1 } };
    if (line.startsWith('GET')) return { json: { ...user, roles: [role] } };
    return { json: line === 'POST /api/auth/user' ? user : null };
  }, options);

describe('requests are upstream’s', () => {
  test.each<[string, (readonly [string, unknown?])[]]>([
    ['user list', [['GET /api/auth/user?count=100']]],
    ['user list -p robot- -r a b -c 5', [['GET /api/auth/user?count=5&id_prefix=robot-&roles=a&roles=b']]],
    ['user create robot-1', [['POST /api/auth/user', { id: 'robot-1' }]]],
    ['user create robot-1 -r a b', [['POST /api/auth/user', { id: 'robot-1', roles: ['a', 'b'] }]]],
    ['user get a@b/c', [['GET /api/auth/user/a%40b%2Fc']]],
    [
      'user update robot-1 -a a b -r c',
      [
        ['POST /api/auth/user/robot-1/roles', { role_name: 'a' }],
        ['POST /api/auth/user/robot-1/roles', { role_name: 'b' }],
        ['DELETE /api/auth/user/robot-1/roles/c'],
      ],
    ],
    [
      'user update robot-1 -a a -t json',
      [['POST /api/auth/user/robot-1/roles', { role_name: 'a' }], ['GET /api/auth/user/robot-1']],
    ],
    ['user delete robot-1 --force', [['DELETE /api/auth/user/robot-1']]],
  ])('osmo %s', async (line, expected) => {
    using made = machine();
    expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
    expect(made.requests.map((each) => (each.body === undefined ? [each.line] : [each.line, each.body]))).toEqual(
      expected,
    );
  });
});

test('a user is deleted after a yes alone', async () => {
  using no = machine({ ask: () => 'n' });
  expect([await no.run('user', 'delete', 'robot-1'), no.requests, no.out()]).toEqual([0, [], '']);
  using yes = machine({ ask: () => 'yes' });
  expect([await yes.run('user', 'delete', 'robot-1'), yes.requests.length]).toEqual([0, 1]);
  using nobody = machine();
  expect([await nobody.run('user', 'delete', 'robot-1'), nobody.requests]).toEqual([2, []]);
  expect(nobody.err()).toContain('--force: must be given');
});
test('an update of nothing is refused', async () => {
  using made = machine();
  expect([await made.run('user', 'update', 'robot-1'), made.requests]).toEqual([2, []]);
  expect(made.err()).toContain('--add-roles, --remove-roles: one of them must be given');
});
test('what the gateway has none of is told in its words', async () => {
  const refusal = { message: 'users are those of the cluster', error_code: 'NOTFOUND', workflow_id: null };
  using made = testHost(() => ({ response: Response.json(refusal, { status: 404 }) }));
  expect(await made.run('user', 'list', '-t', 'json')).toBe(2);
  expect([JSON.parse(made.out()), made.err()]).toEqual([{ message: 'users are those of the cluster', code: 404 }, '']);
});
test('that there are more users than are listed is told', async () => {
  using made = testHost(() => ({ json: { users: [user], total_results: 7 } }));
  await made.run('user', 'list', '-c', '1');
  expect(made.err()).toBe('1 of 7 users; --count lists more.\n');
});

describe('what is printed', () => {
  test.each([
    'user list',
    'user list -o name',
    'user create robot-1',
    'user get robot-1',
    'user update robot-1 -a a',
    'user update robot-1 -a a -o yaml',
    'user delete robot-1 -f',
  ])('osmo %s', async (line) => {
    using made = machine();
    expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
    expect(made.out()).toMatchSnapshot();
  });
});
