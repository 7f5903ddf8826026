/** One page of what passes a test, and whether there is more behind it. */
export function pageOf<T>(
  all: Iterable<T>,
  passes: (item: T) => boolean,
  { offset, limit }: { offset: number; limit: number },
): { items: T[]; more: boolean } {
  const items: T[] = [];
  let skipped = 0;
  for (const item of all) {
    if (!passes(item)) continue;
    if (skipped < offset) {
      skipped++;
      continue;
    }
    if (items.length === limit) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
}
