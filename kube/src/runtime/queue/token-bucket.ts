import { type Clock, monotonicMs } from '../clock.ts';

/** Allows `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, perSecond: number, burst: number) {
    if (!(perSecond > 0) || !(burst >= 1)) {
      throw new RangeError(`token bucket: perSecond ${perSecond} and burst ${burst}: must be > 0 and >= 1`);
    }
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = monotonicMs(clock);
  }

  /** Takes a token if there is one, and `leaving` (a part of the burst, 0 to 1) is left then. */
  take(leaving = 0): boolean {
    this.#refill();
    if (this.#tokens < 1 + leaving * this.#burst) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes a token in any case, on credit if need be; returns in how many ms it is really there. */
  reserve(): number {
    this.#refill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  /** Whether it holds all its tokens: nothing has happened for a while, the bucket may be forgotten. */
  isFull(): boolean {
    this.#refill();
    return this.#tokens >= this.#burst;
  }

  #refill(): void {
    const now = monotonicMs(this.#clock);
    // A clock that is set back gives nothing, and takes nothing away.
    const gained = Math.max(0, now - this.#at) * (this.#perSecond / 1000);
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#at = now;
  }
}
