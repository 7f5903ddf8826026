/** One thing that is wrong with a recipe. */
export interface RecipeProblem {
  /** What is wrong and what is allowed. With a path it is the end of a sentence that begins with the path. */
  readonly message: string;
  /** Field of the recipe, as in `workflow.tasks[0].image`. */
  readonly path?: string;
  /** What was found there, if it is a single value; long ones are cut. */
  readonly value?: string | number | boolean | null;
  /** Line of the user's file, from 1. */
  readonly line?: number;
  /** Column of that line in characters, from 1. */
  readonly column?: number;
}

/** A problem on one line: `12:7: workflow.tasks[0].image: must be set`. */
export function describeRecipeProblem({ message, path, value, line, column }: RecipeProblem): string {
  const place = line === undefined ? '' : `${line}:${column ?? 1}: `;
  const field = path === undefined ? '' : `${path}: `;
  return `${place}${field}${value === undefined ? '' : `${JSON.stringify(value)}: `}${message}`;
}

/** Stops the reading of a recipe at a place of its text. */
export class RecipeError extends Error {
  /** UTF-16 offset in the user's text; undefined when the problem has no place. */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.name = 'RecipeError';
    this.offset = offset;
  }
}

/** Line and column, both from 1 and the column in characters, of an offset in a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 };
}
