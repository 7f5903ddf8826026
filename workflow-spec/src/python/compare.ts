import { PyDict } from './dict.ts';
import { exactRatio } from './float-text.ts';
import {
  PyDate,
  PyInstance,
  PyRange,
  PyTuple,
  PyView,
  Undefined,
  type Value,
  defined,
  isLenient,
  typeError,
  typeName,
  undefinedError,
} from './value.ts';

/** `bool(value)`. */
export function truthy(value: Value): boolean {
  if (value === null) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') return value !== '';
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof PyDict) return value.size > 0;
  if (value instanceof PyRange) return value.length > 0;
  if (value instanceof PyView) return value.dict.size > 0;
  if (isLenient(value)) return false;
  defined(value);
  return true;
}

/** bool, int and float as one of bigint and number; undefined for what is no number. */
export function numeric(value: Value): bigint | number | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

/** `a == b`. */
export function equal(a: Value, b: Value): boolean {
  if (a instanceof Undefined && !a.lenient) throw undefinedError(a);
  if (b instanceof Undefined && !b.lenient) throw undefinedError(b);
  if (a instanceof Undefined || b instanceof Undefined) return a instanceof Undefined && b instanceof Undefined;
  const left = numeric(a);
  const right = numeric(b);
  if (left !== undefined && right !== undefined) return compareNumbers(left, right) === 0;
  if (Array.isArray(a)) return Array.isArray(b) && equalItems(a, b);
  if (a instanceof PyTuple) return b instanceof PyTuple && equalItems(a.items, b.items);
  if (a instanceof PyDict) return b instanceof PyDict && equalDicts(a, b);
  if (a instanceof PyRange) return b instanceof PyRange && equalRanges(a, b);
  if (a instanceof PyDate) return b instanceof PyDate && a.typeName === b.typeName && a.text === b.text;
  return a === b;
}

function equalItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index] ?? null));
}

/** Python compares items of containers by identity first. */
function same(a: Value, b: Value): boolean {
  return a === b || equal(a, b);
}

function equalDicts(a: PyDict, b: PyDict): boolean {
  if (a.size !== b.size) return false;
  return [...a.entries()].every(([key, value]) => b.has(key) && same(value, b.get(key) ?? null));
}

function equalRanges(a: PyRange, b: PyRange): boolean {
  if (a.length !== b.length) return false;
  return a.length === 0 || (a.start === b.start && (a.length === 1 || a.step === b.step));
}

/** < 0, 0, > 0, or NaN when one of them is nan. Ints and floats are compared exactly. */
export function compareNumbers(a: bigint | number, b: bigint | number): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : Number(a > b);
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  if (typeof a === 'number') return -compareNumbers(b, a);
  const float = Number(b);
  if (Number.isNaN(float)) return Number.NaN;
  if (!Number.isFinite(float)) return float > 0 ? -1 : 1;
  const [numerator, denominator] = exactRatio(float);
  const scaled = a * denominator;
  return scaled < numerator ? -1 : Number(scaled > numerator);
}

type Ordering = '<' | '<=' | '>' | '>=';

/** `a < b` and its like. @throws TypeError for values that have no order. */
export function ordered(a: Value, operator: Ordering, b: Value): boolean {
  defined(a);
  defined(b);
  const left = numeric(a);
  const right = numeric(b);
  if (left !== undefined && right !== undefined) return holds(compareNumbers(left, right), operator);
  if (typeof a === 'string' && typeof b === 'string') return holds(compareText(a, b), operator);
  if (Array.isArray(a) && Array.isArray(b)) return orderedItems(a, operator, b);
  if (a instanceof PyTuple && b instanceof PyTuple) return orderedItems(a.items, operator, b.items);
  if (a instanceof PyDate && b instanceof PyDate && a.typeName === b.typeName && a.text.length === b.text.length) {
    return holds(compareText(a.text, b.text), operator);
  }
  throw typeError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

function holds(order: number, operator: Ordering): boolean {
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** By code points, as Python does; UTF-16 units have another order beyond U+FFFF. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (!/[\uD800-\uDFFF]/.test(a + b)) return a < b ? -1 : 1;
  const left = Array.from(a, (char) => char.codePointAt(0) ?? 0);
  const right = Array.from(b, (char) => char.codePointAt(0) ?? 0);
  const index = left.findIndex((code, at) => code !== right[at]);
  if (index === -1) return -1;
  const other = right[index];
  return other === undefined || (left[index] ?? 0) > other ? 1 : -1;
}

function orderedItems(a: readonly Value[], operator: Ordering, b: readonly Value[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [a[index] ?? null, b[index] ?? null];
    if (!same(left, right)) return ordered(left, operator, right);
  }
  return holds(a.length - b.length, operator);
}

/** The function that `sorted` and `min` order by; equal values stay where they are. */
export function sortOrder(a: Value, b: Value): number {
  if (ordered(a, '<', b)) return -1;
  return ordered(b, '<', a) ? 1 : 0;
}

/** `item in container`. */
export function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string') {
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(defined(item))}`);
    }
    return container.includes(item);
  }
  if (Array.isArray(container)) return container.some((member) => same(member, item));
  if (container instanceof PyTuple) return container.items.some((member) => same(member, item));
  if (container instanceof PyDict) return container.has(item);
  if (container instanceof PyRange) return inRange(container, item);
  if (container instanceof PyView) {
    return container.typeName === 'dict_keys'
      ? container.dict.has(item)
      : container.items().some((member) => same(member, item));
  }
  if (isLenient(container)) return false;
  defined(container);
  const type = container instanceof PyInstance ? container.typeName : typeName(container);
  throw typeError(`argument of type '${type}' is not iterable`);
}

function inRange(range: PyRange, item: Value): boolean {
  const wanted = numeric(item);
  if (wanted === undefined || (typeof wanted === 'number' && !Number.isInteger(wanted))) return false;
  const value = BigInt(wanted);
  const inside =
    range.step > 0n ? value >= range.start && value < range.stop : value <= range.start && value > range.stop;
  return inside && (value - range.start) % range.step === 0n;
}
