import { RecipeError } from '../problem.ts';
import { PyDict } from '../python/dict.ts';
import { parseFloatText, parseInteger } from '../python/numbers.ts';
import type { Value } from '../python/value.ts';
import { loadYaml } from '../yaml/constructor.ts';
import { YamlError } from '../yaml/yaml-error.ts';
import type { Section } from './sections.ts';

/** Values given beside the recipe, each `NAME=VALUE`. */
export interface Overrides {
  /** As `--set`: an int if it reads as one, else a float, else a text. `true` is a text. */
  readonly set?: readonly string[];
  /** As `--set-string`: texts, and stronger than `set`. */
  readonly setString?: readonly string[];
}

/**
 * The values that a template is rendered with: `default-values`, then `set`, then `setString`; later ones win.
 *
 * @throws RecipeError when the defaults are no mapping, or an override has no `=`
 */
export function templateValues(
  defaults: Section | undefined,
  { set = [], setString = [] }: Overrides,
): Map<string, Value> {
  const values = defaultValues(defaults);
  for (const text of set) {
    const [name, value] = splitAssignment(text, '--set');
    values.set(name, castValue(value));
  }
  for (const text of setString) {
    const [name, value] = splitAssignment(text, '--set-string');
    values.set(name, value);
  }
  return values;
}

function defaultValues(section: Section | undefined): Map<string, Value> {
  const values = new Map<string, Value>();
  if (!section) return values;
  const defaults = loadSection(section, 'default-values');
  if (defaults === null || defaults === undefined) return values;
  if (!(defaults instanceof PyDict))
    throw new RecipeError('default-values: must be a mapping of names to values', section.offset);
  // A name that is no text can't be written in a template.
  for (const [name, value] of defaults.entries()) if (typeof name === 'string') values.set(name, value);
  return values;
}

/** The value of a section that is no template. @throws RecipeError for what is no YAML */
export function loadSection(section: Section, key: string): Value | undefined {
  const found = asRecipeError(
    () => loadYaml(section.text),
    (offset) => section.offset + offset,
  );
  return found instanceof PyDict ? found.get(key) : undefined;
}

/** Runs a reader of YAML. Its errors become those of the recipe, at the offset that `place` gives. */
export function asRecipeError<T>(run: () => T, place: (offset: number) => number): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof YamlError) throw new RecipeError(error.message, place(error.offset));
    throw error;
  }
}

/** Name and value of `NAME=VALUE`; the value may hold further `=`. */
export function splitAssignment(text: string, flag: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new RecipeError(`${flag} ${JSON.stringify(text.slice(0, 64))}: must be NAME=VALUE`);
}

function castValue(text: string): Value {
  return parseInteger(text) ?? parseFloatText(text) ?? text;
}
