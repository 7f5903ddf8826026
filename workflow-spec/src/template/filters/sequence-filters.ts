import { equal, sortOrder, truthy } from '../../python/compare.ts';
import { sortedBy } from '../../python/container-methods.ts';
import { hashKey, PyDict } from '../../python/dict.ts';
import { iterate, length } from '../../python/iterate.ts';
import { binary, checked, indexOf } from '../../python/operators.ts';
import { characters, str } from '../../python/text.ts';
import {
  type CallArguments,
  PyIterator,
  PyRange,
  PyTuple,
  PyView,
  Undefined,
  type Value,
  defined,
  typeError,
  typeName,
  valueError,
} from '../../python/value.ts';
import { found, ownAttribute } from '../attributes.ts';
import type { Filter, Runtime } from '../environment.ts';
import { GroupTuple } from '../group-tuple.ts';
import { attributeGetter, attributeParts, filter, filterError, openFilter, withoutCase } from './define.ts';

/** Filters of lists, dicts and whatever else can be gone through. */
export const sequenceFilters: readonly [string, Filter][] = [
  filter('length', [], (value) => BigInt(length(value))),
  filter('count', [], (value) => BigInt(length(value))),
  filter('list', [], (value, _, runtime) => counted(value, runtime)),
  filter('first', [], (value) => first(value)),
  filter('last', [], (value) => last(value)),
  filter(
    'join',
    [
      ['d', ''],
      ['attribute', null],
    ],
    (value, [separator = '', attribute = null], runtime) => {
      const get = attributeGetter(attribute);
      const parts = counted(value, runtime).map((item) => str(get(item)));
      const size = parts.reduce((sum, part) => sum + part.length, 0) + parts.length * str(separator).length;
      return checked(size, () => parts.join(str(separator)));
    },
  ),
  filter('reverse', [], reverse),
  filter(
    'sort',
    [
      ['reverse', false],
      ['case_sensitive', false],
      ['attribute', null],
    ],
    sort,
  ),
  filter(
    'dictsort',
    [
      ['case_sensitive', false],
      ['by', 'key'],
      ['reverse', false],
    ],
    dictSort,
  ),
  filter('items', [], (value) => {
    if (value instanceof Undefined) return new PyIterator([].values());
    if (!(value instanceof PyDict)) throw typeError('Can only get item pairs from a mapping.');
    return new PyIterator(new PyView('dict_items', value).items().values());
  }),
  filter(
    'unique',
    [
      ['case_sensitive', false],
      ['attribute', null],
    ],
    (value, [cased = null, attribute = null], runtime) =>
      new PyIterator(unique(counted(value, runtime), keyOf(attribute, cased))),
  ),
  filter(
    'min',
    [
      ['case_sensitive', false],
      ['attribute', null],
    ],
    (value, [cased = null, attribute = null], runtime) => extreme(counted(value, runtime), keyOf(attribute, cased), -1),
  ),
  filter(
    'max',
    [
      ['case_sensitive', false],
      ['attribute', null],
    ],
    (value, [cased = null, attribute = null], runtime) => extreme(counted(value, runtime), keyOf(attribute, cased), 1),
  ),
  filter(
    'sum',
    [
      ['attribute', null],
      ['start', 0n],
    ],
    (value, [attribute = null, start = null], runtime) => {
      if (typeof start === 'string') throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
      const get = attributeGetter(attribute);
      return counted(value, runtime).reduce<Value>((sum, item) => binary(sum, '+', get(item)), start);
    },
  ),
  filter(
    'batch',
    ['linecount', ['fill_with', null]],
    (value, args, runtime) => new PyIterator(batch(counted(value, runtime), args)),
  ),
  filter(
    'slice',
    ['slices', ['fill_with', null]],
    (value, args, runtime) => new PyIterator(slices(counted(value, runtime), args)),
  ),
  filter('groupby', ['attribute', ['default', null], ['case_sensitive', false]], groupBy),
  filter('attr', ['name'], (value, [name = null]) => {
    const own = typeof name === 'string' ? ownAttribute(value, name) : undefined;
    return found(own, () => new Undefined(`'${typeName(value)} object' has no attribute '${str(name)}'`));
  }),
  filter(
    'default',
    [
      ['default_value', ''],
      ['boolean', false],
    ],
    otherwise,
  ),
  filter(
    'd',
    [
      ['default_value', ''],
      ['boolean', false],
    ],
    otherwise,
  ),
  openFilter('map', map),
];

/** The items, each counted as a step. */
function counted(value: Value, runtime: Runtime): Value[] {
  const items: Value[] = [];
  for (const item of iterate(value)) {
    runtime.budget.step();
    items.push(item);
  }
  return items;
}

function otherwise(value: Value, [replacement = null, boolean = null]: readonly Value[]): Value {
  return value instanceof Undefined || (truthy(boolean) && !truthy(value)) ? replacement : value;
}

function first(value: Value): Value {
  for (const item of iterate(value)) return item;
  return new Undefined('No first item, sequence was empty.');
}

function last(value: Value): Value {
  if (value instanceof PyIterator) throw typeError("'generator' object is not reversible");
  return found([...iterate(value)].at(-1), () => new Undefined('No last item, sequence was empty.'));
}

function reverse(value: Value): Value {
  if (typeof value === 'string') return Array.from(characters(value)).toReversed().join('');
  defined(value);
  const iterable =
    Array.isArray(value) ||
    value instanceof PyTuple ||
    value instanceof PyDict ||
    value instanceof PyRange ||
    value instanceof PyView ||
    value instanceof PyIterator;
  if (!iterable) throw filterError('argument must be iterable');
  const items = [...iterate(value)].toReversed();
  return value instanceof PyIterator ? items : new PyIterator(items.values());
}

function keyOf(attribute: Value, caseSensitive: Value): (item: Value) => Value {
  const get = attributeGetter(attribute);
  return truthy(caseSensitive) ? get : (item) => withoutCase(get(item));
}

function sort(
  value: Value,
  [descending = null, cased = null, attribute = null]: readonly Value[],
  runtime: Runtime,
): Value {
  const attributes = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const keys = attributes.map((one) => keyOf(one, cased));
  return sortedBy(counted(value, runtime), (item) => keys.map((key) => key(item)), truthy(descending));
}

function dictSort(value: Value, [cased = null, by = null, descending = null]: readonly Value[]): Value {
  if (by !== 'key' && by !== 'value') throw filterError('You can only sort by either "key" or "value"');
  if (!(defined(value) instanceof PyDict)) throw typeError(`'${typeName(value)} object' has no attribute 'items'`);
  const key = ([name, inner]: readonly Value[]): Value => (by === 'key' ? (name ?? null) : (inner ?? null));
  const items = [...(value as PyDict).entries()].map((entry) => new PyTuple(entry));
  return sortedBy(
    items,
    (item) => {
      const part = key((item as PyTuple).items);
      return truthy(cased) ? part : withoutCase(part);
    },
    truthy(descending),
  );
}

function* unique(items: readonly Value[], key: (item: Value) => Value): Generator<Value> {
  const seen = new Set<string>();
  for (const item of items) {
    const hash = hashKey(key(item));
    if (!seen.has(hash)) yield item;
    seen.add(hash);
  }
}

function extreme(items: readonly Value[], key: (item: Value) => Value, direction: 1 | -1): Value {
  const [head, ...rest] = items;
  if (head === undefined) return new Undefined('No aggregated item, sequence was empty.');
  return rest.reduce((best, item) => (direction * sortOrder(key(item), key(best)) > 0 ? item : best), head);
}

function* batch(items: readonly Value[], [size = null, fill = null]: readonly Value[]): Generator<Value> {
  const count = indexOf(size, 'linecount');
  if (count <= 0) throw valueError('linecount must be at least 1');
  for (let start = 0; start < items.length; start += count) {
    const line = items.slice(start, start + count);
    if (fill !== null) checked(count, () => line.push(...Array.from({ length: count - line.length }, () => fill)));
    yield line;
  }
}

function* slices(items: readonly Value[], [size = null, fill = null]: readonly Value[]): Generator<Value> {
  const count = indexOf(size, 'slices');
  if (count <= 0) throw valueError('slices must be at least 1');
  const [each, extra] = [Math.floor(items.length / count), items.length % count];
  for (let index = 0; index < checked(count, () => count); index += 1) {
    const start = index * each + Math.min(index, extra);
    const part = items.slice(start, start + each + (index < extra ? 1 : 0));
    yield fill !== null && index >= extra ? [...part, fill] : part;
  }
}

function groupBy(
  value: Value,
  [attribute = null, missing = null, cased = null]: readonly Value[],
  runtime: Runtime,
): Value {
  const get = attributeGetter(attribute, missing);
  const key = (item: Value): Value => (truthy(cased) ? get(item) : withoutCase(get(item)));
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sortedBy(counted(value, runtime), key, false)) {
    const group = groups.at(-1);
    if (group && equal(group.key, key(item))) group.items.push(item);
    else groups.push({ key: key(item), items: [item] });
  }
  return groups.map(({ items }) => new GroupTuple(get(items[0] ?? null), items));
}

function map(value: Value, { positional, named }: CallArguments, runtime: Runtime): Value {
  const [name, ...rest] = positional;
  if (name === undefined && named.has('attribute')) {
    const unknown = [...named.keys()].find((key) => key !== 'attribute' && key !== 'default');
    if (unknown !== undefined) throw filterError(`Unexpected keyword argument '${unknown}'`);
    const get = attributeGetter(named.get('attribute') ?? null, named.get('default') ?? null);
    return new PyIterator(mapped(value, get, runtime));
  }
  if (name === undefined) throw filterError('map requires a filter argument');
  const wanted = typeof name === 'string' ? runtime.environment.filters.get(name) : undefined;
  if (!wanted) throw filterError(`there is no filter named '${attributeParts(name).map(str).join('.')}'`);
  return new PyIterator(mapped(value, (item) => wanted(item, { positional: rest, named }, runtime), runtime));
}

function* mapped(value: Value, change: (item: Value) => Value, runtime: Runtime): Generator<Value> {
  if (!truthy(value)) return;
  for (const item of iterate(value)) {
    runtime.budget.step();
    yield change(item);
  }
}
