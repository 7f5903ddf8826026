/** One page of a list of the gateway. */
export interface Page<T> {
  items: readonly T[];
  /** Whether there is more behind it. */
  more: boolean;
}

/** Largest page that the gateway gives. */
const largestPage = 1000;

/** At most `count` items of a list from `offset` on, page by page. */
export async function pages<T>(
  count: number,
  offset: number,
  read: (limit: number, offset: number) => Promise<Page<T>>,
): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const { items, more } = await read(Math.min(largestPage, count - found.length), offset + found.length);
    found.push(...items);
    if (items.length === 0 || !more || found.length >= count) return found;
  }
}
