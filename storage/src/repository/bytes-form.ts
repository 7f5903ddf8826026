/** Writes the numbers and strings of stored forms, one behind the other. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** An integer from 0 to 2^53 - 1, seven bits a byte, lowest first (LEB128). */
  varint(value: number): this {
    this.#reserve(8);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
    this.#buffer[this.#length++] = rest;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.byteLength);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.byteLength;
    return this;
  }

  /** Its length in bytes as a varint, then UTF-8. */
  text(text: string): this {
    const bytes = Buffer.from(text);
    return this.varint(bytes.byteLength).bytes(bytes);
  }

  /** What was written; later writes don't change it. */
  finish(): Buffer {
    const written = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return written;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.byteLength) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.byteLength, 256));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** Reads what a ByteWriter wrote. Every method throws RangeError at the end of the bytes or at what can't be. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.byteLength;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= 8; length++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new RangeError(`no number before byte ${this.#at}`);
  }

  /** A view, no copy. */
  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.byteLength) throw new RangeError(`${length} bytes at ${this.#at} reach over the end`);
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.byteLength) throw new RangeError(`${length} bytes reach over the end`);
  }

  text(): string {
    return this.textOf(this.varint());
  }

  textOf(length: number): string {
    const start = this.#at;
    this.skip(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  hex(length: number): string {
    const start = this.#at;
    this.skip(length);
    return this.#bytes.toString('hex', start, start + length);
  }
}
