import { type Clock, systemClock } from '@osmo/kube';

/** The real clock, as far ahead or behind as a test says: months pass at once, and sockets don't notice. */
export class ShiftedClock implements Clock {
  #shiftMs: number;

  constructor(shiftMs = 0) {
    this.#shiftMs = shiftMs;
  }

  /** Sets how far ahead of the real time this one is, ms. */
  shiftTo(ms: number): void {
    this.#shiftMs = ms;
  }

  now(): Date {
    return new Date(systemClock.now().getTime() + this.#shiftMs);
  }

  setTimeout(ms: number, fn: () => void): () => void {
    return systemClock.setTimeout(ms, fn);
  }

  monotonicMs(): number {
    return performance.now();
  }
}
