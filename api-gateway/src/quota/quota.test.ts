import { describe, expect, test } from '@jest/globals';
import { Api, type Quota, type QuotaUsage, quotaUsageName } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { forbidden } from '../http/errors.ts';
import { quotaOperations } from './operations.ts';

const quota = (name: string, subjects: Quota['spec']['subjects'], limits: Quota['spec']['limits']): Quota => ({
  ...{ apiVersion: Api.apiVersion, kind: 'Quota', metadata: { name } },
  spec: { subjects, limits },
});
const usage = (kind: 'User' | 'Namespace', name: string, status: QuotaUsage['status']): QuotaUsage => ({
  ...{ apiVersion: Api.apiVersion, kind: 'QuotaUsage', metadata: { name: quotaUsageName(kind, name) } },
  spec: { kind, name },
  ...(status !== undefined && { status }),
});
const countTime = '2026-01-01T00:00:00Z';
const time = '2026-01-01T00:00:01.000Z';
const quotas = [
  quota('each', [{ kind: 'EachUser' }], { workflows: 5 }),
  quota('lab-members', [{ kind: 'Group', name: 'lab' }], { workflows: 20, tasks: 100 }),
  quota('team', [{ kind: 'EachNamespace' }], { tasks: 1000 }),
];
const usages = [
  usage('User', 'ada', {
    ...{ countTime, workflows: 2, tasks: 30, quota: 'each', limits: { workflows: 5 } },
    oldest: [
      { namespace: 'osmo', name: 'a' },
      { namespace: 'lab', name: 'b' },
    ],
    reservations: [
      { uid: 'x', workflow: 'lab/x', tasks: 4, time },
      { uid: 'y', workflow: 'lab/y', tasks: 6, time, restart: '1' },
    ],
  }),
  usage('Namespace', 'osmo', {
    ...{ countTime, workflows: 9, tasks: 990, quota: 'team', limits: { tasks: 1000 } },
    users: [{ name: 'ada', workflows: 9 }],
  }),
  usage('User', 'eve', { countTime, workflows: 1, tasks: 1 }),
];

/** What the gateway answers to somebody who may list the workflows of these namespaces. */
async function ask(
  query: { all?: boolean; namespace?: string; limit?: number },
  { user = 'ada', groups = [] as string[], lists = [] as string[], stored = quotas } = {},
): Promise<{ quotas: Record<string, unknown>[]; total: number }> {
  const own = {
    list: () => Promise.resolve({ items: stored }),
    get: (_: unknown, { name }: { name: string }) => {
      const found = usages.find(({ metadata }) => metadata.name === name);
      if (found !== undefined) return Promise.resolve(found);
      throw new KubeError({ status: 404, reason: 'NotFound', message: name });
    },
  };
  const may = ({ namespace = '' }: { namespace?: string }): boolean => lists.includes(namespace);
  const [operation] = quotaOperations({
    own: own as never,
    as: () => ({ list: () => Promise.resolve({ items: usages }) }) as never,
    access: {
      may: (_, deed) => Promise.resolve(may(deed)),
      demand: async (_, deed) => {
        if (!may(deed)) throw forbidden('no');
      },
    },
    defaultNamespace: 'osmo',
  });
  const caller = { user, groups };
  const answer = await operation?.handle({ caller, query, signal: new AbortController().signal } as never);
  return (answer as unknown as { json: { quotas: Record<string, unknown>[]; total: number } }).json;
}

describe('the quota of a caller', () => {
  test('is that which holds, with what was counted and what was let through since', async () => {
    expect(await ask({})).toEqual({
      total: 1,
      quotas: [
        {
          ...{ kind: 'User', name: 'ada', quota: 'each', users: [] },
          ...{ workflows: 3, workflow_limit: 5, tasks: 40, task_limit: null },
          oldest: ['a', 'lab.b'],
        },
      ],
    });
    expect((await ask({}, { groups: ['lab'] })).quotas).toMatchObject([
      { quota: 'lab-members', workflow_limit: 20, task_limit: 100 },
    ]);
  });

  test('is known before anything is counted, and nothing where no quota holds', async () => {
    expect((await ask({}, { user: 'zoe' })).quotas).toMatchObject([
      { workflows: null, tasks: null, workflow_limit: 5 },
    ]);
    expect(await ask({}, { stored: [] })).toEqual({ quotas: [], total: 0 });
  });

  test('comes with that of a namespace whose workflows they may list, and of no other', async () => {
    const { quotas: found } = await ask({}, { lists: ['osmo'] });
    expect(found).toMatchObject([
      { kind: 'User' },
      { kind: 'Namespace', name: 'osmo', tasks: 990, task_limit: 1000, users: [{ name: 'ada', workflows: 9 }] },
    ]);
    expect((await ask({ namespace: 'lab' }, { lists: ['lab'] })).quotas).toMatchObject([
      { kind: 'User' },
      { kind: 'Namespace', name: 'lab', workflows: null },
    ]);
    await expect(ask({ namespace: 'lab' }, { lists: ['osmo'] })).rejects.toMatchObject({ status: 403 });
  });
});

test('what everybody has begins with the fullest, and says how much more there is', async () => {
  const { quotas: found, total } = await ask({ all: true });
  expect([found.map(({ name }) => name), total]).toEqual([['osmo', 'ada', 'eve'], 3]);
  expect(found[2]).toMatchObject({ quota: null, workflow_limit: null });
  expect(await ask({ all: true, limit: 1 })).toMatchObject({ quotas: [{ name: 'osmo' }], total: 3 });
  await expect(ask({ all: true, namespace: 'lab' })).rejects.toMatchObject({ status: 400 });
});
