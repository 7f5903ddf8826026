import type { Clock } from '../clock.ts';
import { ReconcileTimeoutError } from './errors.ts';

export interface Attempt<R> {
  /** Settles with the work, or at the latest when the time is over. */
  result: Promise<R>;
  /** Resolves when the work itself has ended, in whatever way; later than `result` if it ignores its signal. */
  ended: Promise<void>;
}

/**
 * Runs `work` with a signal that aborts after `timeoutMs` or with `stop`. The caller gets its result in time even if the
 * work doesn't heed the signal, and can wait for the real end before it lets the same work start again.
 */
export function attempt<R>(
  work: (signal: AbortSignal) => Promise<R>,
  options: { clock: Clock; timeoutMs: number; stop: AbortSignal },
): Attempt<R> {
  const { clock, timeoutMs, stop } = options;
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  const cancel = clock.setTimeout(timeoutMs, () => {
    const error = new ReconcileTimeoutError(timeoutMs);
    controller.abort(error);
    reject(error);
  });
  const onStop = (): void => {
    controller.abort(stop.reason);
    reject(stop.reason);
  };
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  const done = (async () => work(controller.signal))()
    .then(resolve, reject)
    .finally(() => {
      cancel();
      stop.removeEventListener('abort', onStop);
    });
  return { result: promise, ended: done };
}
