import { expect, test } from '@jest/globals';
import { merged, without } from './json.ts';

test('maps are joined at every depth, lists and values replaced', () => {
  expect(merged({ a: { b: 1, c: [1] }, d: 'x' }, { a: { c: [2], e: null }, f: { g: 1 } })).toEqual({
    a: { b: 1, c: [2], e: null },
    d: 'x',
    f: { g: 1 },
  });
  expect(merged({ a: 1 }, { a: { b: 1 } })).toEqual({ a: { b: 1 } });
  expect(JSON.stringify(merged({}, JSON.parse('{"__proto__":{"x":1}}')))).toBe('{"__proto__":{"x":1}}');
});

test('a path with dots takes off what it leads to, a key with dots too', () => {
  const map = { a: { b: 1, c: 2 }, 'd.e': { f: 1 } };
  expect(without(map, 'a.b')).toEqual({ a: { c: 2 }, 'd.e': { f: 1 } });
  expect(without(map, 'a')).toEqual({ 'd.e': { f: 1 } });
  expect(without(map, 'd.e')).toEqual({ a: { b: 1, c: 2 } });
  expect(without(map, 'd.e.f')).toEqual({ a: { b: 1, c: 2 }, 'd.e': {} });
  expect(without(map, 'a.x')).toBeUndefined();
  expect(without(map, 'a.b.c')).toBeUndefined();
  expect(without(map, 'toString')).toBeUndefined();
});
