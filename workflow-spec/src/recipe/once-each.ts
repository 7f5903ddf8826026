import type { RecipeProblem } from '../problem.ts';

/**
 * Problems without those that the same place of the file makes again and again, as a loop of a template does: the first of them is told,
 * with how many there are.
 */
export function onceEach(problems: readonly RecipeProblem[]): RecipeProblem[] {
  const kinds = new Map<string, { first: RecipeProblem; count: number }>();
  for (const problem of problems) {
    const { message, path = '', line, column } = problem;
    const key = JSON.stringify([line, column, path.replaceAll(/\[\d+\]/g, '[]'), message]);
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, { first: problem, count: 1 });
    else known.count++;
  }
  return [...kinds.values()].map(({ first, count }) =>
    count === 1 ? first : { ...first, message: `${first.message} (${count} times, from this place of the recipe)` },
  );
}
