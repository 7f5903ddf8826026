import type { Clock } from '../clock.ts';

interface Timer {
  at: number;
  order: number;
  fn: () => void;
}

/** A clock that moves only when a test moves it. Timers that are due at the same time run in the order they were set. */
export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(start: Date | string = '2026-01-01T00:00:00Z') {
    this.#now = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  setTimeout(ms: number, fn: () => void): () => void {
    // Whole milliseconds, as `now` shows them; never early.
    const timer = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Number of timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; undefined when none is set. */
  nextAt(): Date | undefined {
    const timer = this.#next();
    return timer && new Date(timer.at);
  }

  /** Moves on by `ms` and runs the timers that fall due, synchronously, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.#step(end));
    this.#now = end;
  }

  /** Like `advance`, but lets promises settle before, between and after the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    while (this.#step(end)) await settle();
    this.#now = end;
    await settle();
  }

  #step(end: number): boolean {
    const timer = this.#next();
    if (timer === undefined || timer.at > end) return false;
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.fn();
    return true;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }
}

/** Lets everything run that needs no timer and no I/O: pending promises and what they lead to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
