import { describeRecipeProblem, structureProblems } from '@osmo/workflow-spec';
import { badRequest, RequestError } from '../http/errors.ts';

/** Most bytes of a recipe as JSON, which is how it is stored: etcd takes one and a half mebibytes in one request. */
const mostBytes = 1_400_000;

/**
 * The recipe that a body is.
 *
 * @throws RequestError 400 with every problem, for a text that has no `workflow` or something that no recipe has, and for one
 *   that no object can hold
 */
export function recipeOf(body: unknown): string {
  const recipe = String(body);
  const bytes = Buffer.byteLength(JSON.stringify(recipe));
  if (bytes > mostBytes)
    throw badRequest(`the recipe has ${bytes} bytes as JSON; an app holds at most ${mostBytes}: move files out of it`);
  const problems = structureProblems(recipe);
  if (problems.length === 0) return recipe;
  throw new RequestError(400, 'USAGE', problems.map(describeRecipeProblem).join('\n'));
}
