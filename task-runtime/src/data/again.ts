import type { DataContext } from './context.ts';
import { isPassing } from './failure.ts';

const pausesMs = [5_000, 20_000, 60_000];

/**
 * Does something again while the store can't be reached: each request has been tried several times by then.
 *
 * @throws the last error; the signal's reason
 */
export async function again<T>(
  what: string,
  { sleep, say }: Pick<DataContext, 'sleep' | 'say'>,
  signal: AbortSignal,
  act: () => Promise<T>,
): Promise<T> {
  for (const pause of pausesMs) {
    try {
      // One try after the other.
      // oxlint-disable-next-line no-await-in-loop
      return await act();
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      say(`${what}: ${(error as Error).message}; again in ${pause / 1000} s`);
      // oxlint-disable-next-line no-await-in-loop
      await sleep(pause, signal);
    }
  }
  return act();
}
