import type { WorkflowSpecInput } from '@osmo/crds';

/** A recipe as a request brings it. */
export interface RecipeRequest {
  text: string;
  /** `KEY=VALUE`; a value that looks like a number is one. */
  sets: readonly string[];
  /** `KEY=VALUE`; the value is a text. */
  stringSets: readonly string[];
}

/** What came of rendering alone. */
export interface RenderedRecipe {
  /** The whole document as YAML, without defaults and version. */
  yaml: string;
}

/** What came of reading it: a workflow, or every reason why there is none, each a line for people. */
export type ReadRecipe =
  | { name: string; spec: WorkflowSpecInput; warnings: readonly string[]; problems?: never }
  | { problems: readonly string[] };

/** Turns recipes into workflows, within bounds of time and memory; a recipe is a program of somebody else. */
export interface RecipeReader {
  render(recipe: RecipeRequest, signal: AbortSignal): Promise<RenderedRecipe | { problems: readonly string[] }>;
  read(recipe: RecipeRequest, signal: AbortSignal): Promise<ReadRecipe>;
}
