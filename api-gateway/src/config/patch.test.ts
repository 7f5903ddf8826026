import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { patched } from './patch.ts';

const old = {
  a: 1,
  b: { c: 2, d: [1, 2] },
  list: [
    { n: 'x', v: 1 },
    { n: 'y', v: 2 },
  ],
};

test.each<[string, unknown, unknown]>([
  ['nothing', {}, old],
  ['a value', { a: 5 }, { ...old, a: 5 }],
  ['a value in a map', { b: { c: 3 } }, { ...old, b: { c: 3, d: [1, 2] } }],
  ['a list, for the old one', { b: { d: [9] } }, { ...old, b: { c: 2, d: [9] } }],
  ['null, which stays', { a: null }, { ...old, a: null }],
  ['a field that goes', { b: { $action: 'delete' } }, { a: 1, list: old.list }],
  ['a field that goes from a map', { b: { c: { $action: 'delete' } } }, { ...old, b: { d: [1, 2] } }],
  ['a map for the old one', { b: { $action: 'replace', e: 1 } }, { ...old, b: { e: 1 } }],
  ['an item by its index', { list: [{ $index: 1, v: 7 }] }, { ...old, list: [old.list[0], { n: 'y', v: 7 }] }],
  ['an item that goes', { list: [{ $index: 0, $action: 'delete' }] }, { ...old, list: [old.list[1]] }],
  [
    'one that goes and one that comes',
    { list: [{ $index: 0, $action: 'delete' }, { n: 'z' }] },
    { ...old, list: [old.list[1], { n: 'z' }] },
  ],
  [
    'an item for the old one',
    { list: [{ $index: 0, $action: 'replace', n: 'z' }] },
    { ...old, list: [{ n: 'z' }, old.list[1]] },
  ],
])('a patch with %s', (_, patch, want) => {
  expect(patched(old, patch, 'pool')).toEqual(want);
});

test.each([
  [{ list: [{ $index: 2 }] }, 'pool.list.$index: must be an index of the list, from 0 to 1'],
  [{ list: [{ $index: '0' }] }, 'pool.list.$index: must be an index'],
  [{ b: { $action: 'remove' } }, 'pool.b.$action: must be delete or replace'],
])('%j is refused', (patch, message) => {
  expect(() => patched(old, patch, 'pool')).toThrow(message);
});

test('a whole object replaced is that object, whatever there was', () => {
  const json = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => !key.startsWith('$') && key !== '__proto__'),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(json, json, (before, after) => {
      fc.pre(!JSON.stringify(after).includes('"$'));
      expect(patched(before, { $action: 'replace', ...after }, '')).toEqual(after);
    }),
  );
});

test('no prototype is reached', () => {
  const patch = JSON.parse(
    '{"__proto__": {"polluted": true}, "b": {"constructor": {"prototype": {"polluted": true}}}}',
  ) as unknown;
  patched(old, patch, '');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
