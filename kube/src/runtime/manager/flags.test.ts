import { describe, expect, test } from '@jest/globals';
import {
  dnsLabelFlag,
  integerFlag,
  oneOfFlag,
  processFlags,
  processOptions,
  processUsage,
  readFlags,
} from './flags.ts';

describe('a command line', () => {
  const flags = { name: { type: 'string', default: 'x' }, many: { type: 'string', multiple: true } } as const;

  test('is read with its defaults', () => {
    expect({ ...readFlags(['--many', 'a', '--many=b'], flags) }).toEqual({ name: 'x', many: ['a', 'b'] });
  });

  test.each([
    ['an unknown flag', ['--nmae', 'y'], /'--nmae'/],
    ['a word', ['y'], /'y'/],
    ['a flag without its value', ['--name'], /--name/],
  ])('with %s is refused', (_, argv, message) => {
    expect(() => readFlags(argv, flags)).toThrow(message);
  });
});

describe('a value', () => {
  test.each(['1.5', '', '10', '0', '-1', '0x1', ' 1'])('%p is no integer from 1 to 9', (value) => {
    const message = `--n ${JSON.stringify(value)}: must be an integer from 1 to 9`;
    expect(() => integerFlag('n', value, 1, 9)).toThrow(message);
  });

  test('is an integer in its range, bounds included', () => {
    expect(['1', '9', '007'].map((value) => integerFlag('n', value, 1, 9))).toEqual([1, 9, 7]);
  });

  test('is one of the words', () => {
    expect(oneOfFlag('w', 'b', ['a', 'b'])).toBe('b');
    expect(() => oneOfFlag('w', 'B', ['a', 'b'])).toThrow('--w "B": must be one of a, b');
  });

  test('is a DNS label', () => {
    expect(dnsLabelFlag('l', 'a-1')).toBe('a-1');
    for (const wrong of ['-a', 'a.b', 'A', '', 'a'.repeat(64), undefined]) {
      expect(() => dnsLabelFlag('l', wrong)).toThrow(`--l ${JSON.stringify(wrong ?? '')}: must be a DNS label`);
    }
  });
});

test('every program says how it can be watched', () => {
  const values = readFlags(['--log-level', 'debug', '--metrics-port=0'], processFlags);
  expect(processOptions(values)).toEqual({ metricsPort: 0, healthPort: 8081, logLevel: 'debug' });
  const lines = processUsage(24).split('\n');
  expect(lines.map((line) => line.slice(0, 24).trim().split(' ')[0])).toEqual(
    Object.keys(processFlags).map((flag) => `--${flag}`),
  );
});
