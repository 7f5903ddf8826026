import { ByteReader, ByteWriter } from './bytes-form.ts';
import { type Blake3, digestBytes } from './hash.ts';
import { RepositoryError } from './repository-error.ts';

const head = Buffer.from('OSMOPAK1');
/** Behind the entries: their hash, their length in 4 bytes (lowest first), and the same letters as at the beginning. */
const tailBytes = digestBytes + 4 + head.byteLength;

/** Bytes before the first chunk. */
export const packHead: Uint8Array = head;

/** A chunk of a pack. */
export interface PackEntry {
  digest: Buffer;
  offset: number;
  /** Bytes as stored. */
  length: number;
  /** How it is stored (`encodings`). */
  encoding: number;
  /** Bytes of the chunk itself. */
  size: number;
  /** CRC-32 of the bytes as stored: the digest doesn't see a change that a decompressor passes over. */
  check: number;
}

/**
 * The end of a pack: what is in it, in its order and without gaps, so that offsets follow from lengths. For a chunk: digest, length × 2 + encoding,
 * size and CRC as varints.
 */
export function encodeFooter(entries: readonly PackEntry[], blake3: Blake3): Buffer {
  const writer = new ByteWriter(entries.length * 40 + tailBytes);
  for (const { digest, length, encoding, size, check } of entries) {
    writer
      .bytes(digest)
      .varint(length * 2 + encoding)
      .varint(size)
      .varint(check);
  }
  const body = writer.finish();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.byteLength);
  return Buffer.concat([body, blake3.digest(body), length, head]);
}

/** Bytes of a footer, by the last bytes of its pack; undefined when these are not of a pack. */
export function footerLength(end: Buffer): number | undefined {
  if (end.byteLength < tailBytes || !end.subarray(-head.byteLength).equals(head)) return undefined;
  return end.readUInt32LE(end.byteLength - head.byteLength - 4) + tailBytes;
}

/**
 * Reads a footer.
 *
 * @param footer exactly its bytes
 * @param name for errors
 * @throws RepositoryError Corrupt
 */
export function decodeFooter(footer: Buffer, name: string, blake3: Blake3): PackEntry[] {
  const damaged = (detail: string): RepositoryError =>
    new RepositoryError('Corrupt', `${name}: the list of chunks at its end ${detail}`);
  if (footerLength(footer) !== footer.byteLength) throw damaged('is not there');
  const body = footer.subarray(0, -tailBytes);
  if (!blake3.digest(body).equals(footer.subarray(-tailBytes, digestBytes - tailBytes))) throw damaged('is damaged');
  const reader = new ByteReader(body);
  const entries: PackEntry[] = [];
  let offset = head.byteLength;
  while (!reader.atEnd) {
    const digest = reader.bytes(digestBytes);
    const coded = reader.varint();
    const length = Math.floor(coded / 2);
    entries.push({ digest, offset, length, encoding: coded % 2, size: reader.varint(), check: reader.varint() });
    offset += length;
  }
  return entries;
}
