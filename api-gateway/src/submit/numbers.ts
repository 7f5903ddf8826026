import type { Clock } from '@osmo/kube';
import { ExpiringCache } from '../system/expiring-cache.ts';
import { nextNumber } from './name.ts';

/** By then a cache has long heard of what was created. */
const rememberedMs = 60_000;
const rememberedNames = 10_000;

/**
 * Gives submissions under the same name different numbers, before any cache has heard of the ones before: many at once would
 * ask the apiserver for the same one. What other replicas give is found out when the apiserver refuses it.
 */
export class Numbers {
  readonly #last: ExpiringCache<number>;

  constructor(clock: Clock) {
    this.#last = new ExpiringCache(clock, rememberedMs, rememberedNames);
  }

  /** @param taken names in the namespace, as far as is known; only asked when nothing is remembered */
  take(namespace: string, base: string, taken: () => Iterable<string>): number {
    const key = `${namespace}/${base}`;
    const number = this.#last.get(key, () => nextNumber(base, taken()) - 1) + 1;
    this.#last.set(key, number);
    return number;
  }

  /** Another one after somebody else has used that number. */
  takeAfter(used: number, namespace: string, base: string, taken: () => Iterable<string>): number {
    const key = `${namespace}/${base}`;
    this.#last.set(
      key,
      Math.max(
        used,
        this.#last.get(key, () => used),
        nextNumber(base, taken()) - 1,
      ),
    );
    return this.take(namespace, base, taken);
  }

  /** Nothing came of it: the next one gets it, unless there was a later one already. */
  giveBack(number: number, namespace: string, base: string): void {
    const key = `${namespace}/${base}`;
    if (this.#last.has(key) && this.#last.get(key, () => number) === number) this.#last.set(key, number - 1);
  }
}
