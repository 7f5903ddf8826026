import { createHash } from 'node:crypto';

/** Where contents may be cut; bytes. */
export interface ChunkSizes {
  least: number;
  /** A power of two, from 2^6 to 2^24. */
  normal: number;
  most: number;
}

/**
 * The table of the rolling hash, version 1: for byte b the first four bytes, lowest first, of SHA-256 of the text
 * `osmo-gear-v1:<b>` with b in decimal.
 */
export function gearTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) =>
    createHash('sha256').update(`osmo-gear-v1:${byte}`).digest().readInt32LE(0),
  );
}

const gear = gearTable();

/**
 * Finds where contents are cut by what is in them (FastCDC, after Xia et al., USENIX ATC 2016, with normalisation 2): the same
 * bytes are cut at the same places wherever they stand, once the places of the cuts have met. docs/designs/0008-repository.md
 * has the rule in words, and vectors to try another implementation on.
 */
export class Chunker {
  readonly sizes: ChunkSizes;
  readonly #early: number;
  readonly #late: number;

  constructor(sizes: ChunkSizes) {
    this.sizes = sizes;
    const bits = Math.log2(sizes.normal);
    // The highest bits: they depend on the most bytes.
    this.#early = -1 << (32 - (bits + 2));
    this.#late = -1 << (32 - (bits - 2));
  }

  /**
   * Length of the first chunk of `bytes` from `start` on. Unless `final`, at least `sizes.most` bytes must be there.
   */
  cut(bytes: Uint8Array, start: number, end: number): number {
    const { least, normal, most } = this.sizes;
    const length = end - start;
    if (length <= least) return length;
    const middle = start + Math.min(normal, length);
    const last = start + Math.min(most, length);
    let at = start + least;
    let hash = 0;
    for (const mask = this.#early; at < middle; at++) {
      hash = ((hash << 1) + (gear[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1 - start;
    }
    for (const mask = this.#late; at < last; at++) {
      hash = ((hash << 1) + (gear[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1 - start;
    }
    return last - start;
  }
}
