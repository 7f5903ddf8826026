import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { returnPath } from './return-path.ts';

const url = 'https://osmo.example.com/base';

test.each([
  ['/base/workflows?a=1#b', '/base/workflows?a=1#b'],
  ['/', '/'],
  ['/a/../b', '/b'],
])('%s is a path of the gateway', (wanted, path) => {
  expect(returnPath(wanted, url)).toBe(path);
});

test.each([
  [undefined],
  [''],
  ['//evil.example'],
  ['/\\evil.example'],
  ['\\\\evil.example'],
  ['https://evil.example'],
  ['https:evil.example'],
  ['javascript:alert(1)'],
  ['/\t/evil.example'],
  ['/\n//evil.example'],
  ['/.//evil.example'],
  ['/a/..//evil.example'],
  [' //evil.example'],
  ['@evil.example'],
])('%j leads to the first page', (wanted) => {
  expect(returnPath(wanted, url)).toBe('/base/');
});

test('whatever is wanted, it stays here', () => {
  const parts = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '//',
    'evil.example',
    ':',
    '@',
    '\t',
    '%2f',
    '%5c',
    '?',
    '#',
    'a',
    'https:',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ maxLength: 3 })), { maxLength: 8 }), (pieces) => {
      const path = returnPath(pieces.join(''), url);
      expect(new URL(path, url).origin).toBe('https://osmo.example.com');
      expect(path).toMatch(/^\/(?![/\\])/);
    }),
    { seed: 7, numRuns: 2000 },
  );
});
