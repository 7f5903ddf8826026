/** Growing delays. Milliseconds. */
export interface Backoff {
  baseMs: number;
  maxMs: number;
}

/**
 * Delay before attempt number `failures + 1`: doubling from `baseMs` to at most `maxMs`, of which a random half is taken
 * off so that many clients of a restarted server spread out.
 *
 * @param random a number in [0, 1).
 */
export function backoffDelay(failures: number, { baseMs, maxMs }: Backoff, random: number): number {
  if (failures <= 0) return 0;
  return Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + random / 2);
}
