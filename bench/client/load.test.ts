import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { load } from './load.ts';

test('makes every call once, never two in a lane, never more lanes than asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 9 }), async (total, concurrency) => {
      const busy = new Set<number>();
      const made: number[] = [];
      await load({ calls: total }, concurrency, async (lane, number) => {
        expect(busy).not.toContain(lane);
        expect(lane).toBeLessThan(concurrency);
        busy.add(lane);
        made.push(number);
        await new Promise((resolve) => setImmediate(resolve));
        busy.delete(lane);
      });
      expect(made.toSorted((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
    }),
    { numRuns: 40 },
  );
});

test('a failed call is the error, once the others have ended', async () => {
  let underWay = 0;
  const calls = load({ calls: 100 }, 4, async (_, number) => {
    underWay++;
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    if (number === 7) throw new Error('refused');
  });
  await expect(calls).rejects.toThrow('refused');
  expect(underWay).toBe(0);
});

test('stops when aborted', async () => {
  const abort = new AbortController();
  const calls = load(
    { calls: 1_000_000 },
    2,
    async (_, number) => {
      if (number === 10) abort.abort(new Error('enough'));
    },
    abort.signal,
  );
  await expect(calls).rejects.toThrow('enough');
});

test('makes calls for a time: at least one, and none after it', async () => {
  // The time begins before the first call.
  let first: number | undefined;
  const late: number[] = [];
  const { calls, perSecond } = await load({ ms: 20 }, 3, async () => {
    first ??= performance.now();
    if (performance.now() - first > 20) late.push(performance.now() - first);
    await new Promise((resolve) => setImmediate(resolve));
  });
  expect(calls).toBeGreaterThan(0);
  expect(perSecond).toBeGreaterThan(0);
  // A lane may be held up between looking at the clock and calling.
  expect(late.length).toBeLessThanOrEqual(3);
  expect((await load({ ms: 0 }, 1, () => Promise.resolve())).calls).toBe(1);
});
