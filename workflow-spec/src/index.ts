export type { RecipeProblem } from './problem.ts';
export { describeRecipeProblem } from './problem.ts';
export type { RecipePlace, RecipeRequest, RecipeResult, RenderResult } from './recipe/read-recipe.ts';
export { readRecipe, renderRecipe } from './recipe/read-recipe.ts';
export { splitSections } from './recipe/sections.ts';
export { structureProblems } from './recipe/structure.ts';
export { writeRecipe } from './recipe/write-recipe.ts';
export {
  type LocalDataset,
  localDatasetsOf,
  localPathsOf,
  withLocalFiles,
  withUploadedDatasets,
} from './recipe/local-files.ts';
export { durationSeconds, recipeDuration } from './recipe/amounts.ts';
export { normalName, objectNameFor } from './recipe/names.ts';
export { credentialObjectName } from './recipe/read-task.ts';
export type { RecipeReaderOptions } from './reader/recipe-reader.ts';
export { RecipeReader, RecipeReaderBusy } from './reader/recipe-reader.ts';
