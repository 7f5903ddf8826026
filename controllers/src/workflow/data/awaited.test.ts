import { expect, test } from '@jest/globals';
import { Awaited } from './awaited.ts';

test('news of a thing is for those who wait for it now', () => {
  const awaited = new Awaited();
  awaited.set('a', ['x', 'y']);
  awaited.set('b', ['y']);
  expect([awaited.of('x'), awaited.of('y'), awaited.of('z')]).toEqual([['a'], ['a', 'b'], []]);
  awaited.set('a', ['z']);
  expect([awaited.of('x'), awaited.of('y'), awaited.of('z')]).toEqual([[], ['b'], ['a']]);
  awaited.set('a', []);
  awaited.set('b', []);
  awaited.set('c', []);
  expect([awaited.size, awaited.of('y')]).toEqual([0, []]);
});
