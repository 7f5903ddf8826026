import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addQuantities,
  ceilQuantity,
  compareQuantities,
  formatQuantity,
  multiplyQuantity,
  parseQuantity,
  QuantityError,
  quantityOf,
  quantityToNumber,
  subtractQuantities,
} from './quantity.ts';

describe('parse and format', () => {
  // Pairs of what a user writes and what the apiserver shows for it.
  test.each([
    ['0', '0'],
    ['1', '1'],
    ['+1', '1'],
    ['-1', '-1'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1500m', '1500m'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['1.5Gi', '1536Mi'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['0.5Ki', '512'],
    ['1Ei', '1Ei'],
    ['1E', '1E'],
    ['1e3', '1e3'],
    ['1E3', '1e3'],
    ['12e-1', '1200e-3'],
    ['1u', '1u'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['0.0000000001', '1n'],
    ['1.0001Ki', '1025'],
    ['9223372036854775807', '9223372036854775807'],
  ])('%s is shown as %s', (text, want) => {
    expect(formatQuantity(parseQuantity(text))).toBe(want);
  });

  test.each(['', ' 1', '1 ', '1gi', '1GiB', '1K', 'Gi', '.', '-', '1.2.3', '1e', '1Kim', '0x1', '1e9999', 'NaN', '１'])(
    '%j is refused',
    (text) => {
      expect(() => parseQuantity(text)).toThrow(QuantityError);
    },
  );

  test('a refusal names the value and what is allowed', () => {
    expect(() => parseQuantity('2GB')).toThrow(/"2GB" is not a quantity: .*Ki Mi Gi/);
  });
});

describe('arithmetic', () => {
  const sum = (...texts: string[]): string => formatQuantity(texts.map(parseQuantity).reduce(addQuantities));

  test('tenths add up exactly', () => expect(sum('0.1', '0.2')).toBe('300m'));
  test('beyond 2^53 nothing is lost', () => expect(sum('9007199254740993', '1n')).toBe('9007199254740993000000001n'));
  test('a sum keeps the notation of its first part', () => expect(sum('1Gi', '1G')).toBe('2073741824'));
  test('zero has no say in the notation', () => expect(sum('0', '1Gi')).toBe('1Gi'));
  test('difference', () =>
    expect(formatQuantity(subtractQuantities(parseQuantity('1Gi'), parseQuantity('1Mi')))).toBe('1023Mi'));
  test('product', () => expect(formatQuantity(multiplyQuantity(parseQuantity('250m'), 8))).toBe('2'));
  test('rounding goes away from zero', () => {
    expect(ceilQuantity(parseQuantity('1001m'))).toBe(2n);
    expect(ceilQuantity(parseQuantity('-1001m'))).toBe(-2n);
    expect(ceilQuantity(quantityOf(8))).toBe(8n);
  });
  test('as a number', () => expect(quantityToNumber(parseQuantity('1500m'))).toBe(1.5));
  test('1Ki equals 1024', () => expect(compareQuantities(parseQuantity('1Ki'), parseQuantity('1024'))).toBe(0));
});

describe('laws', () => {
  const quantity = fc.record({
    nano: fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n }),
    format: fc.constantFrom('DecimalSI' as const, 'DecimalExponent' as const),
  });
  const bytes = fc
    .bigInt({ min: -(2n ** 62n), max: 2n ** 62n })
    .map((units) => ({ nano: units * 1_000_000_000n, format: 'BinarySI' as const }));

  test('what is formatted parses back to the same amount, and formats the same again', () => {
    fc.assert(
      fc.property(fc.oneof(quantity, bytes), (q) => {
        const text = formatQuantity(q);
        const again = parseQuantity(text);
        expect(again.nano).toBe(q.nano);
        expect(formatQuantity(again)).toBe(text);
      }),
    );
  });

  test('order agrees with addition', () => {
    fc.assert(
      fc.property(quantity, quantity, quantity, (a, b, c) => {
        const before = compareQuantities(a, b);
        expect(compareQuantities(addQuantities(a, c), addQuantities(b, c))).toBe(before);
      }),
    );
  });
});
