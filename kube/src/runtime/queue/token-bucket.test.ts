import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.ts';
import { TokenBucket } from './token-bucket.ts';

describe('token bucket', () => {
  test('gives its burst at once, then its rate', () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, 2, 3);
    const taken = (): number => Array.from({ length: 10 }, () => bucket.take()).filter(Boolean).length;
    expect(taken()).toBe(3);
    clock.advance(1000);
    expect(taken()).toBe(2);
    clock.advance(3_600_000);
    expect(bucket.isFull()).toBe(true);
    expect(taken()).toBe(3);
  });

  test('gives as much as leaves the part of the burst that is to be left', () => {
    const bucket = new TokenBucket(new FakeClock(), 1, 4);
    const taken = (leaving: number): number =>
      Array.from({ length: 10 }, () => bucket.take(leaving)).filter(Boolean).length;
    expect([taken(0.5), taken(0.25), taken(0)]).toEqual([2, 1, 1]);
  });

  test('says when a token taken on credit is there', () => {
    const bucket = new TokenBucket(new FakeClock(), 2, 1);
    expect([bucket.reserve(), bucket.reserve(), bucket.reserve()]).toEqual([0, 500, 1000]);
  });

  test('a clock that is set back gives and takes nothing', () => {
    const clock = new FakeClock();
    let offset = 0;
    const shifted = { now: () => new Date(clock.now().getTime() + offset), setTimeout: clock.setTimeout.bind(clock) };
    const bucket = new TokenBucket(shifted, 1, 2);
    bucket.take();
    offset = -3_600_000;
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    clock.advance(1000);
    expect(bucket.take()).toBe(true);
  });

  test.each([
    [0, 1],
    [1, 0],
    [NaN, 1],
  ])('%d per second with burst %d is refused', (rate, burst) => {
    expect(() => new TokenBucket(new FakeClock(), rate, burst)).toThrow('token bucket');
  });
});
