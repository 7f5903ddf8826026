const newline = 0x0a;

/**
 * Cuts a byte stream into lines. Bytes of an unfinished line are kept as chunks, never copied per chunk, so that a line of
 * many chunks costs linear time; multi-byte characters may be split between chunks.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /** @param maxBytes longest allowed line, newline not counted. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the unfinished line. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Calls `take` with each line that the chunk completes. @throws RangeError when a line is too long. */
  push(chunk: Uint8Array, take: (line: string) => void): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = this.#takePending();
      if (line !== '') take(line);
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** The unfinished line at the end of the stream, '' if there is none. */
  end(): string {
    return this.#takePending();
  }

  #keep(bytes: Uint8Array): void {
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > this.#maxBytes) {
      throw new RangeError(`a line is longer than ${this.#maxBytes} bytes`);
    }
    this.#pending.push(bytes);
  }

  #takePending(): string {
    const [only] = this.#pending;
    const bytes = this.#pending.length === 1 && only ? only : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }
}
