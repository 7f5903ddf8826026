import { describe, expect, test } from '@jest/globals';
import type { WorkflowInput } from '@osmo/crds';
import { Random } from '../testing/random.ts';
import { randomText } from '../testing/random-value.ts';
import { wholeRecipe } from '../testing/recipes.ts';
import { readRecipe, renderRecipe } from './read-recipe.ts';
import { writeRecipe } from './write-recipe.ts';

// By hand: RECIPE_SEED=7 RECIPE_CASES=20000.
const seed = Number(process.env['RECIPE_SEED'] ?? 1);
const cases = Number(process.env['RECIPE_CASES'] ?? 200);

const pieces = [
  '{{',
  '}}',
  '{%',
  '%}',
  '{#',
  '#}',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '|',
  '~',
  '.',
  ',',
  ':',
  ' ',
  '\n',
  '\n  ',
  '-',
  '- ',
  '"',
  "'",
  '\\',
  '&a',
  '*a',
  '!x',
  '<<: ',
  '? ',
  '>',
  '|+',
  '#',
  '\t',
  '\u0000',
  '\uD800',
  'é',
  '😀',
  'for',
  'in',
  'if',
  'endif',
  'endfor',
  'else',
  'set',
  'macro',
  'call',
  'is',
  'not',
  'and',
  'raw',
  'endraw',
  'range(3)',
  'loop',
  'workers',
  'x',
  '1',
  '1.5',
  "'a'",
  '+',
  '*',
  '**',
  '%',
  '==',
  '<',
  'null',
  'true',
  'workflow:',
  'tasks:',
  'name: x',
  'command: [a]',
  'image: i',
  'default-values:',
  '{{output}}',
  '{{host:',
  'join',
  'tojson',
  '__class__',
  'constructor',
];

function mutated(random: Random, text: string): string {
  let out = text;
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const at = random.below(out.length + 1);
    const cut = random.chance(0.5) ? random.below(30) : 0;
    const put = random.many(0, 3, () => random.pick(pieces)).join('');
    out = out.slice(0, at) + put + out.slice(at + cut);
  }
  return out;
}

describe('whatever a recipe holds', () => {
  test.each([
    ['a whole recipe with random changes', (random: Random) => mutated(random, wholeRecipe)],
    [
      'words of templates in random order',
      (random: Random) => `workflow:\n  name: w\n  x: ${random.many(1, 40, () => random.pick(pieces)).join('')}\n`,
    ],
    ['words alone', (random: Random) => random.many(1, 60, () => random.pick(pieces)).join('')],
  ])(
    '%s: it is read or refused with reasons',
    (_, make) => {
      for (let index = 0; index < cases; index += 1) {
        const text = make(new Random(seed * 4_000_037 + index));
        const result = readRecipe({ text });
        const rendered = renderRecipe({ text });
        const reasons = 'problems' in result ? result.problems.map(({ message }) => message) : ['read'];
        expect([text, reasons.length > 0 && reasons.every((reason) => reason !== '')]).toEqual([text, true]);
        // What is read can be rendered, too.
        expect([text, 'problems' in result || 'document' in rendered]).toEqual([text, true]);
        const lines = text.split(/\r\n|\r|\n/).length;
        const placed = 'problems' in result ? result.problems.filter(({ line }) => line !== undefined) : [];
        expect([text, placed.every(({ line = 0, column = 0 }) => line >= 1 && line <= lines && column >= 1)]).toEqual([
          text,
          true,
        ]);
      }
    },
    300_000,
  );

  test('texts come back through writing and reading', () => {
    for (let index = 0; index < cases; index += 1) {
      const random = new Random(seed * 5_000_011 + index);
      const args = random.many(1, 3, () => randomText(random));
      const spec: WorkflowInput['spec'] = { tasks: [{ name: 't', image: 'i', command: ['c'], args }] };
      const result = readRecipe({ text: writeRecipe({ metadata: { name: 'w' }, spec }) });
      expect('workflow' in result ? result.workflow.spec.tasks : result.problems).toEqual(spec.tasks);
    }
  }, 300_000);
});
