import { setTimeout as delay } from 'node:timers/promises';

/** A wait that ended without the awaited state. `message` says what was awaited and what was seen last. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

/**
 * Asks `probe` again and again until it gives something other than undefined; a thrown error counts as "not yet".
 *
 * @throws TimeoutError after `timeoutMs`, with the last error in its text; whatever `giveUp` throws, at once.
 */
export async function poll<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { timeoutMs, intervalMs = 100, giveUp }: { timeoutMs: number; intervalMs?: number; giveUp?: () => void },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last = 'nothing yet';
  for (;;) {
    giveUp?.();
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > deadline) {
      throw new TimeoutError(`${what}: not within ${Math.round(timeoutMs / 1000)} s; last: ${last}`);
    }
    await delay(intervalMs);
  }
}
