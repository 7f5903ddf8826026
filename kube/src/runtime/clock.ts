/** Time as a dependency, so that tests own it. */
export interface Clock {
  now(): Date;
  /** Calls `fn` once after `ms`; the returned function cancels it and may be called at any time. */
  setTimeout(ms: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => new Date(),
  setTimeout(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};
