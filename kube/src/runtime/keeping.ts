import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

const firstRetryMs = 500;
const lastRetryMs = 30_000;
/** No timer of a process can wait for longer. */
const longestMs = 2 ** 31 - 1;

export interface KeepingOptions {
  /** One look and what follows from it; gives when to look again if nothing changes before. */
  step: (signal: AbortSignal) => Promise<Date>;
  /** What the log says of a step that fails. */
  complaint: string;
  clock: Clock;
  logger: Logger;
}

/**
 * Keeps something as it should be by one step that is taken again and again: after every change, when the last one said so, and after one
 * that failed in half a second, then twice as late each time up to half a minute.
 */
export class Keeping {
  readonly #options: KeepingOptions;
  #changes = 0;
  #wake: () => void = () => undefined;

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  /** What the step reads has changed. */
  changed(): void {
    this.#changes++;
    this.#wake();
  }

  /** Takes steps until the signal aborts, one after the other. */
  async run(signal: AbortSignal): Promise<void> {
    const { step, complaint, clock, logger } = this.#options;
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      const seen = this.#changes;
      let pauseMs: number;
      try {
        // One after the other: each step follows from what the former did.
        // oxlint-disable-next-line no-await-in-loop
        const wakeAt = await step(signal);
        pauseMs = Math.max(0, wakeAt.getTime() - clock.now().getTime());
        retryMs = firstRetryMs;
      } catch (error) {
        if (signal.aborted) return;
        logger.warn(complaint, { error, ms: retryMs });
        pauseMs = retryMs;
        retryMs = Math.min(retryMs * 2, lastRetryMs);
      }
      // oxlint-disable-next-line no-await-in-loop
      if (this.#changes === seen) await this.#pause(pauseMs, signal);
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.setTimeout(Math.min(ms, longestMs), () => done());
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        this.#wake = () => undefined;
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }
}
