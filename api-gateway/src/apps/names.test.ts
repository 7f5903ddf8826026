import { expect, test } from '@jest/globals';
import { appIdOf, appRefOf } from './names.ts';

test.each([
  ['train', { namespace: 'home', name: 'train' }],
  ['Pick_And-Place', { namespace: 'home', name: 'pick-and-place' }],
  ['lab.train', { namespace: 'lab', name: 'train' }],
  ['7', { namespace: 'home', name: '7' }],
])('%s', (id, want) => {
  expect(appRefOf(id, 'home')).toEqual(want);
  expect(appRefOf(appIdOf(want, 'home'), 'home')).toEqual(want);
});

test.each(['', '-a', 'a_', 'a b', 'a.b.c', 'LAB.train', 'x'.repeat(64), '..', 'a/b', 'ä'])('%j is no name', (id) =>
  expect(() => appRefOf(id, 'home')).toThrow(/must be NAME, or NAMESPACE.NAME/),
);
