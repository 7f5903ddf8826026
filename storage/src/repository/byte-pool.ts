/** Memory that is used again and again: to get it anew for each request would keep the system and the garbage collector busy. */
export class BytePool {
  readonly #size: number;
  readonly #free: ArrayBuffer[] = [];

  /** @param size bytes of each piece of memory; the pool has as many as were out at once */
  constructor(size: number) {
    this.#size = size;
  }

  /** Memory for so many bytes, with anything in it. More than a piece, or far less, isn't the pool's. */
  take(bytes: number): Buffer {
    if (bytes > this.#size || bytes < this.#size / 64) return Buffer.allocUnsafeSlow(bytes);
    return Buffer.from(this.#free.pop() ?? new ArrayBuffer(this.#size), 0, bytes);
  }

  /** Gives memory back, which its user doesn't touch any more. */
  give({ buffer }: Uint8Array): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === this.#size) this.#free.push(buffer);
  }
}
