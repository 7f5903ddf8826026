import { describeRecipeProblem, structureProblems } from '@osmo/workflow-spec';
import { RequestError } from '../http/errors.ts';

/**
 * The recipe that a body is.
 *
 * @throws RequestError 400 with every problem, for a text that has no `workflow` or something that no recipe has
 */
export function recipeOf(body: unknown): string {
  const recipe = String(body);
  const problems = structureProblems(recipe);
  if (problems.length === 0) return recipe;
  throw new RequestError(400, 'USAGE', problems.map(describeRecipeProblem).join('\n'));
}
