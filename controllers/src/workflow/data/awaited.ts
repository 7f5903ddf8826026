/**
 * Which workflows wait for which things, so that news of a thing wakes those and no others. It is told by each observation,
 * in the same turn in which the caches are read, so no news can slip between.
 */
export class Awaited {
  readonly #thingsOf = new Map<string, readonly string[]>();
  readonly #byThing = new Map<string, Set<string>>();

  /** `key` now waits for these things and no others. */
  set(key: string, things: readonly string[]): void {
    for (const thing of this.#thingsOf.get(key) ?? []) {
      const keys = this.#byThing.get(thing);
      keys?.delete(key);
      if (keys?.size === 0) this.#byThing.delete(thing);
    }
    if (things.length === 0) this.#thingsOf.delete(key);
    else this.#thingsOf.set(key, things);
    for (const thing of things) this.#byThing.set(thing, (this.#byThing.get(thing) ?? new Set()).add(key));
  }

  /** Keys of those who wait for this thing. */
  of(thing: string): readonly string[] {
    return [...(this.#byThing.get(thing) ?? [])];
  }

  /** How many wait. */
  get size(): number {
    return this.#thingsOf.size;
  }
}

/** The buckets of a namespace. */
export const bucketsOf = (namespace: string): string => `buckets ${namespace}`;
/** A dataset and its versions, by the name of the Dataset object. */
export const datasetOf = (namespace: string, object: string): string => `dataset ${namespace}/${object}`;
/** The tasks of a workflow, by its name. */
export const tasksOf = (namespace: string, workflow: string): string => `tasks ${namespace}/${workflow}`;
