import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until a state is reached, looking again soon at first and less often the longer it takes. The limit is for what will never happen, not a
 * measure of speed: machines that are busy with other things take their time.
 *
 * @throws Error with the state that was there last, or the error of the last look, after `timeoutMs`. What `read` throws
 *   counts as not yet.
 */
export async function until<T>(
  read: () => T | Promise<T>,
  holds: (state: T) => boolean,
  timeoutMs = 90_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let pauseMs = 10;
  for (;;) {
    let last: () => string;
    try {
      const state = await read();
      if (holds(state)) return state;
      last = () => JSON.stringify(state, undefined, 1);
    } catch (error) {
      last = () => String(error);
    }
    if (performance.now() > end) throw new Error(`not reached within ${timeoutMs} ms; last: ${last()}`);
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 1.5, 200);
  }
}
