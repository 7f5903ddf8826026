import { type CallArguments, type Value, typeError } from './value.ts';

/** A parameter: its name, and its default when it has one. */
export type ParameterSpec = string | readonly [name: string, value: Value];

/**
 * The values of a function's parameters in a call, by Python's rules.
 *
 * @throws TypeError for missing, superfluous and unknown arguments
 */
export function bind(
  name: string,
  parameters: readonly ParameterSpec[],
  { positional, named }: CallArguments,
): Value[] {
  const names = parameters.map((parameter) => (typeof parameter === 'string' ? parameter : parameter[0]));
  if (positional.length > parameters.length) {
    throw typeError(`${name}() takes at most ${parameters.length} arguments (${positional.length} given)`);
  }
  for (const key of named.keys()) {
    const index = names.indexOf(key);
    if (index === -1) throw typeError(`${name}() got an unexpected keyword argument '${key}'`);
    if (index < positional.length) throw typeError(`${name}() got multiple values for argument '${key}'`);
  }
  return parameters.map((parameter, index) => {
    const [key, otherwise] = typeof parameter === 'string' ? [parameter, undefined] : parameter;
    if (index < positional.length) return positional[index] ?? null;
    if (named.has(key)) return named.get(key) ?? null;
    if (otherwise === undefined) throw typeError(`${name}() missing required argument: '${key}'`);
    return otherwise;
  });
}

/** Positional arguments only. */
export const positionalOnly = (...positional: readonly Value[]): CallArguments => ({ positional, named: new Map() });
