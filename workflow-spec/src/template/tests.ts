import { contains, equal, numeric, ordered } from '../python/compare.ts';
import { PyDict } from '../python/dict.ts';
import { binary } from '../python/operators.ts';
import { bind, type ParameterSpec } from '../python/signature.ts';
import { str } from '../python/text.ts';
import {
  PyFunction,
  PyInstance,
  PyIterator,
  PyRange,
  PyTuple,
  PyView,
  Undefined,
  type Value,
  defined,
  isLenient,
} from '../python/value.ts';
import { isCased } from '../python/string-cases.ts';
import type { Runtime, Test } from './environment.ts';

function test(
  name: string,
  parameters: readonly ParameterSpec[],
  run: (value: Value, args: readonly Value[], runtime: Runtime) => boolean,
): [string, Test] {
  return [name, (value, args, runtime) => run(value, bind(name, parameters, args), runtime)];
}

const ordering = (names: readonly string[], operator: '<' | '<=' | '>' | '>='): [string, Test][] =>
  names.map((name) => test(name, ['other'], (value, [other = null]) => ordered(value, operator, other)));
const equality = (names: readonly string[], wanted: boolean): [string, Test][] =>
  names.map((name) => test(name, ['other'], (value, [other = null]) => equal(value, other) === wanted));
const remainder = (value: Value, divisor: Value): Value => binary(value, '%', divisor);

/** Jinja's tests, by name. */
export const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  test('defined', [], (value) => !(value instanceof Undefined)),
  test('undefined', [], (value) => value instanceof Undefined),
  test('filter', [], (value, _, { environment }) => typeof value === 'string' && environment.filters.has(value)),
  test('test', [], (value, _, { environment }) => typeof value === 'string' && environment.tests.has(value)),
  test('none', [], (value) => value === null),
  test('boolean', [], (value) => typeof value === 'boolean'),
  test('true', [], (value) => value === true),
  test('false', [], (value) => value === false),
  test('integer', [], (value) => typeof value === 'bigint'),
  test('float', [], (value) => typeof value === 'number'),
  test('number', [], (value) => numeric(value) !== undefined),
  test('string', [], (value) => typeof value === 'string'),
  test('mapping', [], (value) => value instanceof PyDict),
  // Jinja asks for the length, and takes every error for a no.
  test('sequence', [], (value) => isSequence(value) || isLenient(value)),
  test('iterable', [], (value) => isSequence(defined(value)) || value instanceof PyView || value instanceof PyIterator),
  test('callable', [], isCallable),
  test('escaped', [], () => false),
  test('sameas', ['other'], (value, [other = null]) => value === other),
  test('lower', [], (value) => isCased(str(value)) && str(value) === str(value).toLowerCase()),
  test('upper', [], (value) => isCased(str(value)) && str(value) === str(value).toUpperCase()),
  test('odd', [], (value) => equal(remainder(value, 2n), 1n)),
  test('even', [], (value) => equal(remainder(value, 2n), 0n)),
  test('divisibleby', ['num'], (value, [divisor = null]) => equal(remainder(value, divisor), 0n)),
  test('in', ['seq'], (value, [container = null]) => contains(container, value)),
  ...equality(['==', 'eq', 'equalto'], true),
  ...equality(['!=', 'ne'], false),
  ...ordering(['>', 'gt', 'greaterthan'], '>'),
  ...ordering(['>=', 'ge'], '>='),
  ...ordering(['<', 'lt', 'lessthan'], '<'),
  ...ordering(['<=', 'le'], '<='),
]);

/** An undefined value counts too, since Jinja's has a `__call__`. */
function isCallable(value: Value): boolean {
  return (
    value instanceof PyFunction ||
    value instanceof Undefined ||
    (value instanceof PyInstance && value.invoke !== undefined)
  );
}

/** What has a length and items by index or key. */
function isSequence(value: Value): boolean {
  return (
    typeof value === 'string' ||
    Array.isArray(value) ||
    value instanceof PyTuple ||
    value instanceof PyDict ||
    value instanceof PyRange
  );
}
