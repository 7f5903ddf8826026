import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hasCode } from '../file/walk.ts';
import { freeMemory } from '../free-memory.ts';
import type { Chunker } from './chunker.ts';
import { encode } from './codec.ts';
import type { Blake3 } from './hash.ts';
import { readFlags } from './source.ts';

/** A file to be read: by its name here, or from a stream of known length. */
export interface BatchFile {
  path: string;
  file?: string | undefined;
  size: number;
  open?: (() => AsyncIterable<Uint8Array>) | undefined;
}

/** A chunk of the file of that number in the batch. */
export interface Piece {
  file: number;
  digest: Buffer;
  size: number;
}

/** What was found since the last time. */
export interface Found {
  pieces: Piece[];
  /** Files that can't be taken as they were read: they changed meanwhile, or are gone. */
  failed: { file: number; why: 'changed' | 'gone' }[];
}

export interface Encoded {
  encoding: number;
  stored: Uint8Array;
}

/** Reads files as chunks: first what they are, and then, of those that are wanted, their stored form. */
export interface ChunkReader {
  /** Undefined at the end. What was found before can't be encoded any more. */
  next(): Promise<Found | undefined>;
  /**
   * @param wanted places in the last `pieces`
   * @returns memory that is the caller's
   */
  encode(wanted: readonly number[]): Promise<Encoded[]>;
  close(): Promise<void>;
}

const bufferBytes = 4 * 1024 * 1024;
const mostPieces = 2048;

interface Source {
  /** Bytes that were put into the buffer; 0 at the end. */
  read(buffer: Buffer, offset: number): number | Promise<number>;
  /** Why the file can't be taken as it was read. */
  end(): 'changed' | undefined;
  close(): void | Promise<void>;
}

/**
 * Reads the files of a batch one after the other in this thread, and with the calls that wait: it is meant for threads that do
 * nothing else. Memory: a buffer.
 */
export class BatchReader implements ChunkReader {
  readonly #files: readonly BatchFile[];
  readonly #chunker: Chunker;
  readonly #blake3: Blake3;
  readonly #buffers: Buffers;
  readonly #buffer: Buffer;
  /** Number of the file that is read. */
  #file = 0;
  #source: Source | undefined;
  #atEnd = false;
  /** What was read and not cut yet. */
  #start = 0;
  #end = 0;
  #places: { start: number; size: number }[] = [];

  constructor(files: readonly BatchFile[], chunker: Chunker, blake3: Blake3, buffers: Buffers) {
    this.#files = files;
    this.#chunker = chunker;
    this.#blake3 = blake3;
    this.#buffers = buffers;
    this.#buffer = buffers.take();
  }

  async next(): Promise<Found | undefined> {
    if (this.#file === this.#files.length) return undefined;
    const found: Found = { pieces: [], failed: [] };
    this.#places = [];
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    while (this.#file < this.#files.length && found.pieces.length < mostPieces) {
      if (this.#source === undefined && !this.#openNext(found)) continue;
      await this.#fill();
      if (!this.#cut(found)) break;
    }
    return found;
  }

  async encode(wanted: readonly number[]): Promise<Encoded[]> {
    return wanted.map((number) => {
      const { start = 0, size = 0 } = this.#places[number] ?? {};
      const plain = this.#buffer.subarray(start, start + size);
      const { encoding, stored } = encode(plain);
      // The buffer is filled again; and who gets it may be another thread.
      const copy = new Uint8Array(stored);
      if (stored.buffer !== plain.buffer) freeMemory(stored, plain.byteLength);
      return { encoding, stored: copy };
    });
  }

  async close(): Promise<void> {
    await this.#source?.close();
    this.#source = undefined;
    this.#file = this.#files.length;
    this.#buffers.give(this.#buffer);
  }

  #openNext(found: Found): boolean {
    const { file, open, size, path } = this.#files[this.#file] as BatchFile;
    try {
      this.#source = file === undefined ? streamSource(path, size, open) : fileSource(file);
      this.#atEnd = false;
      return true;
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ELOOP')) throw error;
      found.failed.push({ file: this.#file++, why: 'gone' });
      return false;
    }
  }

  /** Reads until there is enough for a cut, or no room. */
  async #fill(): Promise<void> {
    const { most } = this.#chunker.sizes;
    while (!this.#atEnd && this.#end - this.#start < most && this.#end < this.#buffer.byteLength) {
      const read = this.#source?.read(this.#buffer, this.#end) ?? 0;
      const bytes = typeof read === 'number' ? read : await read;
      if (bytes === 0) this.#atEnd = true;
      this.#end += bytes;
    }
  }

  /** @returns whether there is room for more */
  #cut(found: Found): boolean {
    const { most } = this.#chunker.sizes;
    while (this.#end - this.#start >= most || (this.#atEnd && this.#end > this.#start)) {
      const size = this.#chunker.cut(this.#buffer, this.#start, this.#end);
      const digest = this.#blake3.digest(this.#buffer.subarray(this.#start, this.#start + size));
      this.#places.push({ start: this.#start, size });
      found.pieces.push({ file: this.#file, digest, size });
      this.#start += size;
    }
    if (!this.#atEnd) return this.#end < this.#buffer.byteLength;
    const why = this.#source?.end();
    void this.#source?.close();
    this.#source = undefined;
    if (why !== undefined) found.failed.push({ file: this.#file, why });
    this.#file++;
    return this.#end < this.#buffer.byteLength;
  }
}

/** Buffers that readers use one after the other: to make them anew for each batch would keep the garbage collector busy. */
export class Buffers {
  readonly #size: number;
  readonly #free: Buffer[] = [];

  constructor({ sizes }: Chunker) {
    // Of smaller chunks, which tests have, less is worth while.
    this.#size = Math.max(2 * sizes.most, Math.min(bufferBytes, 64 * sizes.most));
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}

function fileSource(file: string): Source {
  const descriptor = openSync(file, readFlags);
  const before = fstatSync(descriptor);
  let bytes = 0;
  return {
    read: (buffer, offset) => {
      const read = readSync(descriptor, buffer, offset, buffer.byteLength - offset, null);
      bytes += read;
      return read;
    },
    end: () => {
      const after = fstatSync(descriptor);
      const same = after.mtimeMs === before.mtimeMs && after.size === before.size && bytes === before.size;
      return same ? undefined : 'changed';
    },
    close: () => closeSync(descriptor),
  };
}

function streamSource(path: string, size: number, open: (() => AsyncIterable<Uint8Array>) | undefined): Source {
  const pieces = open?.()[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  let bytes = 0;
  return {
    async read(buffer, offset) {
      while (rest.byteLength === 0) {
        const next = await pieces?.next();
        if (next === undefined || next.done === true) return 0;
        rest = next.value;
      }
      const room = Math.min(rest.byteLength, buffer.byteLength - offset);
      buffer.set(rest.subarray(0, room), offset);
      rest = rest.subarray(room);
      bytes += room;
      return room;
    },
    end() {
      if (bytes === size) return undefined;
      throw new RangeError(`path ${JSON.stringify(path)}: its contents have ${bytes} bytes, not ${size}`);
    },
    async close() {
      await pieces?.return?.();
    },
  };
}
