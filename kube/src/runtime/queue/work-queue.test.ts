import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.ts';
import { TokenBucket } from './token-bucket.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

function setUp(options: Partial<WorkQueueOptions> = {}) {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock, random: () => 0.999_999, ...options });
  return { clock, queue };
}

/** Hands out what can be handed out now, without finishing it. */
async function takeAll(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) keys.push((await queue.get()) ?? '');
  return keys;
}

describe('work queue', () => {
  test('a key that is added twice is handed out once', async () => {
    const { queue } = setUp();
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  test.each([-2, 2])(
    'setting the time of day by %d hours holds no delayed key up, nor does it bring one',
    async (hours) => {
      const timer = new FakeClock();
      let ahead = 0;
      const clock = {
        now: () => new Date(timer.now().getTime() + ahead),
        setTimeout: (ms: number, fn: () => void) => timer.setTimeout(ms, fn),
        monotonicMs: () => timer.now().getTime(),
      };
      const { queue } = setUp({ clock });
      queue.addAfter('a', 1000);
      ahead = hours * 3_600_000;
      queue.addAfter('b', 3000);
      timer.advance(999);
      expect(queue.length).toBe(0);
      timer.advance(1);
      expect(await takeAll(queue)).toEqual(['a']);
      ahead = 0;
      timer.advance(1999);
      expect(queue.length).toBe(0);
      timer.advance(1);
      expect(await takeAll(queue)).toEqual(['b']);
    },
  );

  test('delayed keys can be brought all at once, the first first', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('b', 2000);
    queue.addAfter('a', 1000);
    queue.expedite();
    expect([queue.delayed, clock.pending]).toEqual([0, 0]);
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  test('a key added while it is worked on comes once more, and only after done', async () => {
    const { queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  test('a taker that waits gets the next key', async () => {
    const { queue } = setUp();
    const taken = queue.get();
    queue.add('a');
    expect(await taken).toBe('a');
  });

  test('of two delayed adds the earlier one counts, and it is one', async () => {
    const { clock, queue } = setUp();
    queue.addAfter('a', 100);
    queue.addAfter('a', 50);
    queue.addAfter('a', 70);
    clock.advance(49);
    expect(queue.length).toBe(0);
    clock.advance(1);
    expect(await takeAll(queue)).toEqual(['a']);
    queue.done('a');
    clock.advance(100);
    expect(queue.length).toBe(0);
  });

  test('a delay beyond the longest timer is kept exactly', () => {
    const { clock, queue } = setUp();
    const days = 40 * 24 * 3_600_000;
    queue.addAfter('a', days);
    clock.advance(days - 1);
    expect(queue.length).toBe(0);
    clock.advance(1);
    expect(queue.length).toBe(1);
  });

  test('delays of failures double from 5 ms to 1000 s and start anew after forget', () => {
    const { queue } = setUp();
    const delays = Array.from({ length: 20 }, () => Math.round(queue.addRateLimited('a')));
    expect(delays.slice(0, 5)).toEqual([5, 10, 20, 40, 80]);
    expect(delays.at(-1)).toBeCloseTo(1_000_000, -1);
    expect(queue.failures('a')).toBe(20);
    queue.forget('a');
    expect(Math.round(queue.addRateLimited('a'))).toBe(5);
  });

  test('half of a failure delay is random', () => {
    const clock = new FakeClock();
    const queue = new WorkQueue({ clock, random: () => 0 });
    expect(queue.addRateLimited('a')).toBe(2.5);
  });

  test('the limiter of all retries holds a storm of different keys back', () => {
    const clock = new FakeClock();
    const { queue } = setUp({ clock, limiter: new TokenBucket(clock, 10, 5) });
    const delays = Array.from({ length: 25 }, (_, i) => queue.addRateLimited(`k${i}`));
    expect(Math.max(...delays)).toBeCloseTo(2000);
    expect(delays.slice(0, 5).every((delay) => delay <= 5)).toBe(true);
  });

  test('higher priority goes first, yet every third hand-out takes the oldest', async () => {
    const { queue } = setUp();
    queue.add('low', { priority: -100 });
    for (let i = 0; i < 20; i++) queue.add(`high${i}`, { priority: 1 });
    const order = await takeAll(queue);
    expect(order[0]).toBe('high0');
    expect(order.indexOf('low')).toBe(2);
  });

  test('a waiting key takes the higher priority when it is added again', async () => {
    const { queue } = setUp();
    queue.add('a', { priority: -1 });
    queue.add('b');
    queue.add('a', { priority: 5 });
    queue.add('a', { priority: -5 });
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  test('memory stays in proportion when priorities of the same keys keep rising', () => {
    const { queue } = setUp({ maxFailures: 10 });
    for (let round = 0; round < 1000; round++) queue.add('a', { priority: round % 2 === 0 ? round : -round });
    for (let i = 0; i < 1000; i++) queue.addRateLimited(`k${i}`);
    expect(queue.length).toBe(1);
    expect(queue.failures('k1')).toBe(0);
    expect(queue.failures('k999')).toBe(1);
  });

  test('shutdown in discard mode wakes takers, drops what waits and resolves when work has ended', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    let drained = false;
    const done = queue.shutdown().then(() => (drained = true));
    expect(await queue.get()).toBeUndefined();
    clock.advance(20);
    expect(drained).toBe(false);
    queue.done('a');
    await done;
    expect(queue.length).toBe(0);
    queue.add('d');
    expect(queue.length).toBe(0);
  });

  test('shutdown in finish mode hands out what waits, the repeated key too', async () => {
    const { queue } = setUp();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('b');
    const drained = queue.shutdown('finish');
    const waiting = [queue.get(), queue.get(), queue.get()];
    expect(await waiting[0]).toBe('b');
    queue.done('a');
    expect(await waiting[1]).toBe('a');
    queue.done('b');
    queue.done('a');
    expect(await waiting[2]).toBeUndefined();
    await drained;
  });

  test('done without get is a mistake that is told', () => {
    const { queue } = setUp();
    expect(() => queue.done('a')).toThrow('work queue: done("a") without get');
  });

  test('unfinished work is timed', async () => {
    const { clock, queue } = setUp();
    queue.add('a');
    await queue.get();
    clock.advance(2000);
    queue.add('b');
    await queue.get();
    clock.advance(1000);
    expect(queue.unfinished()).toEqual({ longest: 3, total: 4 });
  });
});
