import { expect, test } from '@jest/globals';
import { bytesOf, larger } from './sizes.ts';

test.each([
  ['the whole object', { kind: 'K', spec: { a: 1 } }, [], 27],
  ['without what the user wrote', { kind: 'K', spec: { a: 1 } }, ['spec'], 12],
  ['bytes, not characters', { a: 'é€' }, [], 13],
])('bytesOf: %s', (_, object, without, want) => {
  expect(bytesOf(object, without)).toBe(want);
});

test('larger: the first of two equals stays, so that nothing is told twice', () => {
  const a = { kind: 'K', name: 'a', bytes: 5 };
  const b = { kind: 'K', name: 'b', bytes: 5 };
  expect(larger(a, b)).toBe(a);
  expect(larger(a, { ...b, bytes: 6 }).name).toBe('b');
  expect(larger(undefined, b)).toBe(b);
});
