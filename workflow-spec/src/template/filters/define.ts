import { bind, type ParameterSpec } from '../../python/signature.ts';
import { str } from '../../python/text.ts';
import type { CallArguments, Value } from '../../python/value.ts';
import { PythonError } from '../../python/value.ts';
import type { Filter, Runtime } from '../environment.ts';
import { subscriptOf } from '../attributes.ts';
import { Undefined } from '../../python/value.ts';

/** A filter whose parameters are `parameters`, after the filtered value. */
export function filter(
  name: string,
  parameters: readonly ParameterSpec[],
  run: (value: Value, args: readonly Value[], runtime: Runtime) => Value,
): [string, Filter] {
  return [name, (value, args, runtime) => run(value, bind(name, parameters, args), runtime)];
}

/** A filter of a text, which every value has. */
export function textFilter(
  name: string,
  parameters: readonly ParameterSpec[],
  run: (text: string, args: readonly Value[]) => Value,
): [string, Filter] {
  return filter(name, parameters, (value, args) => run(str(value), args));
}

export const filterError = (message: string): PythonError => new PythonError('FilterArgumentError', message);

/** Finds `a.b.0` in a value; what is missing is undefined, or `otherwise`. */
export function attributeGetter(attribute: Value, otherwise: Value = null): (item: Value) => Value {
  const parts = attributeParts(attribute);
  return (item) =>
    parts.reduce<Value>((value, part) => {
      const found = subscriptOf(value, part);
      return found instanceof Undefined && otherwise !== null ? otherwise : found;
    }, item);
}

export function attributeParts(attribute: Value): Value[] {
  if (attribute === null) return [];
  if (typeof attribute !== 'string') return [attribute];
  return attribute.split('.').map((part) => (/^\p{Nd}+$/u.test(part) ? BigInt(part) : part));
}

/** Strings without their case, for comparisons. */
export const withoutCase = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value);

/** A filter that gets its arguments as they come. */
export const openFilter = (
  name: string,
  run: (value: Value, args: CallArguments, runtime: Runtime) => Value,
): [string, Filter] => [name, run];
