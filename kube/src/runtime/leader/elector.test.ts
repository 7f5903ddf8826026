import { describe, expect, test } from '@jest/globals';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { LeaseServer } from '../testing/lease-server.ts';
import { recordingLogger } from '../testing/recording-logger.ts';
import { LeaderElector, type LeaderElectorOptions } from './elector.ts';

function setUp() {
  const clock = new FakeClock();
  const server = new LeaseServer(clock);
  const contender = (identity: string, options: Partial<LeaderElectorOptions> = {}) => {
    const logger = recordingLogger();
    const log: string[] = [];
    const stop = new AbortController();
    const elector = new LeaderElector({
      client: server.client(),
      namespace: 'osmo-system',
      name: 'controllers',
      identity,
      clock,
      logger,
      random: () => 0,
      ...options,
    });
    const ended = elector.run(
      {
        onStartedLeading: (signal) => {
          log.push('started');
          signal.addEventListener('abort', () => log.push('fenced'));
        },
        onStoppedLeading: (reason) => log.push(reason),
        onNewLeader: (leader) => log.push(`leader ${leader}`),
      },
      stop.signal,
    );
    return { elector, logger, log, stop, ended };
  };
  return { clock, server, contender };
}

describe('leader election', () => {
  test('the first candidate creates the Lease and leads, with times as MicroTime', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    expect(a.elector.isLeader()).toBe(true);
    expect(server.lease?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    await clock.advanceAsync(2000);
    expect(server.lease?.spec?.renewTime).toBe('2026-01-01T00:00:02.000000Z');
    expect(server.lease?.spec?.acquireTime).toBe('2026-01-01T00:00:00.000000Z');
  });

  test('a renewal costs one request', async () => {
    const { clock, server, contender } = setUp();
    contender('a');
    await settle();
    let requests = 0;
    server.fate = () => ({ there: 0, back: Number(requests++ < 0) });
    await clock.advanceAsync(20_000);
    expect(requests).toBe(10);
  });

  test('a second candidate waits, and takes over at once when the first releases', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    const b = contender('b');
    await clock.advanceAsync(60_000);
    expect([a.elector.isLeader(), b.elector.isLeader()]).toEqual([true, false]);
    expect(b.log).toEqual(['leader a']);
    a.stop.abort();
    await settle();
    expect(await a.ended).toBe('released');
    expect(a.log).toEqual(['leader a', 'started', 'fenced', 'released']);
    expect(server.lease?.spec?.holderIdentity).toBe('');
    await clock.advanceAsync(2000);
    expect(b.elector.isLeader()).toBe(true);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('when the holder dies, the standby leads within 30 s of its last renewal, and not before 15 s', async () => {
    const { clock, server, contender } = setUp();
    server.lease = undefined;
    const dead = contender('dead');
    await settle();
    const b = contender('b');
    await clock.advanceAsync(1000);
    server.fate = () => ({ there: 0, back: 0 });
    // It dies: nothing of it reaches the server any more.
    const frozen = server.lease;
    dead.stop.abort();
    await settle();
    server.lease = frozen;
    let waited = 0;
    while (!b.elector.isLeader() && waited < 40_000) {
      await clock.advanceAsync(100);
      waited += 100;
    }
    expect(waited).toBeGreaterThanOrEqual(13_000);
    expect(waited).toBeLessThan(30_000);
  });

  test('a leader that can not reach the apiserver is fenced after the renew deadline, before others may lead', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    server.fate = () => ({ there: 0, back: 0, lost: 'request' });
    await clock.advanceAsync(9_999);
    expect(a.elector.isLeader()).toBe(true);
    await clock.advanceAsync(1);
    expect(a.elector.isLeader()).toBe(false);
    expect(await a.ended).toBe('lost');
    expect(a.log).toEqual(['leader a', 'started', 'fenced', 'lost']);
    expect(a.logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'lost leadership',
    ]);
  });

  test('a hanging request does not hold the fence open', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    server.fate = () => ({ there: 3_600_000, back: 0 });
    await clock.advanceAsync(10_000);
    expect(await a.ended).toBe('lost');
  });

  test('an outage shorter than the deadline changes nothing', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    const b = contender('b');
    await settle();
    for (let round = 0; round < 5; round++) {
      server.fate = () => ({ there: 0, back: 0, lost: 'request' });
      await clock.advanceAsync(7_000);
      server.fate = () => ({ there: 0, back: 0 });
      await clock.advanceAsync(5_000);
    }
    expect([a.elector.isLeader(), b.elector.isLeader()]).toEqual([true, false]);
  });

  test('a process that was frozen does not lead when it wakes, even before its timers run', async () => {
    const { clock, contender } = setUp();
    let frozen = 0;
    const a = contender('a', {
      clock: {
        now: () => new Date(clock.now().getTime() + frozen),
        setTimeout: (ms, fn) => clock.setTimeout(ms, fn),
      },
    });
    await settle();
    expect(a.elector.isLeader()).toBe(true);
    frozen = 20_000;
    expect(a.elector.isLeader()).toBe(false);
  });

  test('times of day that differ by an hour, and jump, do not matter', async () => {
    const { clock, contender } = setUp();
    let jump = 3_600_000;
    const skewed = {
      now: () => new Date(clock.now().getTime() + jump),
      setTimeout: (ms: number, fn: () => void) => clock.setTimeout(ms, fn),
      monotonicMs: () => clock.now().getTime(),
    };
    const a = contender('a');
    await settle();
    const b = contender('b', { clock: skewed });
    await clock.advanceAsync(30_000);
    jump = -3_600_000;
    await clock.advanceAsync(30_000);
    expect([a.elector.isLeader(), b.elector.isLeader()]).toEqual([true, false]);
  });

  test('an answer that is lost on the way back does not make the leader forget what it holds', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    let lost = 1;
    server.fate = () => ({ there: 0, back: 0, ...(lost-- > 0 && { lost: 'answer' as const }) });
    await clock.advanceAsync(60_000);
    expect(a.elector.isLeader()).toBe(true);
  });

  test('a Lease deleted under the leader is made again', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    server.lease = undefined;
    await clock.advanceAsync(4000);
    expect(a.elector.isLeader()).toBe(true);
    expect(server.lease).toMatchObject({ spec: { holderIdentity: 'a' } });
  });

  test('a Lease taken by force ends leadership at the next renewal', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    server.lease = {
      ...(server.lease as NonNullable<typeof server.lease>),
      metadata: { name: 'controllers', resourceVersion: '999' },
      spec: { holderIdentity: 'thief', leaseDurationSeconds: 15 },
    };
    await clock.advanceAsync(2000);
    expect(await a.ended).toBe('lost');
    expect(a.log).toContain('leader thief');
  });

  test('a storm of conflicts shorter than the deadline is survived', async () => {
    const { clock, server, contender } = setUp();
    const a = contender('a');
    await settle();
    server.fate = () => ({ there: 0, back: 0, conflict: true });
    await clock.advanceAsync(7000);
    server.fate = () => ({ there: 0, back: 0 });
    await clock.advanceAsync(10_000);
    expect(a.elector.isLeader()).toBe(true);
  });

  test('stopping while waiting ends without a trace', async () => {
    const { clock, server, contender } = setUp();
    contender('a');
    await settle();
    const b = contender('b');
    await clock.advanceAsync(5000);
    b.stop.abort();
    expect(await b.ended).toBe('released');
    expect(server.lease?.spec?.holderIdentity).toBe('a');
  });

  test.each<[string, Partial<LeaderElectorOptions>, string]>([
    ['a lease shorter than the deadline', { leaseDurationMs: 5000 }, 'lease > deadline'],
    ['a deadline shorter than the retries', { renewDeadlineMs: 2000 }, 'lease > deadline'],
    ['a lease of half a second', { leaseDurationMs: 500 }, 'whole seconds'],
    ['an empty identity', { identity: '' }, 'identity must not be empty'],
  ])('%s is refused', (_, options, message) => {
    const { clock, server } = setUp();
    const base = {
      client: server.client(),
      namespace: 'n',
      name: 'l',
      identity: 'a',
      clock,
      logger: recordingLogger(),
    };
    expect(() => new LeaderElector({ ...base, ...options })).toThrow(message);
  });
});
