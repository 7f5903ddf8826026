import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Answer, type SeenRequest, testHost, type TestHost } from '../testing/test-host.ts';

const usage = {
  quota_used: '3',
  quota_free: '5',
  quota_limit: '8',
  total_usage: '4',
  total_capacity: '16',
  total_free: '12',
};
const pool = (name: string) => ({ name, description: `pool ${name}`, status: 'ONLINE', resource_usage: usage });
const node = {
  hostname: 'node-1',
  resource_type: 'SHARED',
  exposed_fields: { node: 'node-1', 'pool/platform': ['favourite/dgx', 'lab/dgx'] },
  usage_fields: { cpu: 1.5, memory: '3Gi', gpu: 2, storage: 0 },
  allocatable_fields: { cpu: '64', memory: '512Gi', gpu: 8, storage: 2 ** 40 },
  platform_allocatable_fields: { lab: { dgx: { cpu: 32, memory: '256GiB', gpu: '4', storage: '1T' } } },
  config_fields: {
    lab: { dgx: { host_network: true, privileged: false, allowed_mounts: ['/data'], default_mounts: [] } },
  },
};
const task = {
  user: 'ada',
  workflow_id: 'train-7',
  task_name: 'worker-0',
  status: 'RUNNING',
  pool: 'lab',
  priority: 'NORMAL',
  node: 'node-1',
  start_time: '2026-01-31T12:05:00',
  storage: 1,
  cpu: 2,
  memory: 0.5,
  gpu: 1,
};
const answers: readonly (readonly [RegExp, unknown])[] = [
  [
    /^GET \/api\/pool_quota/,
    { node_sets: [{ pools: [pool('a'), pool('b')] }, { pools: [pool('c')] }], resource_sum: usage },
  ],
  [/^GET \/api\/resources/, { resources: [node] }],
  [
    /^GET \/api\/profile/,
    { profile: { username: 'ada', pool: 'favourite', slack_notification: true }, roles: ['osmo-user'], pools: ['lab'] },
  ],
  [/^GET \/api\/task.*(summary|aggregate)/, { summaries: [{ ...task, user: 'ada' }] }],
  [/^GET \/api\/task/, { tasks: [task, { ...task, task_name: 'worker-1', start_time: null, node: null }] }],
];
function answer({ line }: SeenRequest): Answer {
  return { json: answers.find(([pattern]) => pattern.test(line))?.[1] ?? null };
}
const live = 'statuses=PROCESSING&statuses=SCHEDULING&statuses=INITIALIZING&statuses=RUNNING';

describe('requests are upstream’s, and what is printed', () => {
  const table: [line: string, requests: string[], body?: unknown][] = [
    ['pool list', ['GET /api/pool_quota?all_pools=True']],
    ['pool list -m free -p a b', ['GET /api/pool_quota?pools=a&pools=b&all_pools=False']],
    ['resource list', ['GET /api/profile/settings', 'GET /api/resources?pools=favourite&all_pools=False']],
    ['resource list -p lab --platform dgx', ['GET /api/resources?pools=lab&all_pools=False&platforms=dgx']],
    ['resource list -a -m free', ['GET /api/resources?all_pools=True']],
    ['resource info node-1', ['GET /api/resources/node-1']],
    ['resource info node-1 -p lab -pl dgx', ['GET /api/resources/node-1']],
    ['task list', [`GET /api/task?limit=20&offset=0&all_users=False&${live}&order=ASC&all_pools=True`]],
    [
      'task list -v -a -s FAILED -w train -p lab -c 5 -f 5 -o desc --priority HIGH',
      [
        'GET /api/task?limit=5&offset=5&all_users=True&statuses=FAILED&order=DESC&pools=lab&workflow_id=train&priority=HIGH',
      ],
    ],
    [
      'task list -S -n node-1 -u ada bob',
      [
        `GET /api/task?limit=20&offset=0&all_users=False&${live}&order=ASC&all_pools=True&nodes=node-1&users=ada&users=bob&summary=True`,
      ],
    ],
    [
      'task list -W',
      [`GET /api/task?limit=20&offset=0&all_users=False&${live}&order=ASC&all_pools=True&aggregate_by_workflow=True`],
    ],
    ['profile list', ['GET /api/profile/settings']],
    ['profile set pool lab', ['POST /api/profile/settings'], { pool: 'lab' }],
    ['profile set bucket maps', ['POST /api/profile/settings'], { bucket: 'maps' }],
    ['profile set notifications slack', ['POST /api/profile/settings'], { slack_notification: true }],
    ['profile set notifications email False', ['POST /api/profile/settings'], { email_notification: false }],
  ];
  // All three, always: jest takes a parameter that a row doesn't fill for its callback.
  test.each(table.map(([line, requests, body]) => [line, requests, body] as const))(
    'osmo %s',
    async (line, expected, body) => {
      using made = testHost(answer);
      expect([await made.run(...line.split(' ')), made.err()]).toEqual([0, '']);
      expect(made.requests.map((request) => request.line)).toEqual(expected);
      if (body !== undefined) expect(made.requests.at(-1)?.body).toEqual(body);
      expect(made.out()).toMatchSnapshot();
    },
  );

  test.each([
    ['resource info node-1 -p lab', /give both or none/],
    ['resource info node-1 -p other --platform dgx', /node-1 is not in pool other with platform dgx/],
    ['resource list -a -p lab', /--pool, --all/],
    ['task list -c 1001', /an integer from 1 to 1000/],
    ['task list -S -v', /--verbose, --summary/],
    ['task list -p a -n b', /--pool, --node/],
    ['profile set colour red', /must be 'pool NAME', 'bucket NAME' or 'notifications/],
  ])('osmo %s is refused', async (line, message) => {
    using made = testHost(answer);
    expect(await made.run(...line.split(' '))).toBe(2);
    expect(made.err()).toMatch(message);
  });
});

describe('contexts', () => {
  const stored = (made: TestHost): unknown => parse(readFileSync(join(made.folder, 'config.yaml'), 'utf8'));
  test('are made, changed, listed and used', async () => {
    using made = testHost(() => ({ json: {} }));
    const login = { method: 'dev', user: 'ada' };
    writeFileSync(
      join(made.folder, 'config.yaml'),
      JSON.stringify({ contexts: { a: { url: 'http://a.test', login } } }),
    );
    expect(await made.run('config', 'set-context', 'b', '--url', 'https://b.test/x/', '--pool', 'lab')).toBe(0);
    expect(await made.run('config', 'use-context', 'b')).toBe(0);
    expect(await made.run('config', 'set-context', 'a', '--namespace', 'team')).toBe(0);
    expect(stored(made)).toEqual({
      'current-context': 'b',
      contexts: {
        a: { url: 'http://a.test', login, namespace: 'team' },
        b: { url: 'https://b.test/x', pool: 'lab' },
      },
    });
    expect(await made.run('config', 'get-contexts')).toBe(0);
    expect(made.out()).toMatchSnapshot();
    // The login of one address is never sent to another.
    await made.run('config', 'set-context', 'a', '--url', 'http://elsewhere.test', '--namespace', '');
    expect(stored(made)).toMatchObject({ contexts: { a: { url: 'http://elsewhere.test' } } });
    expect(JSON.stringify(stored(made))).not.toContain('ada');
  });
  test('that aren’t there are named', async () => {
    using made = testHost(() => ({ json: {} }));
    expect(await made.run('config', 'use-context', 'a')).toBe(2);
    expect(await made.run('config', 'set-context', 'a')).toBe(2);
    expect(made.err()).toMatch(
      /"a": there is no such context; there are none[^]*--url: must be given for a new context/,
    );
  });
});
