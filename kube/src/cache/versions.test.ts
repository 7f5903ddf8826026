import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, isAtLeast } from './versions.ts';

test('versions compare as the numbers they are, of any length', () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 80n });
  fc.assert(
    fc.property(number, number, (a, b) => {
      const want = a === b ? 0 : a < b ? -1 : 1;
      expect(Math.sign(compareVersions(String(a), String(b)) ?? Number.NaN)).toBe(want);
      expect(isAtLeast(String(a), String(b))).toBe(a >= b);
    }),
  );
});

test.each(['', 'abc', '-1', '1.5', '007', '1e3'])('%j has no order', (text) => {
  expect(compareVersions(text, '5')).toBeUndefined();
  expect(isAtLeast(text, '5')).toBe(false);
  expect(compareVersions(text, text)).toBe(0);
});
