/**
 * Maps items with several calls at once, and gives the results in the order of the items. Takes an item only when there is room;
 * what is under way when the consumer leaves or something fails is waited for.
 */
export async function* mapOrdered<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  act: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = act(item);
      // Its failure is met when its turn comes.
      result.catch(() => undefined);
      pending.push(result);
      if (pending.length >= atOnce) yield await (pending.shift() as Promise<R>);
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(pending);
  }
}
