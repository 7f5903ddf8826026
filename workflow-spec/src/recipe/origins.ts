import type { Field } from './node-reader.ts';
import { parentOf } from './told.ts';

/** Which field of the recipe each field of the Workflow was made from, so that what is wrong with one is said of the other. */
export class Origins {
  readonly #fields = new Map<string, Field>();

  /** @param path of the Workflow, as in `spec.tasks[0].image` */
  set(path: string, field: Field): void {
    this.#fields.set(path, field);
  }

  /** The field of the path, or of the nearest one above it. */
  find(path: string): Field | undefined {
    return this.placed(path)?.field;
  }

  /**
   * The field of the path, or of the nearest one above it, and what the recipe calls the path: what is below that keeps the Workflow's
   * words, unless the recipe writes all of it as a single value, as `/src:/dst`.
   */
  placed(path: string): { field: Field; path: string } | undefined {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const field = this.#fields.get(at);
      if (field === undefined) continue;
      const rest = field.node.kind === 'scalar' ? '' : path.slice(at.length);
      return { field, path: `${field.path}${rest}` };
    }
    return undefined;
  }
}
