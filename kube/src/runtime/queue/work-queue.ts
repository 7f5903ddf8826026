import { type Backoff, backoffDelay } from '../../cache/backoff.ts';
import { type Clock, monotonicMs } from '../clock.ts';
import { DelayedKeys } from './delayed-keys.ts';
import { Fifo } from './fifo.ts';
import type { TokenBucket } from './token-bucket.ts';

/** What a queue counts; see `workQueueMetrics`. Times in seconds. */
export interface QueueMetrics {
  added(): void;
  /** A key was handed out after it had waited so long. */
  started(waited: number): void;
  finished(worked: number): void;
  /** A key was added after a failure. */
  retried(): void;
}

export interface WorkQueueOptions {
  clock: Clock;
  metrics?: QueueMetrics | undefined;
  /** Per-key delay after failures. Default 5 ms doubling up to 1,000 s, with jitter. */
  backoff?: Backoff | undefined;
  /** Bounds retries of all keys together: the longer of its delay and the key's own counts. Default: none. */
  limiter?: TokenBucket | undefined;
  /** Every so many hand-outs the key that has waited longest goes first, whatever its priority. Default 3. */
  fairness?: number | undefined;
  /** Failure counts kept; beyond that the oldest are forgotten. Default 100,000. */
  maxFailures?: number | undefined;
  /** A number in [0, 1). Default Math.random. */
  random?: (() => number) | undefined;
}

export interface AddOptions {
  /** Higher goes first; default 0. A key that is there already keeps the higher of the two. */
  priority?: number | undefined;
}

interface Waiting {
  key: string;
  priority: number;
  since: number;
  order: number;
}

export const defaultBackoff: Backoff = { baseMs: 5, maxMs: 1_000_000 };

/**
 * Keys to work on, with client-go's contract: a key is in the queue once however often it is added, is never handed out
 * while it is being worked on, and is handed out once more afterwards if it was added meanwhile. Nothing is ever lost:
 * after the last `add` (or when the delay of an `addAfter` is over) the key is handed out again, whatever else happens.
 *
 * Keys of the same priority are handed out in the order in which they got it.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #lanes = new Map<number, Fifo<Waiting>>();
  /** Keys that wait to be handed out. A lane's entry counts only while it is the one in here. */
  readonly #waiting = new Map<string, Waiting>();
  /** Keys handed out, with the time of it, and the priority of the next round if they were added since. */
  readonly #working = new Map<string, { since: number; again: number | undefined }>();
  readonly #delayed: DelayedKeys<number>;
  readonly #failures = new Map<string, number>();
  readonly #takers = new Fifo<(key: string | undefined) => void>();
  readonly #drained = Promise.withResolvers<void>();
  #order = 0;
  #handedOut = 0;
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#random = options.random ?? Math.random;
    this.#delayed = new DelayedKeys(options.clock, (key, priority) => this.add(key, { priority }), Math.max);
  }

  /** Keys that wait to be handed out now; not those that are delayed or worked on. */
  get length(): number {
    return this.#waiting.size;
  }

  get delayed(): number {
    return this.#delayed.size;
  }

  get working(): number {
    return this.#working.size;
  }

  /** The longest that a key is being worked on, and the sum of all of them, seconds. */
  unfinished(): { longest: number; total: number } {
    const now = this.#now();
    let longest = 0;
    let total = 0;
    for (const { since } of this.#working.values()) {
      const seconds = Math.max(0, now - since) / 1000;
      longest = Math.max(longest, seconds);
      total += seconds;
    }
    return { longest, total };
  }

  add(key: string, { priority = 0 }: AddOptions = {}): void {
    if (this.#stopped) return;
    const working = this.#working.get(key);
    if (working) {
      if (working.again === undefined) this.#options.metrics?.added();
      working.again = Math.max(working.again ?? priority, priority);
      return;
    }
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.#options.metrics?.added();
      this.#enqueue({ key, priority, since: this.#now(), order: this.#order++ });
    } else if (waiting.priority < priority) {
      // The entry in its old lane is a left-over from now on.
      this.#enqueue({ ...waiting, priority });
    }
  }

  /** Adds the key when `delayMs` are over; of several delayed adds the earliest counts. */
  addAfter(key: string, delayMs: number, { priority = 0 }: AddOptions = {}): void {
    if (this.#stopped) return;
    if (!(delayMs > 0)) this.add(key, { priority });
    else this.#delayed.put(key, this.#now() + delayMs, priority);
  }

  /** Adds all keys that are delayed now: what they wait for may be over, since the time has jumped. */
  expedite(): void {
    this.#delayed.expedite();
  }

  /** Adds the key after a delay that grows with each call until `forget`, or longer if asked. Returns the delay, ms. */
  addRateLimited(key: string, { atLeastMs = 0, ...options }: AddOptions & { atLeastMs?: number } = {}): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    this.#boundFailures();
    const own = backoffDelay(failures, this.#options.backoff ?? defaultBackoff, this.#random());
    const delay = Math.max(own, atLeastMs, this.#options.limiter?.reserve() ?? 0);
    this.#options.metrics?.retried();
    this.addAfter(key, delay, options);
    return delay;
  }

  /** How often in a row the key has failed. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key did well: the next failure starts with the shortest delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; call `done` with it afterwards. undefined: the queue has ended. */
  get(): Promise<string | undefined> {
    const next = this.#next();
    if (next !== undefined) return Promise.resolve(next);
    if (this.#isEnding()) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Work on the key has ended, well or not. @throws Error when it was not handed out. */
  done(key: string): void {
    const working = this.#working.get(key);
    if (working === undefined) throw new Error(`work queue: done(${JSON.stringify(key)}) without get`);
    this.#working.delete(key);
    this.#options.metrics?.finished(Math.max(0, this.#now() - working.since) / 1000);
    if (working.again !== undefined) {
      this.#enqueue({ key, priority: working.again, since: this.#now(), order: this.#order++ });
    }
    this.#settle();
  }

  /**
   * Ends the queue: nothing is added any more, delayed keys are dropped. 'finish' still hands out what waits, 'discard'
   * does not. Resolves when nothing is waiting or worked on.
   */
  shutdown(mode: 'finish' | 'discard' = 'discard'): Promise<void> {
    this.#stopped = true;
    this.#delayed.clear();
    if (mode === 'discard') {
      this.#waiting.clear();
      this.#lanes.clear();
      for (const working of this.#working.values()) working.again = undefined;
    }
    this.#settle();
    return this.#drained.promise;
  }

  #settle(): void {
    if (!this.#isEnding()) return;
    for (let taker = this.#takers.shift(); taker; taker = this.#takers.shift()) taker(undefined);
    if (this.#working.size === 0) this.#drained.resolve();
  }

  /** Stopped, and nothing will be handed out any more. */
  #isEnding(): boolean {
    if (!this.#stopped || this.#waiting.size > 0) return false;
    return ![...this.#working.values()].some(({ again }) => again !== undefined);
  }

  #enqueue(entry: Waiting): void {
    this.#waiting.set(entry.key, entry);
    const lane = this.#lanes.get(entry.priority) ?? new Fifo<Waiting>();
    this.#lanes.set(entry.priority, lane);
    lane.push(entry);
    if (lane.length > 64 && lane.length > 2 * this.#waiting.size) lane.keep((e) => this.#waiting.get(e.key) === e);
    while (this.#takers.length > 0) {
      const next = this.#next();
      if (next === undefined) return;
      this.#takers.shift()?.(next);
    }
  }

  #next(): string | undefined {
    const entry = this.#choose();
    if (entry === undefined) return undefined;
    this.#lanes.get(entry.priority)?.shift();
    this.#waiting.delete(entry.key);
    const now = this.#now();
    this.#working.set(entry.key, { since: now, again: undefined });
    this.#options.metrics?.started(Math.max(0, now - entry.since) / 1000);
    return entry.key;
  }

  /** The head of the best lane; in its turn, the oldest of all heads, so that no lane starves. */
  #choose(): Waiting | undefined {
    const byAge = ++this.#handedOut % (this.#options.fairness ?? 3) === 0;
    let best: Waiting | undefined;
    for (const [priority, lane] of this.#lanes) {
      const head = this.#head(lane);
      if (head === undefined) this.#lanes.delete(priority);
      else if (best === undefined || (byAge ? head.order < best.order : head.priority > best.priority)) best = head;
    }
    if (best === undefined) this.#handedOut--;
    return best;
  }

  #head(lane: Fifo<Waiting>): Waiting | undefined {
    for (let head = lane.peek(); head !== undefined; head = lane.peek()) {
      if (this.#waiting.get(head.key) === head) return head;
      lane.shift();
    }
    return undefined;
  }

  #boundFailures(): void {
    const oldest = this.#failures.keys().next().value;
    if (oldest !== undefined && this.#failures.size > (this.#options.maxFailures ?? 100_000)) {
      this.#failures.delete(oldest);
    }
  }

  #now(): number {
    return monotonicMs(this.#clock);
  }
}
