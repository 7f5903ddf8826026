import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomFrom, seedOf } from './random.ts';

describe('random numbers of a test run', () => {
  test('are repeated by their seed', () => {
    const draw = (seed: number): number[] => {
      const random = randomFrom(seed);
      return Array.from({ length: 20 }, () => random.between(0, 1000));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
  test('keep to their bounds and reach both', () =>
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 3 }), (seed, low, span) => {
        const random = randomFrom(seed);
        const drawn = new Set(Array.from({ length: 400 }, () => random.between(low, low + span)));
        return [...drawn].every(Number.isInteger) && Math.min(...drawn) === low && Math.max(...drawn) === low + span;
      }),
    ));
  test.each([
    [{ OSMO_E2E_SEED: '42' }, 42],
    [{}, 1234],
  ])('have the seed of %j', (environment, want) => expect(seedOf(environment, new Date(1234))).toBe(want));
});
