import { timeOf } from './parser.ts';
import type { Comparison, Condition, Json, Literal, Path, Query, QueryRecord } from './query.ts';

/**
 * Whether a condition holds for a record. What a path doesn't lead to meets no condition, `!=` neither; `NOT` does as its name says. Values of
 * different types are unequal and in no order.
 */
export function holds(condition: Condition, record: QueryRecord): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.of.every((each) => holds(each, record));
    case 'or':
      return condition.of.some((each) => holds(each, record));
    case 'not':
      return !holds(condition.of, record);
    case 'compare':
      return compares(record, condition);
    case 'length':
      return isOrdered(lengthOf(valueAt(condition.path, record)), condition.comparison, condition.value);
    case 'in':
      return condition.values.includes(valueAt(condition.path, record) as Literal);
    case 'contains':
      return contains(valueAt(condition.path, record), condition.values);
    case 'containsKey': {
      const value = valueAt(condition.path, record);
      return isMap(value) && Object.hasOwn(value, condition.key);
    }
  }
}

/** The records that a query finds, in its order: by name, then version, where it names none. */
export function found(query: Query, records: Iterable<QueryRecord>): QueryRecord[] {
  const { condition, order, limit } = query;
  const all: QueryRecord[] = [];
  for (const record of records) if (condition === undefined || holds(condition, record)) all.push(record);
  const { by, descending } = order ?? { by: 'name', descending: false };
  all.sort((a, b) => (descending ? -1 : 1) * byText(a[by], b[by]) || byText(a.name, b.name) || byVersion(a, b));
  return limit === undefined ? all : all.slice(0, limit);
}

function valueAt(path: Path, record: QueryRecord): Json | undefined {
  if (path.kind === 'field') return record[path.name];
  let value: Json | undefined = record[path.root];
  for (const step of path.steps) {
    if (isMap(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
    else if (Array.isArray(value) && /^\d{1,9}$/.test(step)) value = (value as readonly Json[])[Number(step)];
    else return undefined;
  }
  return value;
}

function compares(
  record: QueryRecord,
  { path, comparison, value: wanted }: Extract<Condition, { kind: 'compare' }>,
): boolean {
  const value = valueAt(path, record);
  if (value === undefined) return false;
  // The parser lets created_date be compared with dates only.
  if (path.kind === 'field' && path.name === 'created_date')
    return isOrdered(timeOf(record.created_date), comparison, timeOf(wanted as string));
  if (comparison === '=') return value === wanted;
  if (comparison === '!=') return value !== wanted;
  if (typeof value === 'number' && typeof wanted === 'number') return isOrdered(value, comparison, wanted);
  return typeof value === 'string' && typeof wanted === 'string' && isOrdered(byText(value, wanted), comparison, 0);
}

function isOrdered(a: number | undefined, comparison: Comparison, b: number): boolean {
  if (a === undefined) return false;
  switch (comparison) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
  }
}

/** Elements of a list, keys of a map, characters of a text. */
function lengthOf(value: Json | undefined): number | undefined {
  if (typeof value === 'string') return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
}

function contains(value: Json | undefined, wanted: readonly Literal[]): boolean {
  if (typeof value === 'string') return wanted.every((each) => typeof each === 'string' && value.includes(each));
  if (!Array.isArray(value)) return false;
  const there = new Set<Json>(value as readonly Json[]);
  return wanted.every((each) => there.has(each));
}

const isMap = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byVersion = (a: QueryRecord, b: QueryRecord): number => (a.version ?? 0) - (b.version ?? 0);
