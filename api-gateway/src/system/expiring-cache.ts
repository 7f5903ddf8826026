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
    const now = this.#clock.now().getTime();
    const known = this.#entries.get(key);
    // A clock that is set back makes nothing live longer.
    if (known !== undefined && now < known.until && now >= known.until - this.#lifeMs) return known.value;
    this.#entries.delete(key);
    const value = make();
    this.#entries.set(key, { value, until: now + this.#lifeMs });
    if (this.#entries.size > this.#most) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    return value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
