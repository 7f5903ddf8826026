/**
 * Memory that is used again and again, and that threads share: to get it anew for each request would keep the system busy, and memory that goes
 * from thread to thread looks to V8 like memory that is made and lost, for which it marks its whole heap over and over.
 */
export class BytePool {
  readonly #size: number;
  readonly #free: SharedArrayBuffer[] = [];

  /**
   * @param size bytes of each piece of memory; the pool has as many as were out at once. V8 doesn't count them, and so is late in giving them
   *   back: who restores often has one pool for all
   */
  constructor(size = 4 * 1024 * 1024) {
    this.#size = size;
  }

  /** Memory for so many bytes, with anything in it. More than a piece, or far less, isn't the pool's. */
  take(bytes: number): Buffer {
    if (bytes > this.#size || bytes < this.#size / 64) return Buffer.allocUnsafeSlow(bytes);
    return Buffer.from(this.#free.pop() ?? new SharedArrayBuffer(this.#size), 0, bytes);
  }

  /** Gives memory back, which its user doesn't touch any more. */
  give({ buffer }: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer && buffer.byteLength === this.#size) this.#free.push(buffer);
  }
}
