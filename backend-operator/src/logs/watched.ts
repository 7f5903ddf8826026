import type { Clock, Pod } from '@osmo/kube';
import type { WatchedPod } from './collect.ts';

/** A pod whose log is collected. */
export class Watched implements WatchedPod {
  pod: Pod;
  gone = false;
  /** Its log is being read, or waits for its next try. */
  busy = false;
  failures = 0;
  /** Containers whose logs are whole. */
  readonly stored = new Set<string>();
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #cancel: (() => void) | undefined;

  constructor(pod: Pod, clock: Clock) {
    this.pod = pod;
    this.#clock = clock;
  }

  update(pod: Pod): void {
    this.pod = pod;
    this.#tell();
  }

  leave(): void {
    this.gone = true;
    this.#tell();
  }

  /** Calls `fn` after `ms`, unless it is stopped before. */
  later(ms: number, fn: () => void): void {
    this.stop();
    this.#cancel = this.#clock.setTimeout(ms, fn);
  }

  /** Cancels what was to happen later. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  changed(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimeout(ms, () => done());
      const done = (): void => {
        cancel();
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  #tell(): void {
    for (const done of [...this.#waiting]) done();
  }
}
