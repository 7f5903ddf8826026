/** Bytes of a piece: what a short log takes. */
const pieceBytes = 16 * 1024;

/**
 * The text of a segment that is being filled, as it will be stored. In pieces outside of the JavaScript heap: a string that
 * grows line by line is a tree that takes twice as much, and is copied into one when it is read.
 */
export class SegmentText {
  #pieces: Buffer[] = [];
  /** Bytes of the last piece that are taken. */
  #taken = 0;
  #size = 0;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  add(text: string): void {
    const size = Buffer.byteLength(text);
    this.#size += size;
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.byteLength - this.#taken >= size) {
      this.#taken += last.write(text, this.#taken);
      return;
    }
    if (last !== undefined) this.#pieces[this.#pieces.length - 1] = last.subarray(0, this.#taken);
    const piece = Buffer.allocUnsafeSlow(Math.max(pieceBytes, size));
    this.#taken = piece.write(text);
    this.#pieces.push(piece);
  }

  /** A copy of the first bytes. */
  first(size: number): Buffer {
    return Buffer.concat(this.#pieces, size);
  }

  /** Forgets the first bytes. */
  drop(size: number): void {
    const rest = this.first(this.#size).subarray(size);
    this.#size = rest.byteLength;
    this.#taken = rest.byteLength;
    this.#pieces = rest.byteLength === 0 ? [] : [Buffer.from(rest)];
  }
}
