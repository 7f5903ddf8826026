import { PyDict } from './dict.ts';
import { characters } from './text.ts';
import { PyIterator, PyRange, PyTuple, PyView, type Value, defined, isLenient, typeError, typeName } from './value.ts';

/** `iter(value)`. @throws TypeError when the value can't be gone through */
export function iterate(value: Value): Iterable<Value> {
  if (Array.isArray(value)) return liveItems(value);
  if (typeof value === 'string') return Array.from(value);
  if (value instanceof PyTuple) return value.items;
  if (value instanceof PyDict) return [...value.keys()];
  if (value instanceof PyRange) return rangeItems(value);
  if (value instanceof PyView) return value.items();
  if (value instanceof PyIterator) return { [Symbol.iterator]: () => value.iterator };
  if (isLenient(value)) return [];
  throw typeError(`'${typeName(defined(value))}' object is not iterable`);
}

/** A list may grow while it is gone through, and Python then goes on. */
function* liveItems(list: readonly Value[]): Generator<Value> {
  for (let index = 0; index < list.length; index += 1) yield list[index] ?? null;
}

function* rangeItems(range: PyRange): Generator<Value> {
  for (let index = 0; index < range.length; index += 1) yield range.at(index);
}

/** `len(value)`. @throws TypeError for what has no length */
export function length(value: Value): number {
  if (typeof value === 'string') return characters(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof PyTuple) return value.items.length;
  if (value instanceof PyDict) return value.size;
  if (value instanceof PyRange) return value.length;
  if (value instanceof PyView) return value.dict.size;
  if (isLenient(value)) return 0;
  throw typeError(`object of type '${typeName(defined(value))}' has no len()`);
}
