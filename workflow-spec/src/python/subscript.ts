import { numeric } from './compare.ts';
import { PyDict } from './dict.ts';
import { indexOf } from './operators.ts';
import { characters } from './text.ts';
import { PyRange, PyTuple, type Value, defined, valueError } from './value.ts';

/** `target[key]`, or undefined where Python raises TypeError or LookupError. */
export function itemOf(target: Value, key: Value): Value | undefined {
  defined(target);
  if (target instanceof PyDict) return isHashable(key) ? target.get(key) : undefined;
  const index = numeric(key);
  if (typeof index !== 'bigint') return undefined;
  if (typeof target === 'string') {
    const chars = characters(target);
    const at = position(index, chars.length);
    return at === undefined ? undefined : chars[at];
  }
  const items = Array.isArray(target) ? target : target instanceof PyTuple ? target.items : undefined;
  if (items) {
    const at = position(index, items.length);
    return at === undefined ? undefined : items[at];
  }
  if (!(target instanceof PyRange)) return undefined;
  const at = position(index, target.length);
  return at === undefined ? undefined : target.at(at);
}

function isHashable(key: Value): boolean {
  return (
    key === null ||
    typeof key !== 'object' ||
    (key instanceof PyTuple && key.items.every(isHashable)) ||
    scalarObject(key)
  );
}

function scalarObject(key: Value): boolean {
  return !Array.isArray(key) && !(key instanceof PyDict) && !(key instanceof PyTuple);
}

function position(index: bigint, length: number): number | undefined {
  const at = index < 0n ? index + BigInt(length) : index;
  return at >= 0n && at < BigInt(length) ? Number(at) : undefined;
}

/** `target[start:stop:step]`, or undefined when the target has no slices. */
export function sliceOf(target: Value, start: Value, stop: Value, step: Value): Value | undefined {
  defined(target);
  if (typeof target === 'string') {
    const chars = characters(target);
    return indices(chars.length, start, stop, step)
      .map((index) => chars[index])
      .join('');
  }
  if (Array.isArray(target)) return indices(target.length, start, stop, step).map((index) => target[index] ?? null);
  if (target instanceof PyTuple) {
    return new PyTuple(indices(target.items.length, start, stop, step).map((index) => target.items[index] ?? null));
  }
  if (target instanceof PyRange) return slicedRange(target, start, stop, step);
  return undefined;
}

interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly stride: number;
}

/** CPython's PySlice_AdjustIndices. */
function bounds(length: number, start: Value, stop: Value, step: Value): Bounds {
  const what = 'slice indices';
  const stride = step === null ? 1 : indexOf(step, what);
  if (stride === 0) throw valueError('slice step cannot be zero');
  const clamp = (value: Value, otherwise: number): number => {
    if (value === null) return otherwise;
    const index = indexOf(value, what);
    const absolute = index < 0 ? index + length : index;
    return stride > 0 ? Math.min(Math.max(absolute, 0), length) : Math.min(Math.max(absolute, -1), length - 1);
  };
  return { from: clamp(start, stride > 0 ? 0 : length - 1), to: clamp(stop, stride > 0 ? length : -1), stride };
}

function indices(length: number, start: Value, stop: Value, step: Value): number[] {
  const { from, to, stride } = bounds(length, start, stop, step);
  const found: number[] = [];
  for (let index = from; stride > 0 ? index < to : index > to; index += stride) found.push(index);
  return found;
}

function slicedRange(range: PyRange, start: Value, stop: Value, step: Value): PyRange {
  const { from, to, stride } = bounds(range.length, start, stop, step);
  return new PyRange(range.at(from), range.at(to), range.step * BigInt(stride));
}
