import { describe, expect, test } from '@jest/globals';
import { passageOf } from './flood.ts';

const many = <V>(value: (number: number) => V): Map<string, V> =>
  new Map(Array.from({ length: 200 }, (_, number) => [`w-${number}`, value(number)]));

describe('passageOf', () => {
  test('the rate is that of the ends, the time that of each one', () => {
    // All are created at once and end at 20 a second, two seconds later.
    const passage = passageOf(
      many(() => 1000),
      many((number) => 3000 + number * 50),
    );
    expect(passage.perSecond).toBeCloseTo(20, 9);
    expect(passage.p50).toBeCloseTo(2 + 99 * 0.05, 9);
    expect(passage.p99).toBeCloseTo(2 + 197 * 0.05, 9);
  });

  test('ends of others do not count', () => {
    const created = many((number) => number);
    const ended = many((number) => number + 500 + number * 100);
    ended.set('other', 1e9);
    expect(passageOf(created, ended)).toEqual(
      passageOf(
        created,
        many((number) => number + 500 + number * 100),
      ),
    );
  });

  test('names one that has not ended', () => {
    const ended = many(() => 5);
    ended.delete('w-7');
    expect(() =>
      passageOf(
        many(() => 1),
        ended,
      ),
    ).toThrow('w-7 has not ended');
  });
});
