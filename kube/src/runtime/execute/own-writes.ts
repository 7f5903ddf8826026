import { type Clock, monotonicMs } from '../clock.ts';

/** A write of ours that the cache must have before its key is reconciled again. */
export interface Expectation {
  /** For the log: which object. */
  object: string;
  isSeen(): boolean;
}

interface Pending {
  since: number;
  expectations: Expectation[];
}

/**
 * Remembers, per key, the writes that the caches have not shown yet: deciding on a cache that lacks them would do things
 * twice or undo them.
 */
export class OwnWrites {
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  #sweepAt = 1024;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#pending.size;
  }

  expect(key: string, expectation: Expectation): void {
    if (expectation.isSeen()) return;
    const pending = this.#pending.get(key);
    if (pending) pending.expectations.push(expectation);
    else this.#pending.set(key, { since: this.#now(), expectations: [expectation] });
    this.#sweep();
  }

  /** The writes of this key that are not seen yet and for how long, in ms; undefined when there is none. */
  unseen(key: string): { objects: string[]; ms: number } | undefined {
    const pending = this.#pending.get(key);
    if (pending === undefined) return undefined;
    pending.expectations = pending.expectations.filter((expectation) => !expectation.isSeen());
    if (pending.expectations.length === 0) {
      this.#pending.delete(key);
      return undefined;
    }
    return {
      objects: pending.expectations.map(({ object }) => object),
      ms: Math.max(0, this.#now() - pending.since),
    };
  }

  forget(key: string): void {
    this.#pending.delete(key);
  }

  /** Keys that are never looked at again must not pile up. The cost is amortised over the keys that are added. */
  #sweep(): void {
    if (this.#pending.size < this.#sweepAt) return;
    for (const key of this.#pending.keys()) this.unseen(key);
    this.#sweepAt = Math.max(1024, this.#pending.size * 2);
  }

  #now(): number {
    return monotonicMs(this.#clock);
  }
}
