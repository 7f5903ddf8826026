import { defined, isLenient, PyDate, PyObject, PyTuple, typeError, typeName, type Value } from './value.ts';

/** Python's dict: keys by value (`1`, `1.0` and `True` are one key), in the order of insertion. */
export class PyDict extends PyObject {
  readonly typeName = 'dict';
  readonly #entries = new Map<string, [Value, Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    super();
    for (const [key, value] of entries) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @throws TypeError when the key isn't hashable */
  get(key: Value): Value | undefined {
    return this.#entries.get(hashKey(key))?.[1];
  }

  has(key: Value): boolean {
    return this.#entries.has(hashKey(key));
  }

  /** Sets the value; an existing entry keeps its place and its key. */
  set(key: Value, value: Value): void {
    const hash = hashKey(key);
    const entry = this.#entries.get(hash);
    if (entry) entry[1] = value;
    else this.#entries.set(hash, [key, value]);
  }

  /** Removes the entry and returns its value, if there is one. */
  delete(key: Value): Value | undefined {
    const hash = hashKey(key);
    const value = this.#entries.get(hash)?.[1];
    this.#entries.delete(hash);
    return value;
  }

  clear(): void {
    this.#entries.clear();
  }

  *entries(): Generator<[Value, Value]> {
    for (const [key, value] of this.#entries.values()) yield [key, value];
  }

  *keys(): Generator<Value> {
    for (const [key] of this.#entries.values()) yield key;
  }
}

/**
 * A text that is the same for two values exactly when Python finds them equal and their hashes agree.
 *
 * @throws TypeError when the value isn't hashable
 */
export function hashKey(value: Value): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'boolean') return value ? 'n1' : 'n0';
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `f${value}`;
  if (value instanceof PyTuple) {
    const parts = value.items.map(hashKey);
    return `t${parts.map((part) => `${part.length}:${part}`).join('')}`;
  }
  if (value instanceof PyDate) return `d${value.typeName} ${value.text}`;
  if (isLenient(value)) return 'undefined';
  defined(value);
  throw typeError(`unhashable type: '${typeName(value)}'`);
}
