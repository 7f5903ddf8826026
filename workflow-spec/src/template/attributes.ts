import { dictMethods, listMethods, tupleMethods } from '../python/container-methods.ts';
import { PyDict } from '../python/dict.ts';
import { stringMethods } from '../python/string-methods.ts';
import { itemOf } from '../python/subscript.ts';
import { quoted, repr } from '../python/text.ts';
import {
  type CallArguments,
  PyFunction,
  PyInstance,
  PyTuple,
  Undefined,
  type Value,
  defined,
  typeName,
} from '../python/value.ts';
import { GroupTuple } from './group-tuple.ts';

/**
 * `target.name`: a method or attribute of its own first, then the item of a dict. What begins with two underscores is
 * never an attribute. Only the tables of our own are looked in.
 */
export function attributeOf(target: Value, name: string): Value {
  return found(ownAttribute(target, name), () => found(itemOf(target, name), () => missing(target, name)));
}

/** `target[key]`: the item first, then the method or attribute of that name. */
export function subscriptOf(target: Value, key: Value): Value {
  const item = itemOf(target, key);
  if (item !== undefined) return item;
  return found(typeof key === 'string' ? ownAttribute(target, key) : undefined, () => missing(target, key));
}

/** The value if there is one. `null` is one: None. */
export function found(value: Value | undefined, otherwise: () => Value): Value {
  return value === undefined ? otherwise() : value;
}

/** The attribute or method, without items. */
export function ownAttribute(target: Value, name: string): Value | undefined {
  defined(target);
  if (name.startsWith('__') && name.endsWith('__')) {
    // A dict may have such a key all the same.
    if (target instanceof PyDict && target.has(name)) return undefined;
    return new Undefined(`access to attribute ${quoted(name)} of ${quoted(typeName(target))} object is unsafe.`);
  }
  if (target instanceof PyInstance) return target.attribute(name);
  if (typeof target === 'string') return bound(target, name, stringMethods.get(name));
  if (Array.isArray(target)) return bound(target, name, listMethods.get(name));
  if (target instanceof PyDict) return bound(target, name, dictMethods.get(name));
  if (target instanceof GroupTuple && target.attribute(name) !== undefined) return target.attribute(name);
  if (target instanceof PyTuple) return bound(target, name, tupleMethods.get(name));
  return undefined;
}

function bound<Self extends Value>(
  self: Self,
  name: string,
  method: ((self: Self, args: CallArguments) => Value) | undefined,
): Value | undefined {
  return method && new PyFunction(name, (args) => method(self, args));
}

/** Python's own word for a type in "has no attribute". */
function objectWords(value: Value): string {
  return value === null ? 'None' : `${typeName(value)} object`;
}

function missing(target: Value, key: Value): Undefined {
  return typeof key === 'string'
    ? new Undefined(`${quoted(objectWords(target))} has no attribute ${quoted(key)}`)
    : new Undefined(`${objectWords(target)} has no element ${repr(key)}`);
}
