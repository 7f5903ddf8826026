import { describe, expect, test } from '@jest/globals';
import { repr } from '../python/text.ts';
import { loadYaml } from './constructor.ts';

describe('values, as PyYAML 6.0.3 prints them', () => {
  test.each([
    ['Y', "'Y'"],
    ['[yes, No, on, OFF, true, y, n]', "[True, False, True, False, True, 'y', 'n']"],
    [
      '[12:30, 017, 1_000, 1e-3, 0x1F, 0b11, 08, 1.5e+3, .5, -.5, 0o17]',
      "[750, 15, 1000, '1e-3', 31, 3, '08', 1500.0, 0.5, '-.5', '0o17']",
    ],
    ['[~, null, Null, ]', '[None, None, None]'],
    ['[.inf, -.INF, .nan, 190:20:30.15]', '[inf, -inf, nan, 685230.15]'],
    [
      '[2024-01-02, 2024-1-2, 2024-01-02T03:04:05Z, 2024-01-02 03:04:05.5 +01:30]',
      "[datetime.date(2024, 1, 2), '2024-1-2', datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), datetime.datetime(2024, 1, 2, 3, 4, 5, 500000, tzinfo=datetime.timezone(datetime.timedelta(seconds=5400)))]",
    ],
    ['{a: 1, \'b c\': "x\\ty", ? d : e, f:}', "{'a': 1, 'b c': 'x\\ty', 'd': 'e', 'f': None}"],
    ['a: |\n  x\n   y\n\nb: >-\n  p\n  q\n\n  r\n', "{'a': 'x\\n y\\n', 'b': 'p q\\nr'}"],
    ['a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n', "{'a': {'p': 1, 'q': 2}, 'b': {'p': 1, 'q': 3}}"],
    ['- a\n- - b\n  - c\n-\n  d: e\n', "['a', ['b', 'c'], {'d': 'e'}]"],
    ['a: 1\na: 2\n', "{'a': 2}"],
    ['[a: b, {c, d: }]', "[{'a': 'b'}, {'c': None, 'd': None}]"],
    ['!!str 12', "'12'"],
    ['--- # x\na\n...\n', "'a'"],
    ['a: b\n  c\n\n  d', "{'a': 'b c\\nd'}"],
    ['{1: a, 1.0: b, true: c}', "{1: 'c'}"],
    ['', 'None'],
  ])('%j', (yaml, expected) => {
    expect(repr(loadYaml(yaml))).toBe(expected);
  });

  test.each([
    ['a: b: c', /second ': '/, 4],
    ['a:\n\t- b', /no value can start with a tab/, 3],
    ['a: [1, 2', /expected ',' or '\]'/, 8],
    ['a: "x', /has no end/, 3],
    ['a: *x', /names no anchor/, 3],
    ['- a\nb: c', /expected the end/, 4],
    ['a: !!python/object:os.system {}', /not supported/, 3],
    ['a: !x y', /not supported/, 3],
    ['&a [*a]', /contains itself/, 0],
    ['{[a]: b}', /can't be a key/, 1],
    ['a: @b', /no value can start with '@'/, 3],
    ['2024-13-01', /is no date/, 0],
    ['a\n---\nb', /second document/, 2],
    ['a: \u0001', /U\+0001/, 3],
    ['['.repeat(1000), /levels of nesting/, 250],
  ])('%j is refused with its place', (yaml, message, offset) => {
    expect(() => loadYaml(yaml)).toThrow(expect.objectContaining({ message: expect.stringMatching(message), offset }));
  });
});
