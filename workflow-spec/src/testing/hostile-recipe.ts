import type { Random } from './random.ts';
import { wholeRecipe } from './recipes.ts';

/** Names by which JavaScript is reached where objects are looked into without a table of what they have. */
const doors = [
  'constructor',
  '__proto__',
  'prototype',
  '__defineGetter__',
  '__lookupGetter__',
  'toString',
  'valueOf',
  'call',
  'apply',
  'bind',
  'caller',
  'arguments',
  'hasOwnProperty',
  '__class__',
  '__mro__',
  '__globals__',
  '__subclasses__()',
];
const things = [
  "''",
  "'a'",
  '1',
  '1.5',
  'true',
  'none',
  '[]',
  '[1]',
  '{}',
  "{'a': 1}",
  '(1, 2)',
  'range',
  'range(3)',
  'dict',
  'namespace()',
  'cycler(1)',
  'joiner()',
  'lipsum',
  'self',
  'loop',
  'workers',
  'timeout',
  "'x'.upper",
  '[].append',
  '{}.items()',
  "'%s'",
  'x',
];

/** An expression that goes through doors, in each way in which templates look into things. */
export function hostileExpression(random: Random): string {
  let text = random.pick(things);
  for (let step = 1 + random.below(4); step > 0; step--) {
    const door = random.pick(doors);
    const ways = [
      `(${text}).${door}`,
      `(${text})['${door}']`,
      `(${text})|attr('${door}')`,
      `[${text}]|map(attribute='${door}')|list`,
      `(${text}).${door}('return process')`,
      `(${text}).${door}()`,
      `'{0.${door}}'.format(${text})`,
      `[${text}]|sort(attribute='${door}.x')`,
      `dict(${door.replaceAll(/\\W/g, '')}=${text})`,
      `{'${door}': ${text}}.${door}`,
    ];
    text = random.pick(ways);
  }
  return text;
}

/** Templates that would take for ever, or all memory, unless something ends them. */
const greedy = [
  '{% for i in range(100000000) %}x{% endfor %}',
  '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}',
  "{{ 'x' * 999999999999 }}",
  "{{ ['x' * 100000] * 100000 }}",
  '{{ 9 ** 9 ** 9 }}',
  '{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}',
  "{% set n = namespace(x='ab') %}{% for i in range(64) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}",
  "{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'|replace('a', 'b' * 100000)|replace('b', 'c' * 100000) }}",
  "{{ '%999999999d' % 1 }}",
  "{{ '{:>999999999}'.format(1) }}",
  "{{ 'x'|center(999999999) }}",
  "{{ 'x'|indent(999999999, true) }}",
  "{{ range(99999)|map('string')|join('x' * 99999) }}",
  `{{ ${'['.repeat(3000)} }}`,
  `{{ ${'not '.repeat(5000)}x }}`,
  `{{ 1${' + 1'.repeat(20_000)} }}`,
  `{% if x %}${'{% if x %}'.repeat(3000)}`,
];

/** A recipe that means harm: doors to JavaScript and greed, in a recipe that is right otherwise. */
export function hostileRecipe(random: Random): string {
  const expression = hostileExpression(random);
  const inner = random.chance(0.15)
    ? random.pick(greedy)
    : random.chance(0.5)
      ? `{{ ${expression} }}`
      : `{% set y = ${expression} %}{{ y }}`;
  if (random.chance(0.5)) return `workflow:\n  name: w\n  x: "${inner}"\n`;
  const at = wholeRecipe.indexOf('\n', wholeRecipe.indexOf('workflow:') + random.below(600));
  return `${wholeRecipe.slice(0, at)}\n${inner}${wholeRecipe.slice(at)}`;
}
