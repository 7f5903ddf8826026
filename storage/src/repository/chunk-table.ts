/** Bytes of a digest by which chunks are looked for; what is found is then compared whole. */
export const prefixBytes = 8;

/**
 * Chunks by the beginning of their digest, with a number for the pack that they are in: 12 bytes for each of them, at a load of at most two
 * thirds. A prefix may be there several times.
 */
export class ChunkTable {
  #slots: Int32Array;
  #capacity: number;
  #size = 0;

  /** @param expected chunks for which there is room at once */
  constructor(expected: number) {
    this.#capacity = capacityFor(expected);
    this.#slots = new Int32Array(3 * this.#capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** @param pack ≥ 0 */
  add(digest: Buffer, pack: number): void {
    if (3 * (this.#size + 1) > 2 * this.#capacity) this.#grow();
    this.#insert(digest.readInt32LE(0), digest.readInt32LE(4), pack + 1);
  }

  /** Numbers of the packs that may have this chunk. */
  find(digest: Buffer): number[] {
    const [low, high] = [digest.readInt32LE(0), digest.readInt32LE(4)];
    const found: number[] = [];
    for (let slot = this.#slot(high); ; slot = (slot + 1) & (this.#capacity - 1)) {
      const at = 3 * slot;
      const pack = this.#slots[at + 2] ?? 0;
      if (pack === 0) return found;
      if (this.#slots[at] === low && this.#slots[at + 1] === high) found.push(pack - 1);
    }
  }

  /** Not by the lower half: chunks of an index's rare levels have the same bits at its end. */
  #slot(high: number): number {
    return high & (this.#capacity - 1);
  }

  #insert(low: number, high: number, pack: number): void {
    let slot = this.#slot(high);
    while (this.#slots[3 * slot + 2] !== 0) {
      const at = 3 * slot;
      if (this.#slots[at] === low && this.#slots[at + 1] === high && this.#slots[at + 2] === pack) return;
      slot = (slot + 1) & (this.#capacity - 1);
    }
    this.#slots.set([low, high, pack], 3 * slot);
    this.#size++;
  }

  #grow(): void {
    const former = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Int32Array(3 * this.#capacity);
    this.#size = 0;
    for (let at = 0; at < former.length; at += 3) {
      const [low = 0, high = 0, pack = 0] = former.subarray(at, at + 3);
      if (pack !== 0) this.#insert(low, high, pack);
    }
  }
}

function capacityFor(expected: number): number {
  return 2 ** Math.max(10, Math.ceil(Math.log2(expected * 1.5 + 1)));
}
