import { expect, test } from '@jest/globals';
import { FakeClock } from '@osmo/kube/testing';
import { ExpiringCache } from './expiring-cache.ts';

test('remembers for a while, and a bounded number', () => {
  const clock = new FakeClock();
  const cache = new ExpiringCache<number>(clock, 1000, 2);
  let made = 0;
  const get = (key: string): number => cache.get(key, () => ++made);
  expect([get('a'), get('a'), get('b')]).toEqual([1, 1, 2]);
  clock.advance(999);
  expect(get('a')).toBe(1);
  clock.advance(1);
  expect(get('a')).toBe(3);
  expect([get('b'), get('c')]).toEqual([4, 5]);
  expect(cache.size).toBe(2);
  // 'a' was the first to go.
  expect(get('a')).toBe(6);
  cache.delete('a');
  expect(get('a')).toBe(7);
});
