import { numeric } from './compare.ts';
import { formatPercent } from './percent-format.ts';
import { toFloat } from './numbers.ts';
import { PyTuple, PythonError, type Value, defined, typeError, typeName } from './value.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** Largest text or list that an operator may make, in characters or items. */
export const largestSequence = 4_194_304;
/** Largest int that an operator may make, in bits. */
const largestInteger = 65_536;

/** `a operator b`. @throws TypeError, ZeroDivisionError, OverflowError as Python does, and for what is too large. */
export function binary(a: Value, operator: BinaryOperator, b: Value): Value {
  defined(a);
  if (operator === '%' && typeof a === 'string') return formatPercent(a, b);
  defined(b);
  const left = numeric(a);
  const right = numeric(b);
  if (left !== undefined && right !== undefined) return arithmetic(left, operator, right);
  const sequence = operator === '+' ? joined(a, b) : operator === '*' ? repeated(a, b) : undefined;
  if (sequence !== undefined) return sequence;
  if (operator === '+' && typeof a === 'string') {
    throw typeError(`can only concatenate str (not "${typeName(b)}") to str`);
  }
  const shown = operator === '**' ? '** or pow()' : operator;
  throw typeError(`unsupported operand type(s) for ${shown}: '${typeName(a)}' and '${typeName(b)}'`);
}

function joined(a: Value, b: Value): Value | undefined {
  if (typeof a === 'string' && typeof b === 'string') return checked(a.length + b.length, () => a + b);
  if (Array.isArray(a) && Array.isArray(b)) return checked(a.length + b.length, () => [...a, ...b]);
  if (a instanceof PyTuple && b instanceof PyTuple) {
    return checked(a.items.length + b.items.length, () => new PyTuple([...a.items, ...b.items]));
  }
  return undefined;
}

function repeated(a: Value, b: Value): Value | undefined {
  const times = integerOf(b) ?? integerOf(a);
  const sequence = integerOf(b) === undefined ? b : a;
  if (times === undefined) return undefined;
  const count = times < 0n ? 0 : times > BigInt(largestSequence) ? largestSequence + 1 : Number(times);
  if (typeof sequence === 'string') return checked(sequence.length * count, () => sequence.repeat(count));
  if (Array.isArray(sequence)) return checked(sequence.length * count, () => repeatItems(sequence, count));
  if (sequence instanceof PyTuple) {
    return checked(sequence.items.length * count, () => new PyTuple(repeatItems(sequence.items, count)));
  }
  return undefined;
}

function repeatItems(items: readonly Value[], count: number): Value[] {
  if (items.length === 0) return [];
  return Array.from({ length: count * items.length }, (_, index) => items[index % items.length] ?? null);
}

function integerOf(value: Value): bigint | undefined {
  const number = numeric(value);
  return typeof number === 'bigint' ? number : undefined;
}

/** What `make` makes, unless its size is over the limit. */
export function checked<T>(size: number, make: () => T): T {
  if (size > largestSequence) {
    throw new PythonError('MemoryError', `a text or list of ${size} items is over the limit of ${largestSequence}`);
  }
  return make();
}

function arithmetic(a: bigint | number, operator: BinaryOperator, b: bigint | number): bigint | number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return integerArithmetic(a, operator, b);
  return floatArithmetic(toFloat(a), operator, toFloat(b));
}

function integerArithmetic(a: bigint, operator: BinaryOperator, b: bigint): bigint | number {
  switch (operator) {
    case '+':
      return bounded(a + b);
    case '-':
      return bounded(a - b);
    case '*':
      return bounded(a * b);
    case '/':
      return trueDivision(a, b);
    case '//':
      if (b === 0n) throw zeroDivision('integer division or modulo by zero');
      return floorDivision(a, b);
    case '%':
      if (b === 0n) throw zeroDivision('integer modulo by zero');
      return a - floorDivision(a, b) * b;
    case '**':
      return integerPower(a, b);
  }
}

function bounded(value: bigint): bigint {
  const limit = 1n << BigInt(largestInteger);
  if (value >= limit || value <= -limit) throw tooLarge();
  return value;
}

const tooLarge = (): PythonError =>
  new PythonError('OverflowError', `an int of more than ${largestInteger} bits is over the limit`);
const zeroDivision = (message: string): PythonError => new PythonError('ZeroDivisionError', message);

function floorDivision(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** a ÷ b as the nearest float, however large the two are. */
function trueDivision(a: bigint, b: bigint): number {
  if (b === 0n) throw zeroDivision('division by zero');
  const [left, right] = [Number(a), Number(b)];
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return left / right;
  const negative = a < 0n !== b < 0n;
  const [numerator, denominator] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const shift = BigInt(denominator.toString(2).length - numerator.toString(2).length + 66);
  const scaled = shift >= 0n ? (numerator << shift) / denominator : numerator / (denominator << -shift);
  const inexact = shift >= 0n ? (numerator << shift) % denominator : numerator % (denominator << -shift);
  // The lowest of 66 bits stands for all that was cut off, so that the conversion rounds right.
  const quotient = Number(scaled | (inexact === 0n ? 0n : 1n)) * 2 ** Number(-shift);
  if (!Number.isFinite(quotient)) {
    throw new PythonError('OverflowError', 'integer division result too large for a float');
  }
  return negative ? -quotient : quotient;
}

function integerPower(base: bigint, exponent: bigint): bigint | number {
  if (exponent < 0n) return floatArithmetic(toFloat(base), '**', toFloat(exponent));
  const bits = (base < 0n ? -base : base).toString(2).length;
  if (base > 1n || base < -1n) {
    if (exponent > BigInt(largestInteger) || bits * Number(exponent) > largestInteger + bits) throw tooLarge();
  } else if (base === -1n) return exponent % 2n === 0n ? 1n : -1n;
  else return exponent === 0n ? 1n : base;
  return bounded(base ** exponent);
}

function floatArithmetic(a: number, operator: BinaryOperator, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw zeroDivision('float division by zero');
      return a / b;
    case '//':
      return floorDivide(a, b)[0];
    case '%':
      return floorDivide(a, b)[1];
    case '**':
      return power(a, b);
  }
}

/** CPython's float_divmod: quotient and remainder that has the divisor's sign. */
function floorDivide(a: number, b: number): [number, number] {
  if (b === 0) throw zeroDivision('float floor division by zero');
  let remainder = a % b;
  let quotient = (a - remainder) / b;
  if (remainder === 0) remainder = b < 0 ? -0 : 0;
  else if (b < 0 !== remainder < 0) {
    remainder += b;
    quotient -= 1;
  }
  if (quotient === 0) return [a / b < 0 ? -0 : 0, remainder];
  const floor = Math.floor(quotient);
  return [quotient - floor > 0.5 ? floor + 1 : floor, remainder];
}

function power(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw zeroDivision('0.0 cannot be raised to a negative power');
  if (base === 1 || exponent === 0) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  if (base < 0 && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    throw typeError('a negative number to a fractional power is a complex number, which is not supported');
  }
  const result = base ** exponent;
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent)) {
    throw new PythonError('OverflowError', "(34, 'Numerical result out of range')");
  }
  return result;
}

/** `-value` and `+value`. */
export function signed(operator: '-' | '+', value: Value): Value {
  const number = numeric(defined(value));
  if (number === undefined) throw typeError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  return operator === '-' ? -number : number;
}

/** A finite float as an int when it is one: what indexes and widths accept is ints and bools only. */
export function indexOf(value: Value, what: string): number {
  const number = numeric(defined(value));
  if (typeof number !== 'bigint') throw typeError(`${what} must be an integer, not ${typeName(value)}`);
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(number > limit ? limit : number < -limit ? -limit : number);
}
