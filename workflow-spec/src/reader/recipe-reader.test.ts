import { afterEach, describe, expect, test } from '@jest/globals';
import { validateWorkflow } from '@osmo/crds';
import { wholeRecipe } from '../testing/recipes.ts';
import { readRecipe, renderRecipe } from '../recipe/read-recipe.ts';
import { RecipeReader, RecipeReaderBusy, type RecipeReaderOptions } from './recipe-reader.ts';

// Limits are far from what is measured, on either side: a recipe that should be read has all the time that a slow machine
// needs, and one that should be stopped never ends by itself.
const patient: RecipeReaderOptions = { timeLimitMs: 120_000 };
const recipe = (inner: string): string => `workflow:\n  name: w\n  x: "${inner}"\n`;
/** Takes hours in few steps of the interpreter. */
const endless = recipe(
  "{% set big = 'ab' * 1000000 %}{% for i in range(100000) %}{% if big.replace('a', 'b').replace('b', 'a') == 'c' %}{% endif %}{% endfor %}",
);
/** Holds ever more lists. */
const greedy = recipe(
  '{% set all = [] %}{% for i in range(100000) %}{% if all.append([0] * 400000) %}{% endif %}{% endfor %}',
);

const readers: RecipeReader[] = [];
const newReader = (options: RecipeReaderOptions): RecipeReader => {
  const reader = new RecipeReader(options);
  readers.push(reader);
  return reader;
};
afterEach(() => Promise.all(readers.splice(0).map((reader) => reader.close())), 60_000);

describe('a reader of recipes', () => {
  test('gives what reading in the same thread gives', async () => {
    const reader = newReader(patient);
    const request = { text: wholeRecipe, set: ['workers=2'] };
    expect(await reader.read(request)).toEqual(readRecipe(request));
    expect(await reader.render(request)).toEqual(renderRecipe(request));
    expect(await reader.read({ text: 'x' })).toEqual(readRecipe({ text: 'x' }));
    const wrong = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'w' }, spec: { pool: 7 } };
    expect(await reader.check(wrong)).toEqual({ problems: validateWorkflow(wrong) });
  }, 120_000);

  test('keeps no thread that has nothing to do, and starts another when it must', async () => {
    const reader = newReader({ ...patient, workers: 1, idleMs: 1 });
    for (const name of ['a', 'b']) {
      // One after the other: each finds that the thread before has gone.
      // oxlint-disable-next-line no-await-in-loop
      expect(await reader.render({ text: recipe(name) })).toHaveProperty('document');
      // oxlint-disable-next-line no-await-in-loop
      while (reader.threads > 0) await new Promise(setImmediate);
    }
  }, 120_000);

  test('ends a recipe that takes too long, and reads on', async () => {
    const reader = newReader({ workers: 1, timeLimitMs: 200 });
    const [stopped, stoppedToo] = await Promise.all([reader.read({ text: endless }), reader.render({ text: endless })]);
    expect(stopped).toEqual({ problems: [{ message: 'the recipe takes more than 0.2 s to read' }] });
    expect(stoppedToo).toEqual(stopped);
  }, 120_000);

  test('ends a recipe that takes too much memory, and reads on', async () => {
    const reader = newReader({ ...patient, workers: 1, memoryLimitMiB: 64 });
    const answers = await Promise.all([reader.read({ text: greedy }), reader.read({ text: wholeRecipe })]);
    expect(answers[0]).toEqual({ problems: [{ message: 'the recipe takes more than 64 MiB of memory to read' }] });
    expect(answers[1]).toHaveProperty('workflow');
  }, 120_000);

  test('reads many at once with few threads', async () => {
    const reader = newReader({ ...patient, workers: 2 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => reader.render({ text: recipe(`{{ ${index} * 2 }}`) })),
    );
    expect(answers).toEqual(
      Array.from({ length: 50 }, (_, index) => ({
        document: `workflow:\n  name: w\n  x: '${index * 2}'\n`,
        warnings: [],
      })),
    );
  }, 120_000);

  test('refuses more than may wait', async () => {
    const reader = newReader({ ...patient, workers: 1, queueLimit: 1 });
    const first = reader.read({ text: wholeRecipe });
    await expect(reader.read({ text: wholeRecipe })).rejects.toThrow(RecipeReaderBusy);
    expect(await first).toHaveProperty('workflow');
  }, 120_000);

  test('tells of a program that can not be started', async () => {
    const reader = newReader({ ...patient, worker: new URL('./no-such-file.ts', import.meta.url) });
    await expect(reader.read({ text: wholeRecipe })).rejects.toThrow(/reading a recipe failed/);
  }, 120_000);

  test('refuses what waits when it is closed', async () => {
    const reader = newReader({ ...patient, workers: 1 });
    const answer = reader.read({ text: endless }).catch((error: unknown) => error);
    await reader.close();
    expect(await answer).toMatchObject({ message: expect.stringMatching(/closed/) });
    await expect(reader.read({ text: 'x' })).rejects.toThrow(/closed/);
  }, 120_000);
});
