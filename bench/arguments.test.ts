import { expect, test } from '@jest/globals';
import { parseArguments } from './arguments.ts';

const known = ['client', 'cache', 'writes'];

test('without names everything runs, as text', () => {
  expect(parseArguments([], known)).toEqual({ names: known, output: 'text', up: false, list: false, help: false });
});

test.each(['--help', '-h'])('%s asks for help', (flag) => {
  expect(parseArguments([flag], known).help).toBe(true);
});

test('named benches run once each, in the usual order', () => {
  const { names, output, up, kubeconfig, tasks } = parseArguments(
    ['writes', 'client', 'writes', '-o', 'json', '--up', '--kubeconfig', 'k', '--tasks', '500'],
    known,
  );
  expect({ names, output, up, kubeconfig, tasks }).toEqual({
    names: ['client', 'writes'],
    output: 'json',
    up: true,
    kubeconfig: 'k',
    tasks: 500,
  });
});

test.each([
  [['clients'], /no bench clients; there are: client, cache, writes/],
  [['-o', 'yaml'], /-o yaml: want text or json/],
  [['--fast'], /--fast/],
  [['--tasks', '1e6'], /--tasks 1e6: want an integer from 100 to 10000/],
  [['--tasks', 'many'], /--tasks many: want an integer/],
])('%j is refused', (argv, message) => {
  expect(() => parseArguments(argv, known)).toThrow(message);
});
