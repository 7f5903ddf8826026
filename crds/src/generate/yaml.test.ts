import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from './yaml.ts';

const data = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'yes',
      'no',
      'null',
      '~',
      '1',
      '-1',
      '0x1',
      '1e3',
      '2026-01-31',
      'a: b',
      'a #b',
      '- a',
      '',
      ' ',
      'a\nb',
      'on',
      '=',
      '.5',
      'true',
      '{a}',
      '*a',
      '!a',
      '@a',
      '|',
    ),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('any')),
    fc.dictionary(fc.string(), tie('any')),
  ),
})).any;

// 1.1 is what kubectl reads, 1.2 is what most others read.
test.each(['1.1', '1.2'] as const)('what is written can be read again with YAML %s', (version) => {
  fc.assert(fc.property(data, (value) => expect(parse(toYaml(value), { version })).toEqual(value)));
});

test('words are plain, keys keep their order, lists stand below their key', () => {
  expect(toYaml({ b: 'a word', a: [{ x: 1, z: [] }, 'yes', {}], c: { d: 'it is: 5' } })).toBe(
    'b: a word\na:\n- x: 1\n  z: []\n- "yes"\n- {}\nc:\n  d: "it is: 5"\n',
  );
});

test('what is undefined is left out', () => {
  expect(toYaml({ a: undefined, b: 1 })).toBe('b: 1\n');
});
