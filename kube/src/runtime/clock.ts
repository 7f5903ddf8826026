/** Time as a dependency, so that tests own it. */
export interface Clock {
  now(): Date;
  /** Calls `fn` once after `ms`; the returned function cancels it and may be called at any time. */
  setTimeout(ms: number, fn: () => void): () => void;
  /** Milliseconds since some moment; not moved when the time of day is set. Absent: `now` does, as in tests. */
  monotonicMs?(): number;
  /** Calls `listener` whenever `now` has jumped. Absent: nobody would know. */
  onStep?(listener: () => void): void;
}

export const systemClock: Clock = {
  now: () => new Date(),
  setTimeout(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  monotonicMs: () => performance.now(),
};

/** Milliseconds by which to measure how long something took, whatever happens to the time of day. */
export function monotonicMs(clock: Clock): number {
  return clock.monotonicMs?.() ?? clock.now().getTime();
}
