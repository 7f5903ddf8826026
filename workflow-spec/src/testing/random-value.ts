import { PyDict } from '../python/dict.ts';
import type { Value } from '../python/value.ts';
import type { Random } from './random.ts';

const texts = [
  '',
  ' ',
  'a',
  'Y',
  'n',
  'yes',
  'null',
  '~',
  '1',
  '-1',
  '1.5',
  '1e3',
  '0o17',
  '017',
  '12:30',
  '2024-01-02',
  '.inf',
  '=',
  '<<',
  'a b',
  'a: b',
  'a:',
  ' a',
  'a ',
  '#',
  'a #b',
  "it's",
  '"q"',
  '\\',
  '- x',
  '-',
  '---',
  '...',
  '?',
  '!x',
  '&x',
  '*x',
  '@',
  '`',
  '%',
  '|',
  '>',
  '[',
  '{',
  '}',
  ',',
  'é',
  '😀',
  '\u0000',
  '\u001b',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\uFEFF',
  '\t',
  '\ta',
  '\n',
  'a\n',
  'a\nb',
  'a\nb\n',
  'a\n\n',
  '\na',
  ' a\nb',
  'a\n b\n',
  'a\n\tb\n',
  'a \nb',
  'a\n \nb',
  'a\n  ',
  '# c\nx\n',
  'a\r\nb',
  '{{output}}',
  '{{ x }}',
  '{% y %}',
  'x'.repeat(200),
] as const;

/** Random data, with the texts that YAML makes hard. */
export function randomValue(random: Random, depth = 0): Value {
  const choice = random.below(depth > 3 ? 6 : 10);
  if (choice < 3) return randomText(random);
  if (choice === 3) return random.pick([null, true, false]);
  if (choice === 4) return random.pick([0n, 1n, -7n, 10n ** 20n]);
  if (choice === 5) return random.pick([0, -0, 1, 2.5, 1e-7, 1e16, 1e300, -3.25, Number.POSITIVE_INFINITY]);
  if (choice < 8) return random.many(0, 3, () => randomValue(random, depth + 1));
  return new PyDict(random.many(0, 3, () => [randomText(random), randomValue(random, depth + 1)] as const));
}

/** One of the hard texts, or several of them in a row. */
export function randomText(random: Random): string {
  return random.many(1, random.chance(0.7) ? 1 : 3, () => random.pick(texts)).join('');
}
