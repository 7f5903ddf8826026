import { expect, test } from '@jest/globals';
import { parseArguments } from './arguments.ts';

const known = ['client', 'cache', 'writes'];

test('without names everything runs, as text', () => {
  expect(parseArguments([], known)).toEqual({ names: known, output: 'text', up: false, list: false });
});

test('named benches run once each, in the usual order', () => {
  const { names, output, up, kubeconfig } = parseArguments(
    ['writes', 'client', 'writes', '-o', 'json', '--up', '--kubeconfig', 'k'],
    known,
  );
  expect({ names, output, up, kubeconfig }).toEqual({
    names: ['client', 'writes'],
    output: 'json',
    up: true,
    kubeconfig: 'k',
  });
});

test.each([
  [['clients'], /no bench clients; there are: client, cache, writes/],
  [['-o', 'yaml'], /-o yaml: want text or json/],
  [['--fast'], /--fast/],
])('%j is refused', (argv, message) => {
  expect(() => parseArguments(argv, known)).toThrow(message);
});
