/** How long and how often to ask. */
export interface PollOptions {
  timeoutMs: number;
  intervalMs?: number;
  signal?: AbortSignal;
  /** Adds what is known to the message when time is up. */
  describe?: () => string;
}

/**
 * Asks again and again until `check` gives something else than undefined, and gives that.
 *
 * @param what names the awaited state in the message when time is up
 * @throws Error when time is up; what `check` throws, at once.
 */
export async function poll<T>(what: string, check: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const { timeoutMs, intervalMs = 250, signal, describe } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const result = await check();
    if (result !== undefined) return result;
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${Math.round(timeoutMs / 1000)} s${describe ? `; ${describe()}` : ''}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
