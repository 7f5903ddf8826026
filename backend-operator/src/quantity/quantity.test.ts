import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatBytes, formatCount, nanosOf } from './quantity.ts';

const one = 1_000_000_000n;

describe('quantities', () => {
  test.each<[string, bigint | undefined]>([
    ['0', 0n],
    ['4', 4n * one],
    ['+4', 4n * one],
    ['-1', -one],
    ['1500m', (3n * one) / 2n],
    ['1.5', (3n * one) / 2n],
    ['1.', one],
    ['16393244Ki', 16393244n * 1024n * one],
    ['0.5Gi', 512n * 1024n * 1024n * one],
    ['1e3', 1000n * one],
    ['1E3', 1000n * one],
    ['1E', 10n ** 18n * one],
    ['2e-3', 2_000_000n],
    ['1n', 1n],
    ['0.1n', 1n],
    ['', undefined],
    ['4 Gi', undefined],
    ['1KiB', undefined],
    ['.5.', undefined],
    ['NaN', undefined],
  ])('%s', (text, nanos) => expect(nanosOf(text)).toBe(nanos));

  test.each<[bigint, string]>([
    [0n, '0'],
    [4n * one, '4'],
    [(3n * one) / 2n, '1500m'],
    [1n, '0'],
  ])('%d nano units are a count of %s', (nanos, text) => expect(formatCount(nanos)).toBe(text));

  test.each<[string, string]>([
    ['16777216Ki', '16Gi'],
    ['16393244Ki', '16393244Ki'],
    ['1000', '1000'],
    ['0', '0'],
    ['2048Gi', '2Ti'],
  ])('%s bytes are written %s', (text, canonical) => expect(formatBytes(nanosOf(text) ?? -1n)).toBe(canonical));

  test('law: what is written reads back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 62n }), (bytes) => {
        expect(nanosOf(formatBytes(bytes * one))).toBe(bytes * one);
        expect(nanosOf(formatCount(bytes * 1_000_000n))).toBe(bytes * 1_000_000n);
      }),
    );
  });
});
