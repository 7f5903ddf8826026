import { describe, expect, test } from '@jest/globals';
import {
  Api,
  type Quota,
  type QuotaUsage,
  type QuotaUsageSpec,
  type QuotaUsageStatus,
  type Workflow,
} from '@osmo/crds';
import { template, workflow } from '../testing/objects.ts';
import { unendedTasks } from '@osmo/workflow-spec/graph';
import { isAlive, usagesOf } from './alive.ts';
import { planUsage, type UsageWorld } from './plan.ts';

const now = new Date('2026-01-01T12:00:00Z');
const quota = (...subjects: Quota['spec']['subjects']): Quota => ({
  apiVersion: Api.apiVersion,
  kind: 'Quota',
  metadata: { name: 'q' },
  spec: { subjects, limits: { workflows: 5 } },
});
const usage = (status?: QuotaUsageStatus, spec: QuotaUsageSpec = { kind: 'User', name: 'ada' }): QuotaUsage => ({
  apiVersion: Api.apiVersion,
  kind: 'QuotaUsage',
  metadata: { name: 'user.ada', uid: 'usage', resourceVersion: '7' },
  spec,
  ...(status !== undefined && { status }),
});
const of = (name: string, user = 'ada', created = '2026-01-01T10:00:00Z'): Workflow => {
  const made = workflow({ tasks: [template('a', { count: 3 })] }, name);
  const annotations = { 'osmo.dev/submitted-by': user };
  return { ...made, metadata: { ...made.metadata, annotations, creationTimestamp: created } };
};
const ended = (made: Workflow, completed = 1): Workflow => ({
  ...made,
  status: {
    phase: 'Failed',
    conditions: [
      { type: 'Succeeded', status: 'False', reason: 'Failed', message: '', lastTransitionTime: '2026-01-01T11:00:00Z' },
    ],
    taskCounts: { total: 3, waiting: 0, active: 0, completed, failed: 3 - completed, upstream: 0 },
  },
});
const world = (more: Partial<UsageWorld> = {}): UsageWorld => ({
  now,
  usage: usage(),
  quotas: [quota({ kind: 'EachUser' })],
  alive: [],
  endOf: () => undefined,
  writtenAt: undefined,
  ...more,
});
const statusOf = (more: Partial<UsageWorld>): QuotaUsageStatus | undefined =>
  planUsage(world(more)).statuses?.[0]?.status;
const reserved = (uid: string, time: string) => ({ uid, workflow: 'lab/x', tasks: 1, time });

describe('what counts', () => {
  test('workflows that have not ended, with the tasks that have not', () => {
    const running = of('a');
    expect([isAlive(running), unendedTasks(running)]).toEqual([true, 3]);
    expect([isAlive(ended(running)), unendedTasks(ended(running))]).toEqual([false, 0]);
    const again = ended({ ...running, spec: { ...running.spec, restart: { id: '1' } } });
    expect([isAlive(again), unendedTasks(again)]).toEqual([true, 2]);
    expect(usagesOf(running)).toEqual(['user.ada-fdee430d40', 'namespace.lab']);
  });
});

describe('a count', () => {
  test('says how much, and which are the oldest', () => {
    const alive = [of('b'), of('a'), of('c', 'ada', '2026-01-01T09:00:00Z'), of('d')];
    expect(statusOf({ alive })).toEqual({
      ...{ workflows: 4, tasks: 12, countTime: '2026-01-01T12:00:00Z', users: [], reservations: [] },
      oldest: ['c', 'a', 'b'].map((name) => ({ namespace: 'lab', name })),
    });
  });

  test('of a namespace says who has most', () => {
    const alive = [of('a', 'eve'), of('b'), of('c'), of('d', 'bob'), of('e', 'zoe'), of('f', '')];
    const lab = usage(undefined, { kind: 'Namespace', name: 'lab' });
    expect(statusOf({ usage: lab, alive, quotas: [quota({ kind: 'Namespace', name: 'lab' })] })?.users).toEqual([
      { name: 'ada', workflows: 2 },
      { name: 'bob', workflows: 1 },
      { name: 'eve', workflows: 1 },
    ]);
  });

  test('takes over what was reserved, at the very version that was looked at', () => {
    const alive = [of('a')];
    const reservations = [
      reserved('uid-of-a', '2026-01-01T11:59:59.000Z'),
      reserved('not-seen-yet', '2026-01-01T11:59:58.500Z'),
      reserved('never-stored', '2026-01-01T11:57:59.000Z'),
      reserved('came-and-ended', '2026-01-01T11:59:50.000Z'),
      reserved('to-run-again', '2026-01-01T11:59:50.000Z'),
    ];
    const ends = new Map([
      ['came-and-ended', new Date('2026-01-01T11:59:55Z')],
      ['to-run-again', new Date('2026-01-01T11:00:00Z')],
    ]);
    const plan = planUsage(world({ alive, usage: usage({ reservations, quota: 'q' }), endOf: (uid) => ends.get(uid) }));
    expect(plan.statuses).toMatchObject([{ atVersion: true, object: { metadata: { resourceVersion: '7' } } }]);
    const { reservations: left } = (plan.statuses?.[0]?.status ?? {}) as QuotaUsageStatus;
    expect(left?.map(({ uid }) => uid)).toEqual(['not-seen-yet', 'to-run-again']);
    // Looked at again when the first of them is to be given up.
    expect(plan.wakeAt).toEqual(new Date('2026-01-01T12:01:50.000Z'));
  });

  test('takes over a restart of what counts already when it is seen, and not before', () => {
    const reservations = [{ ...reserved('uid-of-a', '2026-01-01T11:59:59.000Z'), restart: 'r1' }];
    const left = (made: Workflow): unknown => statusOf({ alive: [made], usage: usage({ reservations }) })?.reservations;
    const a = of('a');
    expect(left(a)).toEqual(reservations);
    expect(left({ ...a, spec: { ...a.spec, restart: { id: 'r1' } } })).toEqual([]);
    const { status } = ended(a);
    expect(left({ ...a, status: { ...status, conditions: [], phase: 'Running', restartID: 'r1' } })).toEqual([]);
    const later = new Date('2026-01-01T12:02:00Z');
    expect(statusOf({ now: later, alive: [a], usage: usage({ reservations }) })?.reservations).toEqual([]);
  });

  test('of tasks alone follows at a distance', () => {
    const status = { ...statusOf({ alive: [of('a')] }), tasks: 9 };
    const writtenAt = new Date('2026-01-01T11:59:58Z');
    const early = planUsage(world({ alive: [of('a')], usage: usage(status), writtenAt }));
    expect(early).toEqual({ wakeAt: new Date('2026-01-01T12:00:03Z') });
    const later = new Date('2026-01-01T12:00:03Z');
    expect(statusOf({ now: later, alive: [of('a')], usage: usage(status), writtenAt })?.tasks).toBe(3);
    expect(statusOf({ alive: [], usage: usage(status), writtenAt })?.workflows).toBe(0);
  });
});

describe('whom no quota limits', () => {
  const lab = usage(undefined, { kind: 'Namespace', name: 'lab' });
  test.each([
    ['nobody is', usage(), [], true],
    ['namespaces are', usage(), [quota({ kind: 'EachNamespace' })], true],
    ['another user is', usage(), [quota({ kind: 'User', name: 'eve' })], true],
    ['the user is', usage(), [quota({ kind: 'User', name: 'ada' })], false],
    ['a group is: who knows', usage(), [quota({ kind: 'Group', name: 'lab' })], false],
    ['users are', lab, [quota({ kind: 'EachUser' })], true],
    ['the namespace is', lab, [quota({ kind: 'Namespace', name: 'lab' })], false],
    ['each namespace is', lab, [quota({ kind: 'EachNamespace' })], false],
  ])('is not counted: %s', (_, of_, quotas, gone) => {
    const plan = planUsage(world({ usage: of_, quotas }));
    expect(plan.remove?.length ?? 0).toBe(gone ? 1 : 0);
    if (gone) expect(plan).toEqual({ remove: [expect.objectContaining({ uid: 'usage', resourceVersion: '7' })] });
  });

  test('one that is being deleted is left alone', () => {
    const { metadata, ...rest } = usage();
    expect(planUsage(world({ usage: { ...rest, metadata: { ...metadata, deletionTimestamp: 'now' } } }))).toEqual({});
  });
});
