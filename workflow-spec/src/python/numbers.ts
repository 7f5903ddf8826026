import { divideRounded, exactRatio } from './float-text.ts';
import { PythonError, valueError } from './value.ts';

const underscored = (digits: string): RegExp => new RegExp(`^${digits}+(_${digits}+)*$`, 'i');
const digitsOfBase: ReadonlyMap<number, RegExp> = new Map([
  [2, underscored('[01]')],
  [8, underscored('[0-7]')],
  [10, underscored('[0-9]')],
  [16, underscored('[0-9a-f]')],
]);
const prefixes: ReadonlyMap<string, number> = new Map([
  ['0b', 2],
  ['0o', 8],
  ['0x', 16],
]);
const strip = (text: string): string => text.replaceAll(/^[\s\x1c-\x1f]+|[\s\x1c-\x1f]+$/g, '');

/** `int(text, base)`, or undefined where Python raises ValueError. Bases: 0, 2, 8, 10, 16. */
export function parseInteger(text: string, base = 10): bigint | undefined {
  const trimmed = strip(text);
  const negative = trimmed.startsWith('-');
  let body = /^[+-]/.test(trimmed) ? trimmed.slice(1) : trimmed;
  const prefixed = prefixes.get(body.slice(0, 2).toLowerCase());
  let effective = base;
  if (prefixed !== undefined && (base === 0 || base === prefixed)) {
    effective = prefixed;
    body = body.slice(body[2] === '_' ? 3 : 2);
  } else if (base === 0) {
    if (/^0[0_]*[1-9]/.test(body)) return undefined;
    effective = 10;
  }
  if (digitsOfBase.get(effective)?.test(body) !== true) return undefined;
  const digits = body.replaceAll('_', '');
  // Python's own limit; without it a long number is a way to spend time.
  if (effective === 10 && digits.length > 4300) return undefined;
  const literal: Readonly<Record<number, string>> = { 2: '0b', 8: '0o', 10: '', 16: '0x' };
  const value = BigInt(`${literal[effective] ?? ''}${digits}`);
  return negative ? -value : value;
}

const floatSyntax = /^[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;

/** `float(text)`, or undefined where Python raises ValueError. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = strip(text);
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (special) {
    const size = special[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return special[1] === '-' ? -size : size;
  }
  return floatSyntax.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : undefined;
}

/** An int as a float. @throws OverflowError when it is too large for one. */
export function toFloat(value: bigint | number): number {
  if (typeof value === 'number') return value;
  const float = Number(value);
  if (!Number.isFinite(float)) throw new PythonError('OverflowError', 'int too large to convert to float');
  return float;
}

/** `int(float)`: cut off towards zero. @throws for nan and infinity, as Python does. */
export function truncated(value: number): bigint {
  if (Number.isNaN(value)) throw valueError('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  return BigInt(Math.trunc(value));
}

/** `round(value, digits)` of a float: correctly rounded, halves to even. */
export function roundFloat(value: number, digits: number): number {
  if (!Number.isFinite(value) || digits > 323) return value;
  if (digits < -308) return value < 0 ? -0 : 0;
  const [numerator, denominator] = exactRatio(value);
  const scale = 10n ** BigInt(Math.abs(digits));
  const scaled =
    digits >= 0 ? divideRounded(numerator * scale, denominator) : divideRounded(numerator, denominator * scale);
  const rounded = digits >= 0 ? Number(`${scaled}e-${digits}`) : Number(scaled * scale);
  if (!Number.isFinite(rounded)) throw new PythonError('OverflowError', 'rounded value too large to represent');
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
}

/** `round(value, digits)` of an int. */
export function roundInteger(value: bigint, digits: number): bigint {
  if (digits >= 0) return value;
  const scale = 10n ** BigInt(Math.min(-digits, 5000));
  return divideRounded(value, scale) * scale;
}
