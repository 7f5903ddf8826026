import { equal, sortOrder, truthy } from './compare.ts';
import { PyDict } from './dict.ts';
import { iterate } from './iterate.ts';
import { checked, indexOf } from './operators.ts';
import { bind } from './signature.ts';
import { repr } from './text.ts';
import {
  type CallArguments,
  PyFunction,
  PyInstance,
  PyTuple,
  PyView,
  PythonError,
  type Value,
  typeError,
  valueError,
} from './value.ts';

type Method<Self> = (self: Self, args: CallArguments) => Value;

const keyError = (key: Value): PythonError => new PythonError('KeyError', repr(key));

/** Methods of dict that templates may call, by name. */
export const dictMethods: ReadonlyMap<string, Method<PyDict>> = new Map<string, Method<PyDict>>([
  ['keys', (self, args) => without('keys', args, () => new PyView('dict_keys', self))],
  ['values', (self, args) => without('values', args, () => new PyView('dict_values', self))],
  ['items', (self, args) => without('items', args, () => new PyView('dict_items', self))],
  ['copy', (self, args) => without('copy', args, () => new PyDict(self.entries()))],
  [
    'get',
    (self, args) => {
      const [key = null, otherwise = null] = bind('get', ['key', ['default', null]], args);
      return self.get(key) ?? (self.has(key) ? null : otherwise);
    },
  ],
  [
    'pop',
    (self, { positional }) => {
      const [key = null, otherwise] = positional;
      if (self.has(key)) return self.delete(key) ?? null;
      if (otherwise === undefined) throw keyError(key);
      return otherwise;
    },
  ],
  [
    'setdefault',
    (self, args) => {
      const [key = null, otherwise = null] = bind('setdefault', ['key', ['default', null]], args);
      if (!self.has(key)) self.set(key, otherwise);
      return self.get(key) ?? null;
    },
  ],
  [
    'update',
    (self, { positional, named }) => {
      const [other] = positional;
      if (other !== undefined) for (const [key, value] of pairs(other)) self.set(key, value);
      for (const [key, value] of named) self.set(key, value);
      return null;
    },
  ],
  [
    'clear',
    (self) => {
      self.clear();
      return null;
    },
  ],
  [
    'popitem',
    (self) => {
      const last = [...self.entries()].at(-1);
      if (!last) throw new PythonError('KeyError', "'popitem(): dictionary is empty'");
      self.delete(last[0]);
      return new PyTuple(last);
    },
  ],
]);

function without(name: string, args: CallArguments, run: () => Value): Value {
  bind(name, [], args);
  return run();
}

/** The pairs that a dict, or an iterable of pairs, has. */
export function pairs(value: Value): [Value, Value][] {
  if (value instanceof PyDict) return [...value.entries()];
  return Array.from(iterate(value), (item) => {
    const [key, inner, ...more] = [...iterate(item)];
    if (key === undefined || inner === undefined || more.length > 0) {
      throw valueError('dictionary update sequence elements must have two items each');
    }
    return [key, inner];
  });
}

/** Methods of list that templates may call, by name. */
export const listMethods: ReadonlyMap<string, Method<Value[]>> = new Map<string, Method<Value[]>>([
  ['append', (self, args) => changed(self, 1, () => self.push(...bind('append', ['object'], args)))],
  [
    'extend',
    (self, args) => {
      const items = [...iterate(bind('extend', ['iterable'], args)[0] ?? null)];
      return changed(self, items.length, () => {
        for (const item of items) self.push(item);
      });
    },
  ],
  [
    'insert',
    (self, args) => {
      const [index = null, item = null] = bind('insert', ['index', 'object'], args);
      return changed(self, 1, () => self.splice(indexOf(index, 'index'), 0, item));
    },
  ],
  [
    'pop',
    (self, args) => {
      const at = indexOf(bind('pop', [['index', -1n]], args)[0] ?? null, 'index');
      const index = at < 0 ? at + self.length : at;
      if (index < 0 || index >= self.length) throw new PythonError('IndexError', 'pop index out of range');
      return self.splice(index, 1)[0] ?? null;
    },
  ],
  [
    'remove',
    (self, args) => {
      const index = position(self, bind('remove', ['value'], args)[0] ?? null);
      if (index === -1) throw valueError('list.remove(x): x not in list');
      self.splice(index, 1);
      return null;
    },
  ],
  ['clear', (self) => changed(self, 0, () => self.splice(0))],
  ['copy', (self) => [...self]],
  ['reverse', (self) => changed(self, 0, () => self.splice(0, self.length, ...self.toReversed()))],
  [
    'sort',
    (self, args) => {
      if (args.positional.length > 0) throw typeError('sort() takes no positional arguments');
      const [key = null, reverse = false] = bind(
        'sort',
        [
          ['key', null],
          ['reverse', false],
        ],
        args,
      );
      const sorted = sortedBy([...self], key === null ? (item) => item : (item) => callKey(key, item), truthy(reverse));
      return changed(self, 0, () => self.splice(0, self.length, ...sorted));
    },
  ],
  ['index', (self, args) => sequenceIndex(self, args)],
  ['count', (self, args) => sequenceCount(self, args)],
]);

function callKey(key: Value, item: Value): Value {
  const args: CallArguments = { positional: [item], named: new Map() };
  if (key instanceof PyFunction) return key.call(args);
  if (key instanceof PyInstance && key.invoke) return key.invoke(args);
  throw typeError('the key is not callable');
}

function changed(self: Value[], growth: number, change: () => unknown): null {
  checked(self.length + growth, change);
  return null;
}

function position(items: readonly Value[], value: Value): number {
  return items.findIndex((item) => item === value || equal(item, value));
}

/** `sorted(items, key, reverse)`: stable, in reverse too. */
export function sortedBy(items: readonly Value[], keyOf: (item: Value) => Value, reverse: boolean): Value[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  const direction = reverse ? -1 : 1;
  return keyed.toSorted((a, b) => direction * sortOrder(a.key, b.key)).map(({ item }) => item);
}

/** Methods of tuple. */
export const tupleMethods: ReadonlyMap<string, Method<PyTuple>> = new Map<string, Method<PyTuple>>([
  ['index', (self, args) => sequenceIndex(self.items, args)],
  ['count', (self, args) => sequenceCount(self.items, args)],
]);

function sequenceIndex(items: readonly Value[], args: CallArguments): Value {
  const index = position(items, bind('index', ['value'], args)[0] ?? null);
  if (index === -1) throw valueError('the value is not in the list');
  return BigInt(index);
}

function sequenceCount(items: readonly Value[], args: CallArguments): Value {
  const [value = null] = bind('count', ['value'], args);
  return BigInt(items.filter((item) => item === value || equal(item, value)).length);
}
