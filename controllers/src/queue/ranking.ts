/** An item of a `Ranking`: what it is ordered by, first difference first. */
export interface Ranked {
  /** Lower is earlier. */
  readonly order: readonly [number, number, string];
}

/**
 * Items in order, each with its place. Finding a place takes as many comparisons as the number of items has binary digits;
 * putting one in moves those behind it by one, in one copy of memory.
 */
export class Ranking<T extends Ranked> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.splice(this.rankOf(item), 0, item);
  }

  remove(item: T): void {
    const rank = this.rankOf(item);
    if (this.#items[rank] === item) this.#items.splice(rank, 1);
  }

  /** How many come before it. */
  rankOf(item: T): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#items[middle];
      if (other !== undefined && compare(other, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  at(rank: number): T | undefined {
    return this.#items[rank];
  }
}

function compare(a: Ranked, b: Ranked): number {
  const [first, second, last] = a.order;
  const [otherFirst, otherSecond, otherLast] = b.order;
  if (first !== otherFirst) return first - otherFirst;
  if (second !== otherSecond) return second - otherSecond;
  return last < otherLast ? -1 : Number(last > otherLast);
}
