import { nearestName, newSuggestionBudget } from '../graph/suggestion.ts';
import type { RecipeProblem } from '../problem.ts';
import { keysOf } from './keys/key.ts';
import { recipeSection } from './keys/workflow-sections.ts';

/** A top-level part of a recipe. */
export interface Section {
  readonly text: string;
  /** Offset in the recipe. */
  readonly offset: number;
}

/** A recipe cut at its top-level keys. */
export interface Sections {
  readonly workflow: Section | undefined;
  readonly defaults: Section | undefined;
  readonly version: Section | undefined;
  /** What stands before the first key, and is no part of the recipe. */
  readonly preamble: string;
  /** What is wrong, with offsets in place of lines. */
  readonly problems: readonly (RecipeProblem & { readonly offset: number })[];
}

const known = keysOf(recipeSection);
// A key of upstream's, in quotes or not, or any other word without quotes: text in quotes may belong to an expression.
const key = new RegExp(String.raw`^(?:(["'])(${known.join('|')})\1|([A-Za-z_][\w.-]*))[ \t]*:(?=[ \t\n]|$)`, 'gm');

/**
 * Cuts a recipe before any YAML is read, since a template is no YAML yet: a section goes from its key at the start of a
 * line to the next such key.
 *
 * @param text recipe whose lines end with `\n`
 */
export function splitSections(text: string): Sections {
  // Comments of the template are blanked, so that nothing in them is a key; offsets stay.
  const bare = withoutComments(text);
  const keys = [...bare.matchAll(key)].map((match) => ({ name: match[2] ?? match[3] ?? '', offset: match.index }));
  const sections = new Map<string, Section>();
  const budget = newSuggestionBudget();
  const problems: (RecipeProblem & { offset: number })[] = [];
  for (const [index, { name, offset }] of keys.entries()) {
    if (!(known as readonly string[]).includes(name)) {
      const meant = nearestName(name, known, budget);
      const hint = meant === undefined ? `; allowed are ${known.join(', ')}` : `; did you mean '${meant}'?`;
      problems.push({ path: name, message: `is no known top-level key${hint}`, offset });
    } else if (sections.has(name)) problems.push({ path: name, message: 'must be there only once', offset });
    else sections.set(name, { text: text.slice(offset, keys[index + 1]?.offset), offset });
  }
  return {
    workflow: sections.get('workflow'),
    defaults: sections.get('default-values'),
    version: sections.get('version'),
    preamble: text.slice(0, keys[0]?.offset ?? 0),
    problems,
  };
}

/** One look at each character, however many comments are opened and never closed. */
function withoutComments(text: string): string {
  const pieces: string[] = [];
  for (let at = 0; ;) {
    const start = text.indexOf('{#', at);
    const end = start < 0 ? -1 : text.indexOf('#}', start + 2);
    if (end < 0) return [...pieces, text.slice(at)].join('');
    pieces.push(text.slice(at, start), text.slice(start, end + 2).replaceAll(/[^\n]/g, ' '));
    at = end + 2;
  }
}
