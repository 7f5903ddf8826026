import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.ts';
import { OwnWrites } from './own-writes.ts';

describe('own writes', () => {
  test('are unseen until each of them is seen', () => {
    const clock = new FakeClock();
    const writes = new OwnWrites(clock);
    const seen = { a: false, b: false };
    writes.expect('k', { object: 'a', isSeen: () => seen.a });
    clock.advance(100);
    writes.expect('k', { object: 'b', isSeen: () => seen.b });
    expect(writes.unseen('k')).toEqual({ objects: ['a', 'b'], ms: 100 });
    expect(writes.unseen('other')).toBeUndefined();
    seen.a = true;
    expect(writes.unseen('k')).toEqual({ objects: ['b'], ms: 100 });
    seen.b = true;
    expect(writes.unseen('k')).toBeUndefined();
  });

  test('that were seen do not pile up, although nobody asks', () => {
    const writes = new OwnWrites(new FakeClock());
    const seen = new Set<number>();
    for (let i = 0; i < 20_000; i++) {
      writes.expect(`k${i}`, { object: 'x', isSeen: () => seen.has(i) });
      seen.add(i);
    }
    expect(writes.size).toBeLessThan(2048);
  });

  test('that are in the cache before the answer came need no waiting', () => {
    const writes = new OwnWrites(new FakeClock());
    writes.expect('k', { object: 'a', isSeen: () => true });
    expect(writes.size).toBe(0);
  });
});
