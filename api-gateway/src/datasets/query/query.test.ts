import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { found, type Json, parseQuery, QueryError, type QueryRecord } from './index.ts';

const record = (name: string, more: Partial<QueryRecord> = {}): QueryRecord => ({
  name,
  id: `id-${name}`,
  user: 'ada',
  created_date: '2026-02-01T10:00:00Z',
  is_collection: false,
  label: {},
  ...more,
});

const records = [
  record('arm', {
    label: { robot: { kind: 'arm', joints: 7 }, sites: ['lab', 'hall'], 'with.dot': 1, note: null, live: true },
  }),
  record('base', {
    user: 'eve',
    created_date: '2026-03-01T00:00:00Z',
    label: { robot: { kind: 'base', joints: '7' }, sites: ['lab'] },
  }),
  record('set', { is_collection: true, created_date: '2025-12-31T23:59:59Z' }),
];
const names = (query: string): string[] => found(parseQuery(query), records).map(({ name }) => name);

test.each([
  ['', ['arm', 'base', 'set']],
  ['name = "arm"', ['arm']],
  ["name = 'arm'", ['arm']],
  ['id = "id-base"', ['base']],
  ['user != "ada"', ['base']],
  ['is_collection = true', ['set']],
  ['name > "arm" and name <= "base"', ['base']],
  ['created_date >= "2026-02-01T10:00:00"', ['arm', 'base']],
  ['created_date < "2026-01-01"', ['set']],
  ['created_date = "2026-02-01T11:00:00+01:00"', ['arm']],
  ['label.robot.kind = "arm"', ['arm']],
  ['LABEL.robot.joints = 7', ['arm']],
  ['label.robot.joints >= 6.5', ['arm']],
  ['label.robot.joints != 7', ['base']],
  ['NOT label.robot.joints = 7', ['base', 'set']],
  ['label."with.dot" = 1', ['arm']],
  ['label.note = null', ['arm']],
  ['label.live = true', ['arm']],
  ['label.sites.0 = "lab"', ['arm', 'base']],
  ['label.robot.kind IN ["base", "legs", 3]', ['base']],
  ['name IN []', []],
  ['name CONTAINS "a"', ['arm', 'base']],
  ['label.sites CONTAINS "hall"', ['arm']],
  ['label.sites CONTAINS ["hall", "lab"]', ['arm']],
  ['label.robot CONTAINS KEY "kind"', ['arm', 'base']],
  ['label.robot CONTAINS KEY "toString"', []],
  ['LEN(label.sites) > 1', ['arm']],
  ['len(label.robot) = 2', ['arm', 'base']],
  ['LEN(name) = 3', ['arm', 'set']],
  ['LEN(label.nothing) = 0', []],
  ['name = "set" OR name = "arm" AND user = "eve"', ['set']],
  ['(name = "set" OR name = "arm") AND NOT user = "eve"', ['arm', 'set']],
  ['ORDER BY created_date DESC', ['base', 'arm', 'set']],
  ['order by user', ['arm', 'set', 'base']],
  ['LIMIT 2', ['arm', 'base']],
  ['is_collection = false\nORDER BY name DESC LIMIT 1', ['base']],
])('%s', (query, expected) => {
  expect(names(query)).toEqual(expected);
});

test('a term about metadata makes it a query of versions', () => {
  const query = parseQuery('label.a = 1 AND metadata.score.mean >= 0.5 ORDER BY name DESC');
  expect(query.over).toBe('versions');
  const version = (number: number, metadata: Json): QueryRecord =>
    record('arm', { version: number, metadata, label: { a: 1 } });
  const versions = [
    version(2, { score: { mean: 0.7 } }),
    version(1, { score: { mean: 0.5 } }),
    version(3, { score: 1 }),
  ];
  expect(found(query, versions).map((each) => each.version)).toEqual([1, 2]);
  expect(parseQuery('label.metadata = 1').over).toBe('datasets');
});

test.each([
  ['name', 'column 5: expected = != < > <= >=, IN or CONTAINS; the query ends here'],
  ['size = 3', 'column 1: expected name, id, user, created_date, is_collection, label.… or metadata.…; found size'],
  ['label = 3', 'column 1: label needs the name of a value, such as label.robot; found label'],
  ['label. = 3', 'column 7: a name must follow the dot'],
  ['name = arm', 'column 8: expected a "text", a number, true, false or null; found arm'],
  ['name = "arm', 'column 8: the text that begins here has no end'],
  ['name = "\\q"', 'column 9: \\q is no escape'],
  ['name == "arm"', 'column 7: expected a "text"'],
  ['(name = "a"', "column 12: expected ')'; the query ends here"],
  ['name = "a" name = "b"', 'column 12: expected AND, OR, ORDER BY, LIMIT or the end; found name'],
  ['created_date > "yesterday"', 'column 16: created_date is compared with a date'],
  ['label.live > true', 'column 14: > compares numbers, texts and dates; found true'],
  ['LEN(name) = "3"', 'column 13: expected a number'],
  ['name CONTAINS KEY 3', 'column 19: CONTAINS KEY takes a text; found 3'],
  ['ORDER name', 'column 7: expected BY; found name'],
  ['ORDER BY size', 'column 10: expected name, created_date, user; found size'],
  ['LIMIT 0', 'column 7: LIMIT takes an integer from 1 to 1000000; found 0'],
  ['name = "a" AND\n  user ~ "x"', 'line 2, column 8: "~" can\'t stand here'],
  ['name = 1e999', 'column 8: 1e999 is too large for a number'],
  [`${'('.repeat(40)}name = 1${')'.repeat(40)}`, 'column 34: parentheses and NOT can be nested 32 deep'],
  [`name IN [${Array(300).fill('1').join(',')}]`, 'a list has at most 256 values'],
  [' '.repeat(9000), 'a query has at most 8192 characters'],
])('%s is refused, with the place', (query, message) => {
  expect(() => parseQuery(query)).toThrow(QueryError);
  expect(() => parseQuery(query)).toThrow(message);
});

test('the queries of the documentation can be read', () => {
  const text = readFileSync(new URL('../../../../docs/datasets.md', import.meta.url), 'utf8');
  const [, block = ''] = /## Queries\n+```\n([^]*?)```/.exec(text) ?? [];
  const over = block
    .trim()
    .split('\n')
    .map((line) => parseQuery(line).over);
  expect(over).toEqual(['datasets', 'versions', 'datasets']);
});
