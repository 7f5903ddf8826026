import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fanOut } from './spec.ts';

test('one needs nothing, one needs all in the middle, the middle needs the first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 300 }), (size) => {
      const needs = new Map(
        (fanOut(size).tasks ?? []).map(({ name, inputs = [] }) => [name, inputs.map((input) => input.task?.name)]),
      );
      const middle = [...needs.keys()].filter((name) => name.startsWith('part-'));
      expect(needs.size).toBe(size);
      expect(needs.get('first')).toEqual([]);
      expect(needs.get('last')).toEqual(middle);
      for (const name of middle) expect(needs.get(name)).toEqual(['first']);
    }),
    { numRuns: 20 },
  );
});

test('there is no fan-out of two', () => {
  expect(() => fanOut(2)).toThrow(RangeError);
});
