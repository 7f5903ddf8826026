import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Answer, type SeenRequest, testHost } from '../testing/test-host.ts';
import { verbs } from './index.ts';

const at = '2026-01-31T12:05:00';
const usage = { quota_used: '3', quota_limit: '8', total_usage: '4', total_capacity: '16' };
const answers: readonly (readonly [RegExp, unknown])[] = [
  [
    /^GET \/api\/pool_quota/,
    {
      node_sets: [
        {
          pools: [
            {
              ...{ name: 'lab', description: 'the lab', status: 'ONLINE', backend: 'east' },
              ...{ platforms: { dgx: {}, ovx: {} }, resource_usage: usage },
            },
          ],
        },
      ],
      resource_sum: usage,
    },
  ],
  [
    /^GET \/api\/resources/,
    {
      resources: [
        {
          ...{ resource_type: 'RESERVED', backend: 'east', nodes: 3, available_nodes: 2 },
          exposed_fields: { node: 'node-1', 'pool/platform': ['lab/dgx'] },
          allocatable_fields: { cpu: '64', memory: '512Gi', gpu: 8 },
        },
      ],
    },
  ],
  [
    /^GET \/api\/task/,
    {
      tasks: [
        {
          ...{ user: 'ada', workflow_id: 'train-7', task_name: 'worker', status: 'RUNNING', pool: 'lab' },
          ...{ priority: 'NORMAL', node: 'node-1', start_time: at, end_time: null, retry_id: 2, platform: 'dgx' },
          ...{ storage: 1, cpu: 2, memory: 0.5, gpu: 1 },
        },
      ],
    },
  ],
  [
    /^GET \/api\/app/,
    {
      apps: [
        {
          ...{ uuid: 'u-1', owner: 'ada', name: 'sweep', description: 'sweeps', created_date: at },
          ...{ latest_version: 3, namespace: 'robots' },
        },
      ],
    },
  ],
  [
    /^GET \/api\/credentials/,
    { credentials: [{ cred_name: 'ngc', cred_type: 'GENERIC', profile: null, shared: true, keys: ['token', 'org'] }] },
  ],
  [
    /^GET \/api\/auth\/access_token/,
    [{ token_name: 'ci', description: 'of ci', expires_at: '2999-01-01T00:00:00', created_at: at, last_seen_at: null }],
  ],
  [/^GET \/api\/auth\/user/, { total_results: 1, users: [{ id: 'eve', created_at: at, created_by: 'ada' }] }],
  [
    /^GET \/api\/bucket\/list_dataset/,
    {
      datasets: [
        {
          ...{ name: 'moves', id: 'd-1', bucket: 'robots', type: 'DATASET', user: 'ada', created_date: at },
          ...{ last_created: at, last_version: 4, size: 2048, logical_size: 4096 },
        },
      ],
    },
  ],
  [
    /^GET \/api\/bucket/,
    {
      buckets: {
        robots: {
          ...{ path: 's3://robots', description: '', mode: 'read-write', default_cred: true, ready: true },
          ...{ datasets: 1, versions: 4, size: 4096, stored_size: 2048 },
        },
      },
      default: 'robots',
    },
  ],
  [
    /^GET \/api\/quota/,
    {
      quotas: [
        {
          ...{ kind: 'User', name: 'ada', quota: 'each', workflows: 2, workflow_limit: 5, tasks: 40, task_limit: null },
          oldest: ['sweep-1'],
        },
      ],
      total: 1,
    },
  ],
  [
    /^GET \/api\/workflow/,
    {
      workflows: [
        {
          ...{ user: 'ada', name: 'train-7', submit_time: at, status: 'RUNNING', priority: 'LOW', pool: 'lab' },
          ...{ labels: {}, overview: 'http://gateway.test/workflows/train-7', queued_time: 3, duration: 61 },
        },
      ],
    },
  ],
  [/^GET \/api\/profile/, { profile: { username: 'ada', pool: 'lab' } }],
];
const answer = ({ line }: SeenRequest): Answer => ({
  json: answers.find(([pattern]) => pattern.test(line))?.[1] ?? null,
});

const contexts = 'contexts:\n  here: { url: http://gateway.test, pool: lab, login: { method: dev, user: ada } }\n';

/** Settings and the objects of a store are no things with names that a gateway lists. */
const others = new Set(['profile list', 'data list']);
const lists = verbs
  .map(({ path }) => path.join(' '))
  .filter((words) => /(list|get-contexts)$/.test(words) && !others.has(words));

test('every noun that has things has a list of them', () => {
  expect(lists).toEqual([
    'workflow list',
    'app list',
    'task list',
    'pool list',
    'resource list',
    'quota list',
    'dataset list',
    'bucket list',
    'credential list',
    'token list',
    'user list',
    'config get-contexts',
  ]);
});

describe.each(lists)('osmo %s', (words) => {
  const run = async (...more: string[]): Promise<string> => {
    using made = testHost(answer);
    writeFileSync(join(made.folder, 'config.yaml'), contexts);
    expect([await made.run(...words.split(' '), ...more), made.err()]).toEqual([0, '']);
    return made.out();
  };

  test('has more columns where it may be wide, and the others as they were', async () => {
    const [text, wide] = [await run(), await run('-o', 'wide')];
    const titles = (table: string): string[] => (table.split('\n', 1)[0] ?? '').split(/ {2,}/);
    expect(titles(wide)).toEqual(expect.arrayContaining(titles(text)));
    expect(titles(wide).length).toBeGreaterThan(titles(text).length);
    expect(wide).toMatchSnapshot();
  });

  test('prints one name a line', async () => expect(await run('-o', 'name')).toMatch(/^\S+\n$/));

  test('prints the same as JSON and as YAML', async () => {
    const { parse } = await import('yaml');
    expect(parse(await run('-o', 'yaml'))).toEqual(JSON.parse(await run('-o', 'json')));
  });
});

test('sums of tasks have no names', async () => {
  using made = testHost(answer);
  expect(await made.run('task', 'list', '-S', '-o', 'name')).toBe(2);
  expect(made.err()).toContain('sums have no names');
});
