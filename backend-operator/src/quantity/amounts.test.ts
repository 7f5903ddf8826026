import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatBytes, formatCpu, nanosOf } from './amounts.ts';

const one = 1_000_000_000n;

describe('amounts', () => {
  test.each([
    ['1500m', (3n * one) / 2n],
    ['1Ki', 1024n * one],
    ['many', undefined],
    ['', undefined],
  ])('%j', (text, nanos) => expect(nanosOf(text)).toBe(nanos));

  test.each([
    [0n, '0'],
    [4000n * one, '4000'],
    [(3n * one) / 2n, '1500m'],
    [1n, '0'],
  ])('%d nano-CPUs are written %s', (nanos, text) => expect(formatCpu(nanos)).toBe(text));

  test.each([
    ['16777216Ki', '16Gi'],
    ['16393244Ki', '16393244Ki'],
    ['0', '0'],
    ['2048Gi', '2Ti'],
    ['1500m', '1'],
  ])('%s bytes are written %s', (text, canonical) => expect(formatBytes(nanosOf(text) ?? -1n)).toBe(canonical));

  test('law: what is written reads back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 62n }), (amount) => {
        expect(nanosOf(formatBytes(amount * one))).toBe(amount * one);
        expect(nanosOf(formatCpu(amount * 1_000_000n))).toBe(amount * 1_000_000n);
      }),
    );
  });
});
