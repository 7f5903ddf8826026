import { RecipeError } from '../problem.ts';
import { renderTemplate } from '../template/render.ts';
import { Constructor } from '../yaml/constructor.ts';
import { composeDocument } from '../yaml/composer.ts';
import type { YamlNode } from '../yaml/node.ts';
import { asRecipeError, loadSection, type Overrides, templateValues } from './template-values.ts';
import { splitSections } from './sections.ts';

/** Longest recipe that is read, in characters. */
export const longestRecipe = 2_097_152;

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
 * @throws RecipeError with the offset in the recipe
 */
export function renderSections(text: string, overrides: Overrides): RenderedRecipe {
  if (text.length > longestRecipe) throw new RecipeError(`the recipe has more than ${longestRecipe} characters`);
  const { workflow, defaults, version, preamble, problems } = splitSections(text);
  const [problem] = problems;
  if (problem) throw new RecipeError(`${problem.path}: ${problem.message}`, problem.offset);
  if (version) checkVersion(loadSection(version, 'version'), version.offset);
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

function checkVersion(version: unknown, offset: number): void {
  if (version === 2n || version === 2 || version === '2') return;
  throw new RecipeError('version: must be 2', offset);
}

/** Errors with an offset in a part of the recipe get the offset in the recipe. */
function placed<T>(start: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RecipeError) || error.offset === undefined) throw error;
    throw new RecipeError(error.message, start + error.offset);
  }
}
