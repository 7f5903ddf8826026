import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { median, medianRatio, quantile, sustainedRate } from './statistics.ts';

// Adding 0 turns -0 into 0: a measurement has no negative zero.
const number = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value + 0);
const numbers = fc.array(number, { minLength: 1, maxLength: 50 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('quantile', () => {
  test.each([
    ['the median of five is the third', [5, 1, 4, 2, 3], 0.5, 3],
    ['of two, the lower one covers half', [1, 9], 0.5, 1],
    ['p99 of a hundred leaves out only the largest', Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
    ['p99 of few is the largest', [3, 1, 2], 0.99, 3],
    ['0 is the smallest', [3, 1, 2], 0, 1],
    ['1 is the largest', [3, 1, 2], 1, 3],
  ])('%s', (_, values, q, want) => {
    expect(quantile(values, q)).toBe(want);
  });

  test('is a measured value that the asked share does not exceed, and no smaller one is', () => {
    fc.assert(
      fc.property(numbers, share, (values, q) => {
        const found = quantile(values, q);
        const upTo = (limit: number): number => values.filter((value) => value <= limit).length / values.length;
        expect(values).toContain(found);
        expect(upTo(found)).toBeGreaterThanOrEqual(q);
        const smaller = values.filter((value) => value < found);
        if (smaller.length > 0) expect(upTo(Math.max(...smaller))).toBeLessThan(q);
      }),
    );
  });

  test.each([
    [[], 0.5],
    [[1], 1.1],
    [[1], Number.NaN],
  ])('refuses %j at %d', (values, q) => {
    expect(() => quantile(values, q)).toThrow(RangeError);
  });
});

describe('median', () => {
  test.each([
    ['one value is its own median', [7], 7],
    ['an odd number has a middle', [3, 100, 1], 3],
    ['an even number has the mean of two', [4, 1, 3, 2], 2.5],
  ])('%s', (_, values, want) => {
    expect(median(values)).toBe(want);
  });

  test('does not depend on the order, nor changes its argument', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const before = [...values];
        expect(median(values.toReversed())).toBe(median(values));
        expect(values).toEqual(before);
      }),
    );
  });

  test('refuses no values', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('medianRatio', () => {
  test('a round in which everything was slow counts like the others', () => {
    // The ratio of the medians would be 90/100.
    expect(medianRatio([90, 45, 9], [100, 50, 10])).toBeCloseTo(0.9, 12);
    expect(medianRatio([90, 9, 900], [100, 10, 1000])).toBeCloseTo(0.9, 12);
  });

  test('refuses values without a partner', () => {
    expect(() => medianRatio([1, 2], [1])).toThrow(RangeError);
  });
});

describe('sustainedRate', () => {
  test('an even beat gives its rate, in any order', () => {
    const times = Array.from({ length: 101 }, (_, i) => 5_000 + i * 50);
    expect(sustainedRate(times)).toBeCloseTo(20, 9);
    expect(sustainedRate(times.toReversed())).toBeCloseTo(20, 9);
  });

  test('a slow start and a late straggler do not count', () => {
    const steady = Array.from({ length: 80 }, (_, i) => 60_000 + i * 50);
    const times = [
      ...Array.from({ length: 10 }, (_, i) => i),
      ...steady,
      ...Array.from({ length: 10 }, (_, i) => 1e6 + i),
    ];
    expect(sustainedRate(times)).toBeCloseTo(20, 9);
  });

  test('refuses too few times', () => {
    expect(() => sustainedRate([1, 2, 3])).toThrow(RangeError);
  });
});
