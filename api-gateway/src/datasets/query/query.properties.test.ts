import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { found, holds, type Json, parseQuery, QueryError, type QueryRecord } from './index.ts';
import type { Condition, Literal, Path } from './query.ts';

const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.oneof(fc.constantFrom('a', 'b', '0', 'c d', 'AND'), fc.string({ maxLength: 3 }));
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    literal,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const path: fc.Arbitrary<Path> = fc.oneof(
  fc.constantFrom('name', 'id', 'user').map((name) => ({ kind: 'field', name }) as const),
  fc.record({
    kind: fc.constant('json' as const),
    root: fc.constantFrom('label', 'metadata'),
    steps: fc.array(key, { minLength: 1, maxLength: 3 }),
  }),
);
const comparison = fc.constantFrom('=', '!=', '<', '>', '<=', '>=');
const condition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ kind: fc.constant('compare'), path, comparison: fc.constantFrom('=', '!='), value: literal }),
    fc.record({ kind: fc.constant('compare'), path, comparison, value: fc.oneof(fc.integer(), fc.string()) }),
    fc.record({ kind: fc.constant('length'), path, comparison, value: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ kind: fc.constantFrom('in', 'contains'), path, values: fc.array(literal, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('containsKey'), path, key }),
    fc.record({ kind: fc.constant('not'), of: tie('condition') }),
    fc.record({ kind: fc.constantFrom('and', 'or'), of: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }) }),
  ) as fc.Arbitrary<Condition>,
})).condition;
const record: fc.Arbitrary<QueryRecord> = fc.record({
  name: fc.string({ maxLength: 3 }),
  id: fc.string({ maxLength: 3 }),
  user: fc.string({ maxLength: 3 }),
  created_date: fc.constant('2026-02-01T10:00:00Z'),
  is_collection: fc.boolean(),
  label: json,
  metadata: json,
  version: fc.integer({ min: 1, max: 5 }),
});

function quote(text: string): string {
  const words: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
  return `"${text.replaceAll(/[\\"]/g, (each) => `\\${each}`).replaceAll(/[\n\t\r]/g, (each) => words[each] ?? each)}"`;
}
const written = (value: Literal): string => (typeof value === 'string' ? quote(value) : String(value));
const writtenPath = (each: Path): string =>
  each.kind === 'field' ? each.name : [each.root, ...each.steps.map(quote)].join('.');

function write(each: Condition): string {
  switch (each.kind) {
    case 'and':
    case 'or':
      return `(${each.of.map(write).join(` ${each.kind} `)})`;
    case 'not':
      return `NOT ${write(each.of)}`;
    case 'compare':
      return `${writtenPath(each.path)} ${each.comparison} ${written(each.value)}`;
    case 'length':
      return `LEN(${writtenPath(each.path)}) ${each.comparison}${each.value}`;
    case 'in':
      return `${writtenPath(each.path)} IN [${each.values.map(written).join(', ')}]`;
    case 'contains':
      return `${writtenPath(each.path)} CONTAINS [${each.values.map(written).join(',')}]`;
    case 'containsKey':
      return `${writtenPath(each.path)} CONTAINS KEY ${quote(each.key)}`;
  }
}

test('what is written out is read back to the same condition, and holds for the same records', () => {
  fc.assert(
    fc.property(condition, record, (wanted, one) => {
      const read = parseQuery(write(wanted)).condition;
      expect(read).toEqual(wanted);
      if (read !== undefined) expect(holds(read, one)).toBe(holds(wanted, one));
    }),
  );
});

test('AND, OR and NOT are those of logic', () => {
  fc.assert(
    fc.property(condition, condition, record, (a, b, one) => {
      const is = (text: string): boolean => found(parseQuery(text), [one]).length === 1;
      const [left, right] = [write(a), write(b)];
      expect(is(`${left} AND ${right}`)).toBe(is(left) && is(right));
      expect(is(`${left} OR ${right}`)).toBe(is(left) || is(right));
      expect(is(`NOT (${left} AND ${right})`)).toBe(is(`NOT ${left} OR NOT ${right}`));
    }),
  );
});

test('order and limit take the first of what is found, each once', () => {
  const order = fc.constantFrom('name', 'user', 'created_date');
  fc.assert(
    fc.property(fc.array(record), order, fc.boolean(), fc.integer({ min: 1, max: 5 }), (all, by, down, limit) => {
      const query = parseQuery(`ORDER BY ${by} ${down ? 'DESC' : ''} LIMIT ${limit}`);
      const some = found(query, all);
      expect(some).toEqual(found({ ...query, limit: 1000 }, all).slice(0, limit));
      const field = by as 'name';
      for (let at = 1; at < some.length; at++) {
        const [before, after] = [some[at - 1]?.[field] ?? '', some[at]?.[field] ?? ''];
        expect(down ? before >= after : before <= after).toBe(true);
      }
    }),
  );
});

test('any text is read, or refused with a place in it', () => {
  const pieces = fc.array(
    fc.constantFrom(
      'name',
      'label.',
      '"',
      "'",
      '\\',
      '(',
      ')',
      '[',
      ']',
      ',',
      '=',
      '<',
      'NOT',
      'AND',
      'LEN',
      '1',
      '\n',
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((each) => each.join(' ')),
        pieces.map((each) => each.join('')),
      ),
      (text) => {
        try {
          parseQuery(text);
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
          const { line, column } = error as QueryError;
          const lines = text.split('\n');
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      },
    ),
  );
});
