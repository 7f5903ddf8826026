import type { PyDict } from './dict.ts';

/**
 * A Python value. `int` is a bigint, `float` a number, `list` an array. Nothing else of JavaScript is ever a value, and
 * attributes are looked up in tables of our own, so that no template gets hold of a prototype or a constructor.
 */
export type Value = null | boolean | bigint | number | string | Value[] | PyObject;

/** Values that are neither None, scalars nor lists. */
export abstract class PyObject {
  /** Python's name of the type, as its error messages have it. */
  abstract readonly typeName: string;
}

export class PyTuple extends PyObject {
  readonly typeName = 'tuple';
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
}

export class PyRange extends PyObject {
  readonly typeName = 'range';
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;

  constructor(start: bigint, stop: bigint, step: bigint) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** Number of items. */
  get length(): number {
    const span = this.step > 0n ? this.stop - this.start : this.start - this.stop;
    const stride = this.step > 0n ? this.step : -this.step;
    return span <= 0n ? 0 : Number((span + stride - 1n) / stride);
  }

  /** The item at `index`, which is in range. */
  at(index: number): bigint {
    return this.start + BigInt(index) * this.step;
  }
}

/** `datetime.date`, or `datetime.datetime` when it has a time. */
export class PyDate extends PyObject {
  readonly typeName: 'datetime.date' | 'datetime.datetime';
  /** As `str()` prints it. */
  readonly text: string;
  /** As `repr()` prints it. */
  readonly representation: string;

  constructor(type: 'datetime.date' | 'datetime.datetime', text: string, representation: string) {
    super();
    this.typeName = type;
    this.text = text;
    this.representation = representation;
  }
}

/** A live view of a dict: `d.keys()`, `d.values()`, `d.items()`. */
export class PyView extends PyObject {
  readonly typeName: 'dict_keys' | 'dict_values' | 'dict_items';
  readonly dict: PyDict;

  constructor(type: PyView['typeName'], dict: PyDict) {
    super();
    this.typeName = type;
    this.dict = dict;
  }

  items(): Value[] {
    const entries = [...this.dict.entries()];
    if (this.typeName === 'dict_keys') return entries.map(([key]) => key);
    if (this.typeName === 'dict_values') return entries.map(([, value]) => value);
    return entries.map((entry) => new PyTuple(entry));
  }
}

/** A generator or iterator: can be gone through once. */
export class PyIterator extends PyObject {
  readonly typeName = 'generator';
  readonly iterator: Iterator<Value>;

  constructor(iterator: Iterator<Value>) {
    super();
    this.iterator = iterator;
  }
}

/** Jinja's StrictUndefined: whatever is done with it but `is defined` and `default` is an error. */
export class Undefined extends PyObject {
  readonly typeName = 'Undefined';
  /** What to say when it is used. */
  readonly message: string;
  /** Jinja's ordinary Undefined, which is what `x if y` without `else` gives: empty text, false, no items. */
  readonly lenient: boolean;

  constructor(message: string, lenient = false) {
    super();
    this.message = message;
    this.lenient = lenient;
  }
}

/** Positional and named arguments of a call. */
export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** A function or bound method that a template may call. */
export class PyFunction extends PyObject {
  readonly typeName = 'builtin_function_or_method';
  readonly name: string;
  readonly call: (args: CallArguments) => Value;

  constructor(name: string, call: (args: CallArguments) => Value) {
    super();
    this.name = name;
    this.call = call;
  }
}

/** An object whose attributes are its own: `loop`, `namespace()`, `cycler()`, `joiner()`, macros. */
export abstract class PyInstance extends PyObject {
  /** The attribute, or undefined when there is none. */
  abstract attribute(name: string): Value | undefined;
  /** What calling it does; it can't be called when this is not set. */
  invoke?(args: CallArguments): Value;
}

/** An exception as Python would raise it. */
export class PythonError extends Error {
  /** Python's class of the exception. */
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = 'PythonError';
    this.type = type;
  }
}

export const typeError = (message: string): PythonError => new PythonError('TypeError', message);
export const valueError = (message: string): PythonError => new PythonError('ValueError', message);
export const undefinedError = (value: Undefined): PythonError => new PythonError('UndefinedError', value.message);

/** Python's name of a value's type. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  return Array.isArray(value) ? 'list' : value.typeName;
}

/** Whether the value is the undefined one that may be printed and gone through. */
export const isLenient = (value: Value): boolean => value instanceof Undefined && value.lenient;

/** The value, which must not be undefined: any use of an undefined value raises. */
export function defined(value: Value): Value {
  if (value instanceof Undefined) throw undefinedError(value);
  return value;
}
