import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { checkedChunk } from './codec.ts';
import type { Blake3 } from './hash.ts';
import { packKey } from './layout.ts';
import { mapOrdered } from './ordered.ts';
import type { Location } from './page.ts';
import { RepositoryError } from './repository-error.ts';

/** Something that is stored as a chunk. */
export interface Fetchable {
  digest: Buffer;
  /** Bytes of the chunk itself. */
  size: number;
  at: Location;
}

export interface FetchOptions {
  store: ObjectStore;
  blake3: Blake3;
  /** Requests at once; each holds up to 4 MiB. */
  concurrency?: number | undefined;
  /** Largest chunk, plain and as it is stored; absent: any. Bytes. */
  itemBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What a request may bring, and what may lie between two chunks that are wanted; bytes. */
const mostBytes = 4 * 1024 * 1024;
const mostGap = 64 * 1024;
const mostItems = 4096;

/**
 * Chunks that lie close together in a pack, so that one request brings them: in the order in which they are wanted.
 */
export async function* groupsOf<T extends Fetchable>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let group: T[] = [];
  let [start, end] = [0, 0];
  for await (const item of items) {
    const { pack, offset, length } = item.at;
    const fits =
      group[0]?.at.pack === pack &&
      offset >= start &&
      offset <= end + mostGap &&
      Math.max(end, offset + length) - start <= mostBytes &&
      group.length < mostItems;
    if (!fits) {
      if (group.length > 0) yield group;
      group = [];
      [start, end] = [offset, offset];
    }
    group.push(item);
    end = Math.max(end, offset + length);
  }
  if (group.length > 0) yield group;
}

/**
 * Reads the stored bytes of a group in one request.
 *
 * @param room gives memory for so many bytes; absent: new memory
 * @throws RepositoryError Corrupt when the pack isn't there or is cut; Refused when a chunk is larger than allowed
 */
export async function fetchGroup(
  group: readonly Fetchable[],
  { store, signal, itemBytes = Infinity }: FetchOptions,
  room: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafeSlow(bytes),
): Promise<Buffer> {
  const first = group[0]?.at as Location;
  const end = group.reduce((most, { at }) => Math.max(most, at.offset + at.length), first.offset);
  const key = packKey(first.pack);
  const length = end - first.offset;
  const large = group.find(({ size, at }) => Math.max(size, at.length) > itemBytes);
  if (large !== undefined) {
    const what = `${store.url}/${key}: the chunk at byte ${large.at.offset} has ${Math.max(large.size, large.at.length)} bytes`;
    throw new RepositoryError('Refused', `${what}; more than ${itemBytes} are not read here`);
  }
  if (length === 0) return Buffer.alloc(0);
  const cut = (cause?: unknown): RepositoryError =>
    new RepositoryError('Corrupt', `${store.url}/${key}: ends before byte ${end}`, { cause });
  try {
    const bytes = room(length);
    let read = 0;
    const options = { range: { offset: first.offset, length }, shortLived: true, signal };
    for await (const piece of (await store.get(key, options)).body) {
      if (read + piece.byteLength <= length) bytes.set(piece, read);
      read += piece.byteLength;
    }
    if (read === length) return bytes;
  } catch (error) {
    if (isStoreError(error, 'NotFound')) {
      throw new RepositoryError('Corrupt', `${store.url}/${key}: is missing`, { cause: error });
    }
    if (isStoreError(error, 'InvalidRange')) throw cut(error);
    throw error;
  }
  throw cut();
}

/** Says that a chunk is not what it should be. */
export function damagedChunk(at: Location, store: ObjectStore, detail: string, cause?: unknown): RepositoryError {
  const what = `${store.url}/${packKey(at.pack)}: the chunk at byte ${at.offset} ${detail}`;
  return new RepositoryError('Corrupt', what, { cause });
}

/** The chunk itself, of its bytes as stored. @throws RepositoryError Corrupt naming pack and place */
export function openChunk({ digest, size, at }: Fetchable, stored: Buffer, { store, blake3 }: FetchOptions): Buffer {
  try {
    return checkedChunk(stored, { digest, size, encoding: at.encoding }, blake3);
  } catch (error) {
    throw damagedChunk(at, store, (error as Error).message, error);
  }
}

/** Reads chunks ahead, several requests at once, and gives them checked and in order. */
export async function* fetchChunks<T extends Fetchable>(
  items: AsyncIterable<T> | Iterable<T>,
  options: FetchOptions,
): AsyncGenerator<{ item: T; plain: Buffer }> {
  const fetched = mapOrdered(groupsOf(items), options.concurrency ?? 4, async (group) => ({
    group,
    bytes: await fetchGroup(group, options),
  }));
  for await (const { group, bytes } of fetched) {
    const start = group[0]?.at.offset ?? 0;
    for (const item of group) {
      options.signal?.throwIfAborted();
      const offset = item.at.offset - start;
      yield { item, plain: openChunk(item, bytes.subarray(offset, offset + item.at.length), options) };
    }
  }
}
