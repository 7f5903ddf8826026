import { numeric, truthy } from '../../python/compare.ts';
import { formatFloat } from '../../python/number-format.ts';
import { parseFloatText, parseInteger, roundFloat, roundInteger, toFloat, truncated } from '../../python/numbers.ts';
import { binary, indexOf } from '../../python/operators.ts';
import { PythonError, type Value, defined, typeError, typeName } from '../../python/value.ts';
import type { Filter } from '../environment.ts';
import { filter, filterError } from './define.ts';

/** Filters of numbers, and to numbers. */
export const numberFilters: readonly [string, Filter][] = [
  filter('abs', [], (value) => {
    const number = real(value);
    return typeof number === 'bigint' ? (number < 0n ? -number : number) : Math.abs(number);
  }),
  filter(
    'int',
    [
      ['default', 0n],
      ['base', 10n],
    ],
    (value, [otherwise = null, base = null]) => toInteger(value, indexOf(base, 'base')) ?? otherwise,
  ),
  filter('float', [['default', 0]], (value, [otherwise = null]) => toFloatOrNothing(value) ?? otherwise),
  filter(
    'round',
    [
      ['precision', 0n],
      ['method', 'common'],
    ],
    round,
  ),
  filter('filesizeformat', [['binary', false]], (value, [binaryUnits = null]) => fileSize(value, truthy(binaryUnits))),
];

function real(value: Value): bigint | number {
  const number = numeric(defined(value));
  if (number === undefined) throw typeError(`a number is required, not '${typeName(value)}'`);
  return number;
}

function toInteger(value: Value, base: number): bigint | undefined {
  defined(value);
  if (typeof value === 'string') {
    const parsed = parseInteger(value, base);
    if (parsed !== undefined) return parsed;
    const float = parseFloatText(value);
    return float === undefined || !Number.isFinite(float) ? undefined : truncated(float);
  }
  const number = numeric(value);
  if (typeof number !== 'number') return number;
  // Python catches this for nan only; int(inf) is an error of its own.
  if (Number.isNaN(number)) return undefined;
  return truncated(number);
}

function toFloatOrNothing(value: Value): number | undefined {
  defined(value);
  if (typeof value === 'string') return parseFloatText(value);
  const number = numeric(value);
  return number === undefined ? undefined : toFloat(number);
}

function round(value: Value, [precision = null, method = null]: readonly Value[]): Value {
  if (method !== 'common' && method !== 'ceil' && method !== 'floor') {
    throw filterError('method must be common, ceil or floor');
  }
  const number = real(value);
  const digits = indexOf(precision, 'precision');
  if (method === 'common') {
    if (typeof value === 'boolean') return roundInteger(value ? 1n : 0n, digits);
    return typeof number === 'bigint' ? roundInteger(number, digits) : roundFloat(number, digits);
  }
  const scale = binary(10n, '**', BigInt(digits));
  const scaled = real(binary(number, '*', scale));
  if (typeof scaled === 'bigint') return binary(scaled, '/', scale);
  if (!Number.isFinite(scaled)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  return binary(BigInt(method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)), '/', scale);
}

function fileSize(value: Value, binaryUnits: boolean): string {
  const bytes = typeof value === 'string' ? parseFloatText(value) : toFloatOrNothing(value);
  if (bytes === undefined) throw typeError(`a number of bytes is required, not '${typeName(value)}'`);
  const base = binaryUnits ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${truncated(bytes)} Bytes`;
  const prefixes = 'kMGTPEZY'.split('').map((letter) => (binaryUnits ? `${letter.toUpperCase()}iB` : `${letter}B`));
  const index = prefixes.findIndex((_, at) => bytes < base ** (at + 2));
  const at = index === -1 ? prefixes.length - 1 : index;
  return `${formatFloat((base * bytes) / base ** (at + 2), 'f', 1, false)} ${prefixes[at]}`;
}
