import type { Clock } from '@osmo/kube';

/** Remembers a bounded number of values for a while; the least recently made go first. */
export class ExpiringCache<V> {
  readonly #clock: Clock;
  readonly #lifeMs: number;
  readonly #most: number;
  readonly #entries = new Map<string, { value: V; until: number }>();

  constructor(clock: Clock, lifeMs: number, most: number) {
    this.#clock = clock;
    this.#lifeMs = lifeMs;
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value of the key, made now when there is none or it is too old. */
  get(key: string, make: () => V): V {
    const known = this.#fresh(key);
    if (known !== undefined) return known.value;
    const value = make();
    this.set(key, value);
    return value;
  }

  /** Whether there is a value that isn't too old. */
  has(key: string): boolean {
    return this.#fresh(key) !== undefined;
  }

  /** The value of the key, if there is one that isn't too old. */
  peek(key: string): V | undefined {
    return this.#fresh(key)?.value;
  }

  /** Remembers a value from now on. */
  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.#clock.now().getTime() + this.#lifeMs });
    if (this.#entries.size > this.#most) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  #fresh(key: string): { value: V } | undefined {
    const now = this.#clock.now().getTime();
    const known = this.#entries.get(key);
    // A clock that is set back makes nothing live longer.
    return known !== undefined && now < known.until && now >= known.until - this.#lifeMs ? known : undefined;
  }
}
