import {
  readRecipe,
  type RecipeRequest,
  type RecipeResult,
  renderRecipe,
  type RenderResult,
} from '../recipe/read-recipe.ts';

/** What a worker is asked to do. */
export interface RecipeJob {
  readonly kind: 'read' | 'render';
  readonly request: RecipeRequest;
}

/** What a worker answers; `failure` is a fault of ours, not of the recipe. */
export type RecipeAnswer = { readonly result: RecipeResult | RenderResult } | { readonly failure: string };

/** Does a job in this thread. It never throws. */
export function runJob({ kind, request }: RecipeJob): RecipeAnswer {
  try {
    return { result: kind === 'read' ? readRecipe(request) : renderRecipe(request) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
