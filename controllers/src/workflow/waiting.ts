/**
 * Which workflows wait for something to be mended about which pool, so that a change of a pool, its platforms or its
 * backend wakes those and no others. It is told by each observation, in the same turn in which the caches are read, so
 * no change can slip between.
 */
export class WaitingWorkflows {
  readonly #poolOf = new Map<string, string>();
  readonly #byPool = new Map<string, Set<string>>();

  /** `key` now waits for `pool`; undefined when it waits for none. */
  set(key: string, pool: string | undefined): void {
    const before = this.#poolOf.get(key);
    if (before === pool) return;
    if (before !== undefined) this.#remove(key, before);
    if (pool === undefined) return;
    this.#poolOf.set(key, pool);
    const keys = this.#byPool.get(pool) ?? new Set();
    this.#byPool.set(pool, keys.add(key));
  }

  #remove(key: string, pool: string): void {
    this.#poolOf.delete(key);
    const keys = this.#byPool.get(pool);
    keys?.delete(key);
    if (keys?.size === 0) this.#byPool.delete(pool);
  }

  /** Keys of the workflows that wait for this pool. */
  of(pool: string): readonly string[] {
    return [...(this.#byPool.get(pool) ?? [])];
  }

  get size(): number {
    return this.#poolOf.size;
  }
}
