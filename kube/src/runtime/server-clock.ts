import { type Clock, monotonicMs } from './clock.ts';

/** What a server said of its time: the header `Date`, and when the request was sent and answered, ms of `monotonicMs`. */
export interface TimeSaid {
  date: string;
  sentMs: number;
  receivedMs: number;
}

export interface ServerClockOptions {
  /** Told when the server's time leaves ours, and when ours follows it after all; `byMs` is how far the server is ahead. */
  told?: ((what: 'strays' | 'stepped', byMs: number) => void) | undefined;
}

/** Up to so much, ms, ours follows at once: clocks that drift, and machines that stood still for a moment. */
const toleranceMs = 2_000;
/** So long, ms, the server must stay with another time before ours steps to it: a clock that is mended again moves nothing. */
const patienceMs = 300_000;
/** One answer in this time, ms, is looked at. */
const pauseMs = 1_000;
/** `Date` has whole seconds, cut off. */
const resolutionMs = 1_000;

/**
 * The time of an apiserver. It passes as the monotonic clock of this machine does, so that setting the time of day moves
 * nothing, and is held to what the answers of the server say: as near to what it was as they allow. Before the first answer it is
 * the time of day of the process' start and what has passed since.
 *
 * A server whose time jumps is followed only after it has told the other time for five minutes; then `onStep` is told.
 */
export class ServerClock implements Clock {
  readonly #local: Clock;
  readonly #told: NonNullable<ServerClockOptions['told']>;
  readonly #listeners: (() => void)[] = [];
  /** Time of day less monotonic time, ms. */
  #offset: number;
  #heardAt: number | undefined;
  #stray: { offset: number; since: number } | undefined;
  /** Small corrections hold the time, they don't turn it back. */
  #latest = -Infinity;

  constructor(local: Clock, { told = () => undefined }: ServerClockOptions = {}) {
    this.#local = local;
    this.#told = told;
    this.#offset = local.now().getTime() - monotonicMs(local);
  }

  now(): Date {
    this.#latest = Math.max(this.#latest, this.monotonicMs() + this.#offset);
    return new Date(this.#latest);
  }

  setTimeout(ms: number, fn: () => void): () => void {
    return this.#local.setTimeout(ms, fn);
  }

  monotonicMs(): number {
    return monotonicMs(this.#local);
  }

  /** Calls `listener` whenever the time has jumped: what was to happen at a time is to be looked at again. */
  onStep(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Takes over what an answer says; what is no date says nothing. */
  heard({ date, sentMs, receivedMs }: TimeSaid): void {
    if (this.#heardAt !== undefined && receivedMs - this.#heardAt < pauseMs) return;
    const said = Date.parse(date);
    if (Number.isNaN(said)) return;
    const isFirst = this.#heardAt === undefined;
    this.#heardAt = receivedMs;
    // It was said somewhen between question and answer.
    const range = { low: said - receivedMs, high: said + resolutionMs - sentMs };
    const next = nearest(this.#offset, range);
    const by = next - this.#offset;
    if (Math.abs(by) <= toleranceMs) {
      this.#stray = undefined;
      this.#offset = next;
    } else if (isFirst) this.#step(next);
    else this.#straysTo(next, by, range, receivedMs);
  }

  #straysTo(next: number, by: number, range: { low: number; high: number }, at: number): void {
    const stray = this.#stray;
    if (stray === undefined || Math.abs(nearest(stray.offset, range) - stray.offset) > toleranceMs) {
      this.#stray = { offset: next, since: at };
      this.#told('strays', by);
      return;
    }
    if (at - stray.since < patienceMs) return;
    this.#step(next);
    this.#told('stepped', by);
  }

  #step(offset: number): void {
    this.#stray = undefined;
    this.#offset = offset;
    this.#latest = -Infinity;
    for (const listener of this.#listeners) listener();
  }
}

function nearest(value: number, { low, high }: { low: number; high: number }): number {
  return Math.min(Math.max(value, low), high);
}
