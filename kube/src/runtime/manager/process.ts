import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';

/** The part of `process` that is used. */
export interface ProcessLike extends Pick<NodeJS.EventEmitter, 'on' | 'off'> {
  exit(code: number): void;
}

export interface RunProcessOptions {
  process: ProcessLike;
  clock: Clock;
  logger: Logger;
  /** From the first signal to the end by force. Default 30 s, Kubernetes' grace period. */
  hardStopMs?: number | undefined;
  /** For what is left over after `main`. Default 1 s. */
  lingerMs?: number | undefined;
}

/**
 * Runs the main work of a process and returns its exit code.
 *
 * SIGTERM and SIGINT abort the signal given to `main`; a second one, or the end of `hardStopMs`, exits at once. An error
 * that nobody handles is logged and exits at once with 70: the state of the process can't be trusted any more.
 *
 * When `main` has ended and something forgotten (a reconcile that ignores its signal) keeps the process alive, it is ended
 * with the returned code after `lingerMs`.
 *
 * @returns 0 when `main` ended after a signal or by itself, 1 when it failed; to be set as `process.exitCode`.
 */
export async function runProcess(
  main: (signal: AbortSignal) => Promise<void>,
  { process, clock, logger, hardStopMs = 30_000, lingerMs = 1000 }: RunProcessOptions,
): Promise<number> {
  const stop = new AbortController();
  let cancel = (): void => undefined;
  const onSignal = (signal: string): void => {
    if (stop.signal.aborted) {
      logger.warn('second signal, exiting at once', { signal });
      process.exit(1);
      return;
    }
    logger.info('stopping', { signal });
    cancel = clock.setTimeout(hardStopMs, () => {
      logger.error('did not stop in time, exiting', { ms: hardStopMs });
      process.exit(1);
    });
    stop.abort(new Error(`received ${signal}`));
  };
  const onError = (error: unknown): void => {
    logger.error('unhandled error, exiting', { error });
    process.exit(70);
  };
  const ended = (code: number): number => {
    // Not the clock: this timer alone must not keep the process alive.
    setTimeout(() => process.exit(code), lingerMs).unref();
    return code;
  };
  const listeners = { SIGTERM: onSignal, SIGINT: onSignal, uncaughtException: onError, unhandledRejection: onError };
  for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);
  try {
    await main(stop.signal);
    logger.info('stopped');
    return ended(0);
  } catch (error) {
    logger.error('failed', { error });
    return ended(1);
  } finally {
    cancel();
    for (const [event, listener] of Object.entries(listeners)) process.off(event, listener);
  }
}
