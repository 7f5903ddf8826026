import { describe, expect, test } from '@jest/globals';
import { Api, type Quota, type QuotaSpec, type QuotaUsage, type QuotaUsageStatus, type Workflow } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { FakeClock, settle } from '@osmo/kube/testing';
import { type Claim, claimsOf } from '@osmo/workflow-spec/admission';
import type { AdmissionRequest } from '../review/types.ts';
import { askQuotas } from './ask.ts';
import { decide } from './decide.ts';
import { UsageBook, UsageUnknownError } from './reserve.ts';

const quota = (name: string, subjects: QuotaSpec['subjects'], limits: QuotaSpec['limits']): Quota => ({
  apiVersion: Api.apiVersion,
  kind: 'Quota',
  metadata: { name },
  spec: { subjects, limits },
});

describe('which quota holds', () => {
  const each = quota('each', [{ kind: 'EachUser' }, { kind: 'EachNamespace' }], { workflows: 5 });
  const lab = quota('lab', [{ kind: 'Group', name: 'lab' }], { workflows: 10, tasks: 100 });
  const big = quota('big', [{ kind: 'Group', name: 'big' }], { workflows: 10 });
  const ada = quota('ada', [{ kind: 'User', name: 'ada' }], { workflows: 1 });
  const team = quota('team', [{ kind: 'Namespace', name: 'team' }], { tasks: 7 });

  test.each([
    ['nobody is named', { user: 'eve' }, [each], ['each', 'each']],
    ['a group', { user: 'eve', groups: ['lab'] }, [each, lab], ['lab', 'each']],
    ['the most generous of groups', { user: 'eve', groups: ['lab', 'big'] }, [lab, each, big], ['big', 'each']],
    ['a user before their groups, be it less', { user: 'ada', groups: ['big'] }, [big, ada, each], ['ada', 'each']],
    ['a namespace', { user: 'eve', namespace: 'team' }, [each, team], ['each', 'team']],
    ['none', { user: 'eve' }, [ada, team, lab], []],
    ['there are none', { user: 'eve' }, [], []],
  ])('%s', (_, submission, quotas, want) => {
    const claims = claimsOf({ groups: [], namespace: 'other', ...submission }, quotas);
    expect(claims.map((claim) => claim.quota)).toEqual(want);
  });
});

const claim: Claim = { kind: 'User', name: 'ada', quota: 'each', limits: { workflows: 2, tasks: 10 } };
const reservation = (uid: string, tasks = 1) => ({
  uid,
  workflow: `lab/${uid}`,
  tasks,
  time: '2026-01-01T00:00:00.000Z',
});
const counted: QuotaUsageStatus = { countTime: '2026-01-01T00:00:00Z', workflows: 1, tasks: 4 };
const refusalOf = (status: QuotaUsageStatus, of = claim, tasks = 1): string | undefined => {
  const decision = decide({ status }, of, reservation('new', tasks));
  return 'refusal' in decision ? decision.refusal : undefined;
};

describe('whether there is room', () => {
  test('what is counted and what is reserved take it', () => {
    expect(refusalOf(counted)).toBeUndefined();
    expect(refusalOf({ ...counted, reservations: [reservation('a')] })).toContain('ada has 2 of 2 workflows');
    expect(refusalOf(counted, claim, 6)).toBeUndefined();
    expect(refusalOf(counted, claim, 7)).toContain(
      'ada has 4 of 10 tasks that have not ended (quota "each"), and this',
    );
    expect(
      refusalOf({ ...counted, reservations: [reservation('a', 3)] }, { ...claim, limits: { tasks: 7 } }),
    ).toContain('ada has 7 of 7 tasks');
  });

  test('a workflow is reserved for once, whoever asks again', () => {
    const decision = decide(
      { status: { ...counted, reservations: [reservation('new', 9)] } },
      claim,
      reservation('new'),
    );
    expect(decision).toMatchObject({ status: { reservations: [{ uid: 'new', tasks: 1 }], quota: 'each' } });
  });

  test('a restart of what counts already takes tasks, and no place among workflows', () => {
    const full = { ...counted, workflows: 2, tasks: 4 };
    const asked = (tasks: number) => decide({ status: full }, claim, { ...reservation('a', tasks), restart: 'r1' });
    expect(asked(6)).toMatchObject({ status: { reservations: [{ uid: 'a', restart: 'r1', tasks: 6 }] } });
    expect(asked(7)).toEqual({
      refusal: expect.stringContaining(
        'ada has 4 of 10 tasks that have not ended (quota "each"), and this restart has 7',
      ),
    });
    // The start of the same workflow, which isn't counted yet, stays beside it.
    const started = decide({ status: { ...counted, workflows: 0, reservations: [reservation('a', 3)] } }, claim, {
      ...reservation('a'),
      restart: 'r1',
    });
    expect(started).toMatchObject({ status: { reservations: [{ uid: 'a', tasks: 3 }, { restart: 'r1' }] } });
    expect(refusalOf({ ...counted, reservations: [{ ...reservation('a'), restart: 'r1' }] })).toBeUndefined();
  });

  test('the refusal says who has what, and what to do', () => {
    const oldest = [
      { namespace: 'lab', name: 'a' },
      { namespace: 'lab', name: 'b' },
    ];
    const users = [
      { name: 'ada', workflows: 1 },
      { name: 'eve', workflows: 1 },
    ];
    const ofLab: Claim = { ...claim, kind: 'Namespace', name: 'lab', limits: { workflows: 1 } };
    expect(refusalOf({ ...counted, oldest, users }, ofLab)).toBe(
      'namespace lab has 1 of 1 workflows that have not ended (quota "each"), most of them of ada (1) and eve (1); the oldest are lab/a and lab/b; cancel some or wait until they end, or ask an administrator for more',
    );
  });

  test('nothing is decided before it was counted', () => {
    expect(decide({}, claim, reservation('a'))).toEqual({ uncounted: true });
  });
});

/** The one object, with the apiserver's rule about versions; `before` may change it between a read and a write. */
function store(first?: QuotaUsageStatus) {
  let version = first === undefined ? 0 : 1;
  let status: QuotaUsageStatus | undefined = first;
  let writes = 0;
  const error = (code: number, reason: string) => new KubeError({ status: code, reason, message: reason });
  const object = (): QuotaUsage => ({
    apiVersion: Api.apiVersion,
    kind: 'QuotaUsage',
    metadata: { name: 'user.ada', resourceVersion: `${version}` },
    spec: { kind: 'User', name: 'ada' },
    ...(status !== undefined && { status }),
  });
  const client = {
    async get() {
      await settle();
      if (version === 0) throw error(404, 'NotFound');
      return object();
    },
    async create() {
      await settle();
      if (version > 0) throw error(409, 'AlreadyExists');
      version++;
      return object();
    },
    async replace(_: unknown, next: QuotaUsage) {
      await settle();
      if (next.metadata.resourceVersion !== `${version}`) throw error(409, 'Conflict');
      version++;
      writes++;
      status = next.status;
      return object();
    },
  };
  return {
    client: client as never,
    status: () => status,
    writes: () => writes,
    count(next: QuotaUsageStatus) {
      version++;
      status = { ...status, ...next };
    },
    clear() {
      version = 0;
      status = undefined;
    },
  };
}

describe('the book', () => {
  const five: Claim = { ...claim, limits: { workflows: 5 } };

  test('several replicas that write at once never pass the limit, and use all of it', async () => {
    const usage = store({ countTime: '2026-01-01T00:00:00Z', workflows: 0, tasks: 0 });
    const clock = new FakeClock();
    const books = [0, 1, 2].map(() => new UsageBook({ client: usage.client, clock }));
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (books[index % 3] as UsageBook).reserve([five], reservation(`w${index}`)),
      ),
    );
    expect(answers.filter((refusals) => refusals.length === 0)).toHaveLength(5);
    expect(usage.status()?.reservations).toHaveLength(5);
    expect(usage.writes()).toBe(5);
  });

  test('a dry run takes nothing', async () => {
    const usage = store({ countTime: '2026-01-01T00:00:00Z', workflows: 4 });
    const book = new UsageBook({ client: usage.client, clock: new FakeClock() });
    expect(await book.reserve([five], reservation('a'), { dryRun: true })).toEqual([]);
    usage.count({ workflows: 5 });
    expect(await book.reserve([five], reservation('a'), { dryRun: true })).toHaveLength(1);
    expect(usage.writes()).toBe(0);
    usage.clear();
    expect(await book.reserve([five], reservation('a'), { dryRun: true })).toEqual([]);
  });

  test('what is taken for a user is given back when the namespace has no room', async () => {
    const ofUser = store({ countTime: '2026-01-01T00:00:00Z' });
    const ofNamespace = store({ countTime: '2026-01-01T00:00:00Z', workflows: 5 });
    const pick = (name: string) => (name.startsWith('user.') ? ofUser : ofNamespace).client as Record<string, Function>;
    const client = {
      get: (_: unknown, ref: { name: string }) => pick(ref.name)['get']?.(),
      replace: (type: unknown, object: QuotaUsage, ...more: unknown[]) =>
        pick(object.metadata.name)['replace']?.(type, object, ...more),
    };
    const named = {
      ...client,
      get: async (type: unknown, ref: { name: string }) => {
        const usage = (await client.get(type, ref)) as QuotaUsage;
        return { ...usage, metadata: { ...usage.metadata, name: ref.name } };
      },
    };
    const book = new UsageBook({ client: named as never, clock: new FakeClock() });
    const claims: Claim[] = [five, { ...five, kind: 'Namespace', name: 'lab' }];
    expect(await book.reserve(claims, reservation('a'))).toEqual([expect.stringContaining('namespace lab has 5 of 5')]);
    expect(ofUser.status()?.reservations).toEqual([]);
    expect([ofUser.writes(), ofNamespace.writes()]).toEqual([2, 0]);
  });

  test('who was never asked about is counted first', async () => {
    const usage = store();
    const clock = new FakeClock();
    const book = new UsageBook({ client: usage.client, clock });
    const answer = book.reserve([five], reservation('a'));
    while (clock.pending === 0) await settle();
    usage.count({ countTime: '2026-01-01T00:00:00Z', workflows: 4, tasks: 4 });
    expect(await withTime(clock, answer)).toEqual([]);
    expect(usage.status()).toMatchObject({ workflows: 4, reservations: [{ uid: 'a' }] });
  });

  test('whom nobody counts nothing is known of', async () => {
    const clock = new FakeClock();
    const book = new UsageBook({ client: store().client, clock });
    const answer = book.reserve([five], reservation('a'));
    await expect(withTime(clock, answer)).rejects.toThrow(UsageUnknownError);
  });
});

/** What comes of something for which time has to pass. */
async function withTime<T>(clock: FakeClock, work: Promise<T>): Promise<T> {
  const state = { ended: false };
  const end = (): void => {
    state.ended = true;
  };
  work.then(end, end);
  while (!state.ended) await clock.advanceAsync(50);
  return work;
}

describe('the question', () => {
  const spec = {
    pool: 'p',
    priority: 'Normal',
    tasks: [{ name: 'a', image: 'i', command: ['x'], count: 20 }],
  } as never;
  const object: Workflow = {
    apiVersion: Api.apiVersion,
    kind: 'Workflow',
    metadata: { name: 'wf', namespace: 'lab', uid: 'u', annotations: { 'osmo.dev/submitted-by': 'ada' } },
    spec,
  };
  const request = (more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
    ...{ uid: 'r', kind: { group: 'osmo.dev', version: 'v1alpha1', kind: 'Workflow' }, namespace: 'lab' },
    ...{ operation: 'CREATE', userInfo: { username: 'ada', groups: ['lab'] }, object },
    ...more,
  });
  const ask = async (asked: AdmissionRequest, quotas: Quota[], answer: string[] = []) => {
    const calls: [readonly Claim[], object][] = [];
    const reserve = (claims: readonly Claim[], one: object) => {
      calls.push([claims, one]);
      return Promise.resolve(answer);
    };
    const response = await askQuotas(asked, { quotas: () => quotas, book: { reserve }, clock: new FakeClock() });
    return { response, calls };
  };
  const each = [quota('each', [{ kind: 'EachUser' }], { tasks: 10 })];
  const ended = (completed: number): Workflow => ({
    ...object,
    status: {
      conditions: [
        {
          type: 'Succeeded',
          status: 'False',
          reason: 'Failed',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
      phase: 'Failed',
      taskCounts: { total: 20, waiting: 0, active: 0, completed, failed: 20 - completed, upstream: 0 },
    },
  });
  /** Of 20 tasks six have completed and four failed. */
  const running = {
    ...object,
    status: {
      conditions: [],
      phase: 'Running',
      taskCounts: { total: 20, waiting: 5, active: 5, completed: 6, failed: 4, upstream: 0 },
    },
  } as Workflow;
  const again = (restart: object): Workflow => ({ ...object, spec: { ...object.spec, restart: restart as never } });

  test('counts what fan-outs make', async () => {
    const { response, calls } = await ask(request(), each, ['ada has too many']);
    expect(calls).toMatchObject([[[{ name: 'ada' }], { uid: 'u', workflow: 'lab/wf', tasks: 20 }]]);
    expect(response).toMatchObject({
      allowed: false,
      status: { code: 403, reason: 'Forbidden', message: 'exceeded quota: ada has too many' },
    });
  });

  test('is not asked where no quota holds', async () => {
    expect((await ask(request(), [])).calls).toEqual([]);
  });

  test('groups are those of the submitter, not of whoever writes for them', async () => {
    const ofGroup = [quota('lab', [{ kind: 'Group', name: 'lab' }], { tasks: 1 })];
    expect((await ask(request(), ofGroup)).calls).toHaveLength(1);
    expect((await ask(request({ userInfo: { username: 'argocd', groups: ['lab'] } }), ofGroup)).calls).toEqual([]);
  });

  test.each([
    ['a restart after the end counts what runs again', ended(15), again({ id: '1' }), [5]],
    ['named tasks may have been completed', ended(15), again({ id: '1', tasks: ['a'] }), [20]],
    ['named tasks alone count', ended(15), again({ id: '1', tasks: ['a-3', 'a-4'] }), [2]],
    ['a restart while it runs counts what has failed', running, again({ id: '1' }), [4]],
    ['named tasks of one that runs may have ended', running, again({ id: '1', tasks: ['a-3', 'a-4'] }), [2]],
    ['all tasks of one that runs: those that have ended', running, again({ id: '1', tasks: ['a'] }), [10]],
    ['nothing of it has ended', object, again({ id: '1' }), []],
    ['a restart that was asked about is not asked about again', again({ id: '1' }), again({ id: '1' }), []],
    [
      'a restart that took place',
      { ...running, status: { ...running.status, restartID: '1' } },
      again({ id: '1' }),
      [],
    ],
    ['other changes count nothing', ended(1), { ...object, spec: { ...object.spec, pool: 'q' } }, []],
  ])('%s', async (_, oldObject, now, want) => {
    const { calls } = await ask(request({ operation: 'UPDATE', object: now, oldObject }), each);
    expect(calls.map(([, one]) => (one as { tasks: number }).tasks)).toEqual(want);
  });
});
