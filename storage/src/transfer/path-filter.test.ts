import { expect, test } from '@jest/globals';
import { pathFilter } from './path-filter.ts';

test.each([
  [undefined, 'anything', true],
  ['', 'anything', true],
  ['a', 'abc', true],
  ['b', 'abc', false],
  ['.*b', 'abc', true],
  [String.raw`.*\.(json|png)$`, 'x/y.png', true],
  [String.raw`.*\.(json|png)$`, 'x/y.png.tmp', false],
  ['a|b', 'xb', false],
  ['a|b', 'bx', true],
  ['^a', 'ab', true],
  ['(?i)IMG', 'img_1.jpg', true],
  ['(?P<kind>img)_(?P=kind)', 'img_img', true],
  [String.raw`\Aimg\Z`, 'img', true],
  [String.raw`\Aimg\Z`, 'img2', false],
  [String.raw`a\-b\_c`, 'a-b_c', true],
  [String.raw`\\(?P<x>a)`, String.raw`\a`, true],
  ['(?:a/)?b', 'a/b', true],
  ['(?m)b', 'a\nb', false],
])('%j on %j: %j', (expression, path, expected) => {
  expect(pathFilter(expression)(path)).toBe(expected);
});

test.each([
  ['(', 'regular expression "(": '],
  ['(?x)a b', 'flag x is not known'],
  ['*a', 'Nothing to repeat'],
])('%j is refused: %s', (expression, message) => {
  expect(() => pathFilter(expression)).toThrow(RangeError);
  expect(() => pathFilter(expression)).toThrow(message);
});
