/** A source of numbers that a seed repeats. */
export interface Random {
  /** The next number in [0, 1). */
  next(): number;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
}

/** The seed of this run: from OSMO_E2E_SEED to repeat a former one, else a new one. */
export function seedOf(environment: NodeJS.ProcessEnv, now: Date): number {
  const given = environment['OSMO_E2E_SEED'];
  return given === undefined ? now.getTime() % 0xff_ff_ff : Number(given);
}

/** Numbers of Mulberry32: small, and equal wherever it runs. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, between: (low, high) => low + Math.floor(next() * (high - low + 1)) };
}
