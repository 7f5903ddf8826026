/**
 * Works on items, several at once, and takes the next one only when there is room. The first error stops the others by their
 * signal, and is thrown when all have ended.
 */
export async function eachOf<T>(
  items: AsyncIterable<T>,
  { concurrency, signal }: { concurrency: number; signal?: AbortSignal | undefined },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency ${concurrency}: must be an integer ≥ 1`);
  }
  signal?.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const fail = (error: unknown): void => {
    failures.push(error);
    stop.abort(error);
  };
  try {
    for await (const item of items) {
      if (stop.signal.aborted) break;
      const one: Promise<void> = work(item, stop.signal)
        .catch(fail)
        .finally(() => running.delete(one));
      running.add(one);
      if (running.size >= concurrency) await Promise.race(running);
      if (stop.signal.aborted) break;
    }
  } catch (error) {
    fail(error);
  } finally {
    await Promise.all(running);
    signal?.removeEventListener('abort', onAbort);
  }
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}
