import type { GetOptions, ObjectStore } from './object-store.ts';
import { StoreError } from './store-error.ts';

/**
 * Reads an object, or a part of it, into memory.
 *
 * @param limit bytes
 * @throws StoreError NotFound, InvalidRange; TooLarge as soon as more than `limit` bytes came
 */
export async function readAll(
  store: ObjectStore,
  key: string,
  { limit, ...options }: GetOptions & { limit: number },
): Promise<Buffer> {
  const { body } = await store.get(key, options);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > limit) {
      throw new StoreError(
        'TooLarge',
        `${store.url}/${key}`,
        `has more than ${limit} bytes, which is the most to read`,
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * Cuts a stream into parts of exactly `partSize` bytes; the last may be shorter. An empty stream has none. Holds one part.
 */
export async function* partsOf(body: AsyncIterable<Uint8Array>, partSize: number): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size < partSize) continue;
    let rest = Buffer.concat(pieces, size);
    for (; rest.byteLength >= partSize; rest = rest.subarray(partSize)) yield rest.subarray(0, partSize);
    // A copy, so that what was sent can be freed.
    pieces = rest.byteLength === 0 ? [] : [Buffer.from(rest)];
    size = rest.byteLength;
  }
  if (size > 0) yield Buffer.concat(pieces, size);
}
