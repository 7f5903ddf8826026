import { type Clock, monotonicMs } from '../clock.ts';

interface Entry<M> {
  key: string;
  at: number;
  order: number;
  mark: M;
}

// Node's timers overflow at 2^31 ms; longer waits are done in several steps.
const longestTimerMs = 3_600_000;

/**
 * Keys that come due at a time, by the clock's `monotonicMs`: setting the time of day moves none. A key waits once: of two times the earlier one counts. One timer for all of them.
 *
 * `M` is data that travels with the key; `merge` combines that of two waits for the same key.
 */
export class DelayedKeys<M> {
  readonly #clock: Clock;
  readonly #due: (key: string, mark: M) => void;
  readonly #merge: (a: M, b: M) => M;
  readonly #entries = new Map<string, Entry<M>>();
  /** Binary heap by time, then by order of arrival. Entries that `#entries` no longer has are left-overs. */
  #heap: Entry<M>[] = [];
  #order = 0;
  #timer: { at: number; cancel: () => void } | undefined;

  constructor(clock: Clock, due: (key: string, mark: M) => void, merge: (a: M, b: M) => M) {
    this.#clock = clock;
    this.#due = due;
    this.#merge = merge;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** When the key comes due, in ms of `monotonicMs`; undefined when it does not wait. */
  at(key: string): number | undefined {
    return this.#entries.get(key)?.at;
  }

  put(key: string, at: number, mark: M): void {
    const known = this.#entries.get(key);
    const merged = known ? this.#merge(known.mark, mark) : mark;
    if (known && known.at <= at) {
      known.mark = merged;
      return;
    }
    const entry = { key, at, order: this.#order++, mark: merged };
    this.#entries.set(key, entry);
    this.#push(entry);
    if (this.#heap.length > 64 && this.#heap.length > 2 * this.#entries.size) this.#compact();
    this.#arm();
  }

  /** All come due now, in the order of their times. */
  expedite(): void {
    const all = [...this.#entries.values()].toSorted((a, b) => (before(a, b) ? -1 : 1));
    this.clear();
    for (const { key, mark } of all) this.#due(key, mark);
  }

  clear(): void {
    this.#entries.clear();
    this.#heap = [];
    this.#arm();
  }

  #fire(): void {
    this.#timer = undefined;
    const now = monotonicMs(this.#clock);
    for (let top = this.#top(); top !== undefined && top.at <= now; top = this.#top()) {
      this.#pop();
      this.#entries.delete(top.key);
      this.#due(top.key, top.mark);
    }
    this.#arm();
  }

  #arm(): void {
    const at = this.#top()?.at;
    if (at === undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const now = monotonicMs(this.#clock);
    const wait = Math.min(Math.max(0, at - now), longestTimerMs);
    this.#timer = { at: now + wait, cancel: this.#clock.setTimeout(wait, () => this.#fire()) };
  }

  /** The earliest entry that counts; left-overs on the way are dropped. */
  #top(): Entry<M> | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#entries.get(top.key) === top) return top;
      this.#pop();
    }
    return undefined;
  }

  #compact(): void {
    const live = this.#heap.filter((entry) => this.#entries.get(entry.key) === entry);
    this.#heap = [];
    for (const entry of live) this.#push(entry);
  }

  #push(entry: Entry<M>): void {
    const heap = this.#heap;
    let i = heap.length;
    for (let up = parent(i); i > 0 && before(entry, heap[up]); i = up, up = parent(i)) heap[i] = heap[up] as Entry<M>;
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      const child = left + 1 < heap.length && before(heap[left + 1], heap[left]) ? left + 1 : left;
      const candidate = heap[child];
      if (candidate === undefined || !before(candidate, last)) break;
      heap[i] = candidate;
      i = child;
    }
    heap[i] = last;
  }
}

const parent = (i: number): number => (i - 1) >> 1;

function before(a: Entry<unknown> | undefined, b: Entry<unknown> | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
