import { afterAll, expect, test } from '@jest/globals';
import { renderRecipe } from '../recipe/read-recipe.ts';
import { hostileExpression, hostileRecipe } from '../testing/hostile-recipe.ts';
import { Random } from '../testing/random.ts';
import { RecipeReader } from './recipe-reader.ts';

// By hand: OSMO_TEST_SEED=7 OSMO_RUNS=20000.
const seed = Number(process.env['OSMO_TEST_SEED'] ?? 1);
const runs = Number(process.env['OSMO_RUNS'] ?? 150);
const reader = new RecipeReader({ workers: 1, timeLimitMs: 20_000, memoryLimitMiB: 96 });
afterAll(() => reader.close(), 60_000);

/** What only JavaScript prints. */
const javaScript = /native code|\[object |=> ?\{|function \w*\(|\bprocess\b(?!')|undefined/;

test('no expression reaches JavaScript, however it looks into things', () => {
  for (let index = 0; index < runs * 20; index++) {
    const expression = hostileExpression(new Random(seed * 6_000_011 + index));
    const result = renderRecipe({ text: `workflow:\n  name: w\n  x: |\n    {{ ${expression} }}\n` });
    const text = 'document' in result ? result.document : '';
    expect([expression, javaScript.exec(text)?.[0]]).toEqual([expression, undefined]);
  }
});

test('a recipe that means harm is read or refused with a reason, and the next one is read as ever', async () => {
  for (let index = 0; index < runs; index++) {
    const text = hostileRecipe(new Random(seed * 7_000_003 + index));
    // One after the other, so that each finds what the one before has left.
    // oxlint-disable-next-line no-await-in-loop
    const result = await (index % 2 === 0 ? reader.read({ text }) : reader.render({ text }));
    const reasons = 'problems' in result ? result.problems.map(({ message }) => message) : ['read'];
    expect([text, reasons.length > 0 && reasons.every((reason) => reason !== '')]).toEqual([text, true]);
  }
  const result = await reader.render({ text: 'workflow:\n  name: {{ 6 * 7 }}\n' });
  expect(result).toEqual({ document: 'workflow:\n  name: 42\n', warnings: [] });
});
