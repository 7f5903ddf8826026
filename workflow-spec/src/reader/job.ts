import { type Problem, validateWorkflow } from '@osmo/crds';
import {
  readRecipe,
  type RecipeRequest,
  type RecipeResult,
  renderRecipe,
  type RenderResult,
} from '../recipe/read-recipe.ts';

/** What a worker is asked to do. */
export type RecipeJob =
  | { readonly kind: 'read' | 'render'; readonly request: RecipeRequest }
  | { readonly kind: 'check'; readonly workflow: unknown };

/** All that the API's own schema says of a Workflow. */
export interface CheckResult {
  readonly problems: readonly Partial<Problem>[];
}

/** What a worker answers; `failure` is a fault of ours, not of the recipe. */
export type RecipeAnswer =
  { readonly result: RecipeResult | RenderResult | CheckResult } | { readonly failure: string };

/** Does a job in this thread. It never throws. */
export function runJob(job: RecipeJob): RecipeAnswer {
  try {
    if (job.kind === 'check') return { result: { problems: validateWorkflow(job.workflow) } };
    return { result: job.kind === 'read' ? readRecipe(job.request) : renderRecipe(job.request) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
