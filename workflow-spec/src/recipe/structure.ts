import { placeOf, type RecipeProblem } from '../problem.ts';
import { splitSections } from './sections.ts';

/** Problems that are told, at most. */
const most = 50;

/**
 * What is wrong with the sections of a recipe that is to be kept as a template: whether there is a `workflow`, and nothing
 * that is no section. Nothing is rendered and no YAML is read: values may be missing that only a submission brings. Takes
 * time in proportion to the text.
 */
export function structureProblems(recipe: string): RecipeProblem[] {
  const text = recipe.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const { workflow, problems } = splitSections(text);
  const told = problems
    .slice(0, most)
    .map(({ path, message, offset }) => ({ ...(path !== undefined && { path }), message, ...placeOf(text, offset) }));
  if (workflow !== undefined) return told;
  const message = "must be set: a recipe has the key 'workflow:' at the start of a line";
  return [...told, { path: 'workflow', message }];
}
