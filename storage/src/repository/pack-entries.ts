import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Blake3 } from './hash.ts';
import { packKey } from './layout.ts';
import { decodeFooter, footerLength, type PackEntry, packHead } from './pack.ts';
import { RepositoryError } from './repository-error.ts';

/** Read at once to find the list at the end of a pack; more is asked for when it is longer. */
const endBytes = 16 * 1024;

/**
 * Reads what is in a pack.
 *
 * @param size bytes of all of it
 * @throws RepositoryError Corrupt
 */
export async function readEntries(
  store: ObjectStore,
  id: string,
  size: number,
  blake3: Blake3,
  signal?: AbortSignal,
): Promise<PackEntry[]> {
  const key = packKey(id);
  const read = (bytes: number): Promise<Buffer> => {
    const length = Math.min(bytes, size);
    const range = { offset: size - length, length };
    return readAll(store, key, { limit: length, range, signal });
  };
  if (size === 0) return decodeFooter(Buffer.alloc(0), key, blake3);
  const end = await read(endBytes);
  const length = footerLength(end) ?? 0;
  const footer = length <= end.byteLength ? end.subarray(end.byteLength - length) : await read(length);
  const entries = decodeFooter(footer, key, blake3);
  const expected = (entries.at(-1)?.offset ?? packHead.byteLength) + (entries.at(-1)?.length ?? 0) + length;
  if (expected !== size) throw new RepositoryError('Corrupt', `${key}: has ${size} bytes, not ${expected}`);
  return entries;
}
