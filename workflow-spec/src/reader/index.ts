export { RecipeReader, RecipeReaderBusy, type RecipeReaderOptions } from './recipe-reader.ts';
export type { RecipeRequest } from '../recipe/read-recipe.ts';
