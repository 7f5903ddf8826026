import { truthy } from '../../python/compare.ts';
import { iterate } from '../../python/iterate.ts';
import { repr } from '../../python/text.ts';
import { PyIterator, PythonError, type CallArguments, type Value } from '../../python/value.ts';
import type { Filter, Runtime } from '../environment.ts';
import { attributeGetter, filterError, openFilter } from './define.ts';

/** `select`, `reject`, `selectattr`, `rejectattr`: items that pass a test, or have an attribute that does. */
export const selectingFilters: readonly [string, Filter][] = [
  openFilter('select', (value, args, runtime) => selecting(value, args, runtime, true, false)),
  openFilter('reject', (value, args, runtime) => selecting(value, args, runtime, false, false)),
  openFilter('selectattr', (value, args, runtime) => selecting(value, args, runtime, true, true)),
  openFilter('rejectattr', (value, args, runtime) => selecting(value, args, runtime, false, true)),
];

function selecting(
  value: Value,
  { positional, named }: CallArguments,
  runtime: Runtime,
  wanted: boolean,
  byAttribute: boolean,
): Value {
  const [attribute] = positional;
  if (byAttribute && attribute === undefined) throw filterError('Missing parameter for attribute name');
  const get = byAttribute ? attributeGetter(attribute ?? null) : (item: Value): Value => item;
  const [name, ...rest] = byAttribute ? positional.slice(1) : positional;
  const holds = name === undefined ? truthy : testNamed(name, { positional: rest, named }, runtime);
  return new PyIterator(selected(value, (item) => holds(get(item)) === wanted, runtime));
}

function testNamed(name: Value, args: CallArguments, runtime: Runtime): (item: Value) => boolean {
  const test = typeof name === 'string' ? runtime.environment.tests.get(name) : undefined;
  if (!test) throw new PythonError('TemplateRuntimeError', `there is no test named ${repr(name)}`);
  return (item) => test(item, args, runtime);
}

function* selected(value: Value, keep: (item: Value) => boolean, runtime: Runtime): Generator<Value> {
  if (!truthy(value)) return;
  for (const item of iterate(value)) {
    runtime.budget.step();
    if (keep(item)) yield item;
  }
}
