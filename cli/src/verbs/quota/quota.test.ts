import { expect, test } from '@jest/globals';
import { testHost } from '../../testing/test-host.ts';

const mine = {
  ...{ kind: 'User', name: 'ada', quota: 'each', workflows: 2, workflow_limit: 5, tasks: 40, task_limit: null },
  ...{ oldest: ['sweep-1'], users: [] },
};
const lab = { ...mine, kind: 'Namespace', name: 'lab', quota: 'team', workflows: null, tasks: null, task_limit: 100 };

test('prints what the caller has and may have', async () => {
  using made = testHost(() => ({ json: { quotas: [mine, lab], total: 2 } }));
  expect(await made.run('quota', 'list')).toBe(0);
  expect(made.requests.map(({ line }) => line)).toEqual(['GET /api/quota?limit=100']);
  expect(made.out().trimEnd().split('\n')).toEqual([
    'For         Name   Workflows   Of   Tasks    Of   Quota',
    expect.stringMatching(/^=+$/),
    'User        ada            2    5      40     -   each',
    'Namespace   lab            -    5       -   100   team',
  ]);
});

test('says when nothing is limited, and when there is more', async () => {
  using none = testHost(() => ({ json: { quotas: [], total: 0 } }));
  expect(await none.run('quota', 'list', '--namespace', 'lab')).toBe(0);
  expect(none.requests.map(({ line }) => line)).toEqual(['GET /api/quota?namespace=lab&limit=100']);
  expect(none.err()).toContain('No quota limits you.');
  using more = testHost(() => ({ json: { quotas: [mine], total: 7 } }));
  expect(await more.run('quota', 'list', '--all', '-c', '1')).toBe(0);
  expect(more.requests.map(({ line }) => line)).toEqual(['GET /api/quota?all=True&limit=1']);
  expect(more.err()).toContain('1 of 7; --count lists more.');
});

test('prints the whole answer as JSON, and refuses what contradicts itself', async () => {
  using made = testHost(() => ({ json: { quotas: [mine], total: 1 } }));
  expect(await made.run('quota', 'list', '-o', 'json')).toBe(0);
  expect(JSON.parse(made.out())).toEqual({ quotas: [mine], total: 1 });
  using wrong = testHost(() => ({ json: {} }));
  expect(await wrong.run('quota', 'list', '--all', '--namespace', 'lab')).toBe(2);
  expect(wrong.requests).toEqual([]);
});
