import type { ObjectStore, StoreOptions } from './object-store.ts';

const atOnce = 16;

/** Deletes objects one by one, several at once: for stores that take no list. @throws the first error, when all have ended */
export async function deleteEach(
  store: Pick<ObjectStore, 'delete'>,
  keys: readonly string[],
  options: StoreOptions,
): Promise<void> {
  const rest = keys.values();
  const worker = async (): Promise<void> => {
    // One after the other; there are several workers.
    // oxlint-disable-next-line no-await-in-loop
    for (const key of rest) await store.delete(key, options);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, keys.length) }, worker));
  const failed = ends.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
