import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLongerThan } from './size.ts';

test('what is longer than the limit is longer as JSON, too', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(200), (data, limit) => {
      if (isLongerThan(data, limit)) expect(JSON.stringify(data).length).toBeGreaterThan(limit);
    }),
  );
});

test.each([
  ['a text', 'x'.repeat(11), 'x'.repeat(10)],
  ['a list of texts', ['12345', '6789'], ['1234', '567']],
  ['a key', { ['k'.repeat(11)]: '' }, { ['k'.repeat(10)]: '' }],
  ['many small things', Array.from({ length: 6 }, () => true), Array.from({ length: 5 }, () => true)],
])('%s counts', (_, longer, atLimit) => {
  expect(isLongerThan(longer, 10)).toBe(true);
  expect(isLongerThan(atLimit, 10)).toBe(false);
});

test('what stands for ever more of the same ends at the limit', () => {
  let data: unknown = ['x'];
  for (let level = 0; level < 60; level++) data = [data, data];
  expect(isLongerThan(data, 1000)).toBe(true);
});
