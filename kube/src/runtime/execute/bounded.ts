/**
 * Calls `run` for all items, at most `limit` at a time, in their order. Every item is tried although others fail, until
 * `isFatal` says of a failure that going on is useless: then the items that were not begun are left.
 *
 * @returns the failures, in the order in which they happened, and how many items were never begun.
 */
export async function forEachBounded<T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
  isFatal: (error: unknown) => boolean,
): Promise<{ errors: unknown[]; left: number }> {
  const errors: unknown[] = [];
  let next = 0;
  let fatal = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !fatal) {
      const item = items[next++] as T;
      try {
        // One after the other on purpose: the limit is the number of workers.
        // oxlint-disable-next-line no-await-in-loop
        await run(item);
      } catch (error) {
        errors.push(error);
        fatal ||= isFatal(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return { errors, left: items.length - next };
}
