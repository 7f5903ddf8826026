import { placeOf, RecipeError, type RecipeProblem } from '../problem.ts';
import { nearestName, newSuggestionBudget } from '../graph/suggestion.ts';
import { renderTemplate } from '../template/render.ts';
import { Constructor } from '../yaml/constructor.ts';
import { composeDocument } from '../yaml/composer.ts';
import type { YamlNode } from '../yaml/node.ts';
import { asRecipeError, loadSection, type Overrides, templateValues } from './template-values.ts';
import { splitSections } from './sections.ts';

/** Longest recipe that is read, in characters. */
export const longestRecipe = 2_097_152;
/** Problems of sections that are told, at most. */
const mostProblems = 50;

/** A rendered recipe: the YAML of its `workflow` section. */
export interface RenderedRecipe {
  /** The mapping with the key `workflow`. */
  readonly root: YamlNode;
  readonly constructor: Constructor;
  readonly warnings: string[];
  /** Whether the text had anything to render. */
  readonly isTemplate: boolean;
  /** Offset in the recipe of an offset in the rendered text, which is what nodes have. */
  sourceOffset(offset: number): number;
}

/**
 * Cuts, renders and parses a recipe.
 *
 * @param text recipe whose lines end with `\n`, without a byte order mark
 * @param found gets what is wrong with it and keeps nobody from reading on
 * @throws RecipeError with the offset in the recipe
 */
export function renderSections(text: string, overrides: Overrides, found: RecipeProblem[]): RenderedRecipe {
  if (text.length > longestRecipe) throw new RecipeError(`the recipe has more than ${longestRecipe} characters`);
  const { workflow, defaults, version, preamble, problems } = splitSections(text);
  const slip = problems
    .slice(0, mostProblems)
    .find((problem) => isSlipOf(problem, { workflow, 'default-values': defaults }));
  const others = problems.filter((problem) => problem !== slip).slice(0, mostProblems);
  found.push(...others.map(({ offset, ...problem }) => ({ ...problem, ...placeOf(text, offset) })));
  if (slip) throw new RecipeError(`${slip.path}: ${slip.message}`, slip.offset);
  if (version && !isSupported(loadSection(version, 'version')))
    found.push({ path: 'version', message: 'must be 2', ...placeOf(text, version.offset) });
  if (!workflow)
    throw new RecipeError("workflow: must be set: a recipe has the key 'workflow:' at the start of a line", 0);
  const values = templateValues(defaults, overrides);
  const rendered = placed(workflow.offset, () => renderTemplate(workflow.text, values));
  const sourceOffset = (offset: number): number => workflow.offset + rendered.sourceOffset(offset);
  const constructor = new Constructor();
  const root = asRecipeError(() => {
    const node = composeDocument(rendered.text);
    // Everything is made once here, so that what YAML refuses is known with its place.
    if (node) constructor.value(node);
    return node;
  }, sourceOffset);
  if (root?.kind !== 'mapping') throw new RecipeError('workflow: must be a mapping of keys to values', workflow.offset);
  const warnings = /\{[{%]/.test(preamble)
    ? ["what stands before the first top-level key is no part of the recipe: move it below 'workflow:'"]
    : [];
  const isTemplate = defaults !== undefined || /\{[{%#]/.test(text);
  return { root, constructor, warnings, isTemplate, sourceOffset };
}

/** Whether what is missing is there under another name: without it all else would be wrong. */
function isSlipOf({ path = '' }: RecipeProblem, sections: Readonly<Record<string, unknown>>): boolean {
  const missing = Object.keys(sections).filter((name) => sections[name] === undefined);
  return nearestName(path, missing, newSuggestionBudget()) !== undefined;
}

const isSupported = (version: unknown): boolean => version === 2n || version === 2 || version === '2';

/** Errors with an offset in a part of the recipe get the offset in the recipe. */
function placed<T>(start: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RecipeError) || error.offset === undefined) throw error;
    throw new RecipeError(error.message, start + error.offset);
  }
}
