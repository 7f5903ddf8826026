import { PyDict } from '../python/dict.ts';
import { quoted } from '../python/text.ts';
import { type CallArguments, PyInstance, PyTuple, Undefined, type Value, typeError } from '../python/value.ts';
import type { MacroDefinition } from './ast.ts';
import { Scope } from './scope.ts';

/** A macro together with the scope that it was defined in. */
export class Macro extends PyInstance {
  readonly typeName = 'Macro';
  readonly #definition: MacroDefinition;
  readonly #scope: Scope;
  readonly #render: (definition: MacroDefinition, scope: Scope, bindings: Bindings) => Value;

  constructor(
    definition: MacroDefinition,
    scope: Scope,
    render: (definition: MacroDefinition, scope: Scope, bindings: Bindings) => Value,
  ) {
    super();
    this.#definition = definition;
    this.#scope = scope;
    this.#render = render;
  }

  attribute(name: string): Value | undefined {
    const { name: own, parameters, uses } = this.#definition;
    switch (name) {
      case 'name':
        return own;
      case 'arguments':
        return new PyTuple(parameters.map((parameter) => parameter.name));
      case 'catch_kwargs':
        return uses.has('kwargs');
      case 'catch_varargs':
        return uses.has('varargs');
      case 'caller':
        return uses.has('caller');
      default:
        return undefined;
    }
  }

  override invoke(args: CallArguments): Value {
    return this.#render(this.#definition, new Scope(this.#scope), bindMacro(this.#definition, args));
  }
}

/** Values of a macro's names in one call. A parameter that is missing here gets its default. */
export type Bindings = ReadonlyMap<string, Value>;

/** Jinja's rules for the arguments of macros. @throws TypeError for those that the macro doesn't take */
export function bindMacro({ name, parameters, uses }: MacroDefinition, { positional, named }: CallArguments): Bindings {
  const bindings = new Map<string, Value>();
  const rest = new Map(named);
  for (const [index, parameter] of parameters.entries()) {
    const value = positional[index];
    const byName = rest.get(parameter.name);
    if (value !== undefined) {
      if (byName !== undefined)
        throw typeError(`macro ${quoted(name)} got multiple values for argument '${parameter.name}'`);
      bindings.set(parameter.name, value);
    } else if (byName !== undefined) {
      bindings.set(parameter.name, byName);
      rest.delete(parameter.name);
    } else if (!parameter.default) {
      bindings.set(parameter.name, new Undefined(`parameter ${quoted(parameter.name)} was not provided`));
    }
  }
  if (uses.has('caller') && !bindings.has('caller')) {
    bindings.set('caller', rest.get('caller') ?? new Undefined('No caller defined'));
    rest.delete('caller');
  }
  if (uses.has('kwargs')) bindings.set('kwargs', new PyDict(rest));
  else if (rest.has('caller')) {
    throw typeError(`macro ${quoted(name)} takes no caller: it can't be used in {% call %}`);
  } else if (rest.size > 0) {
    throw typeError(`macro ${quoted(name)} takes no keyword argument ${quoted([...rest.keys()][0] ?? '')}`);
  }
  if (uses.has('varargs')) bindings.set('varargs', new PyTuple(positional.slice(parameters.length)));
  else if (positional.length > parameters.length) {
    throw typeError(`macro ${quoted(name)} takes not more than ${parameters.length} argument(s)`);
  }
  return bindings;
}
