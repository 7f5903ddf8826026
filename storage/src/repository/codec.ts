import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Blake3 } from './hash.ts';

/** The memory of what was decompressed has a byte more, by which a decompressor sees that nothing comes any more. */
export const decodedSpare = 1;
/** How the bytes of a chunk are stored. */
export const encodings = { plain: 0, zstd: 1 } as const;

const level = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const quick = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Smaller ones have nothing to gain. */
const compressedFrom = 64;
/** Chunks from this size on are tried by a sample first. */
const sampledFrom = 64 * 1024;
const sampleBytes = 16 * 1024;
/** Compressed must be at most this part of the plain bytes to be worth reading it through a decompressor. */
const worth = 0.95;

/** A chunk as it is stored: compressed when that pays. */
export function encode(plain: Uint8Array): { encoding: number; stored: Uint8Array } {
  if (plain.byteLength < compressedFrom) return { encoding: encodings.plain, stored: plain };
  if (plain.byteLength >= sampledFrom) {
    const middle = Math.floor((plain.byteLength - sampleBytes) / 2);
    const sample = plain.subarray(middle, middle + sampleBytes);
    // What the middle doesn't show, the beginning may: a header is small, so what both don't show isn't worth it.
    const dense = zstdCompressSync(sample, quick).byteLength > worth * sampleBytes;
    if (dense && zstdCompressSync(plain.subarray(0, sampleBytes), quick).byteLength > worth * sampleBytes) {
      return { encoding: encodings.plain, stored: plain };
    }
  }
  // Room for all of it at once: in pieces it would be copied together.
  const stored = zstdCompressSync(plain, { ...level, chunkSize: Math.max(64, plain.byteLength) });
  if (stored.byteLength > worth * plain.byteLength) return { encoding: encodings.plain, stored: plain };
  return { encoding: encodings.zstd, stored };
}

/**
 * The reverse of `encode`.
 *
 * @param size bytes of the plain chunk; no more is decompressed
 * @throws RangeError when the stored bytes can't be of such a chunk
 */
export function decode(stored: Buffer, encoding: number, size: number): Buffer {
  if (encoding === encodings.plain) {
    if (stored.byteLength !== size) throw new RangeError(`has ${stored.byteLength} bytes, not ${size}`);
    return stored;
  }
  if (encoding !== encodings.zstd) throw new RangeError(`is stored in the unknown way ${encoding}`);
  let plain: Buffer;
  try {
    plain = zstdDecompressSync(stored, {
      maxOutputLength: Math.max(1, size),
      chunkSize: Math.max(64, size + decodedSpare),
    });
  } catch (error) {
    throw new RangeError(`can't be decompressed: ${(error as Error).message}`, { cause: error });
  }
  if (plain.byteLength !== size) throw new RangeError(`has ${plain.byteLength} bytes, not ${size}`);
  return plain;
}

/** The chunk itself, checked, of its bytes as stored. @throws RangeError that says what is wrong with them */
export function checkedChunk(
  stored: Buffer,
  { digest, size, encoding }: { digest: Uint8Array; size: number; encoding: number },
  blake3: Blake3,
): Buffer {
  const plain = decode(stored, encoding, size);
  if (!blake3.digest(plain).equals(digest)) throw new RangeError('is damaged');
  return plain;
}
