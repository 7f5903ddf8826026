/**
 * What of a recipe something was said about, by path as in `workflow.tasks[0].image`. What else is wrong there may only be a consequence, and
 * nobody is told of one thing twice.
 */
export class Told {
  readonly #values = new Set<string>();
  readonly #places = new Set<string>();

  /** Of the whole value, or of a key that is missing: what is below is not known. */
  value(path: string): void {
    this.#values.add(path);
  }

  /** Of something about the value, as how many items it has: what is below was read all the same. */
  place(path: string): void {
    this.#places.add(path);
  }

  /** Whether something was said of exactly this, or of a value that it is part of. */
  covers(path: string): boolean {
    if (this.#places.has(path) || this.#values.has(path)) return true;
    for (let at = parentOf(path); at !== ''; at = parentOf(at)) if (this.#values.has(at)) return true;
    return false;
  }

  /** Whether a value could not be read whose path looks so. */
  anyValue(pattern: RegExp): boolean {
    return [...this.#values].some((path) => pattern.test(path));
  }

  /** Whether something was said of this or of a part of it. */
  within(path: string): boolean {
    if (this.covers(path)) return true;
    return [...this.#values, ...this.#places].some(
      (told) => told.startsWith(`${path}.`) || told.startsWith(`${path}[`),
    );
  }
}

/** The path of what a path is part of; '' for what is at the top. */
export function parentOf(path: string): string {
  return path.replace(/(\[[^[]*\]|\.[^.[]*|^[^.[]*)$/, '');
}

/** Whether the names of all tasks, and of all entries of `resources`, could be read. */
export function namesKnown(told: Told): { allTasks: boolean; allResources: boolean } {
  return {
    allTasks: !told.anyValue(/^workflow\.(groups(\[\d+\](\.tasks)?)?|tasks)$|\.tasks\[\d+\](\.name)?$/),
    allResources: !told.anyValue(/^workflow\.resources$/),
  };
}
