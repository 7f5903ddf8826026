import { expect, test } from '@jest/globals';
import { changedTags } from './tags.ts';

test('tags are added and removed, sorted and without repetition', () => {
  expect(changedTags(['b', 'c'], ['a', 'a', 'b'], ['c', 'x'])).toEqual(['a', 'b']);
  expect(changedTags(['a'], ['a'], ['a'])).toEqual(['a']);
});

test.each([[['a,b']], [['']], [['-a']], [['x'.repeat(64)]], [Array.from({ length: 33 }, (_, index) => `t${index}`)]])(
  '%j is refused',
  (add) => expect(() => changedTags([], add, [])).toThrow(/^add: /),
);
