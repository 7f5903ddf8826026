import type { Field } from './node-reader.ts';

/** Which field of the recipe each field of the Workflow was made from, so that what is wrong with one is said of the other. */
export class Origins {
  readonly #fields = new Map<string, Field>();

  /** @param path of the Workflow, as in `spec.tasks[0].image` */
  set(path: string, field: Field): void {
    this.#fields.set(path, field);
  }

  /** The field of the path, or of the nearest one above it. */
  find(path: string): Field | undefined {
    for (let at = path; at !== ''; at = parentOf(at)) {
      const field = this.#fields.get(at);
      if (field) return field;
    }
    return undefined;
  }
}

function parentOf(path: string): string {
  return path.replace(/(\[[^[]*\]|\.[^.[]*|^[^.[]*)$/, '');
}
