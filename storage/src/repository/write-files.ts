import { closeSync, fchmodSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { hasCode } from '../file/walk.ts';
import { freeMemory } from '../free-memory.ts';
import { checkedChunk, decodedSpare } from './codec.ts';
import { type Blake3, digestBytes } from './hash.ts';
import { readFlags } from './source.ts';

/** A chunk among bytes that were fetched, and where it goes in its file. */
export interface FilePart {
  start: number;
  /** Bytes as stored. */
  length: number;
  encoding: number;
  /** Bytes of the chunk itself. */
  size: number;
  /** In the file. */
  offset: number;
}

/** What of a file is among the bytes. */
export interface FileJob {
  /** Name that it has until it is whole. */
  draft: string;
  parts: readonly FilePart[];
  /** All of it is here: it is made, and gets its name. Absent: the draft is there. */
  whole?: { place: string; mode: number } | undefined;
}

/** Parts of files, with the stored bytes of their chunks. */
export interface FileWork {
  bytes: Uint8Array;
  jobs: readonly FileJob[];
  /** Of the chunks, in the order of jobs and parts. */
  digests: Uint8Array;
}

/** A chunk isn't what it should be. */
export class DamagedPart extends Error {
  override readonly name = 'DamagedPart';
  /** Its place in the order of jobs and parts. */
  readonly part: number;

  constructor(part: number, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.part = part;
  }
}

/** Puts chunks into files, and tells whether a file has certain chunks. */
export interface FileWriter {
  /**
   * Writes chunks after checking them. Until then nobody may touch the bytes.
   *
   * @throws DamagedPart; RangeError when a folder is where a file should be; errors of the file system
   */
  write(work: FileWork): Promise<void>;
  /** Whether a file begins with these chunks; whoever writes to it meanwhile gets any answer. Errors are those of the file system. */
  hasChunks(file: string, chunks: ChunkList): Promise<boolean>;
}

/** Chunks behind one another. */
export interface ChunkList {
  sizes: readonly number[];
  digests: Uint8Array;
}

/** Does it in this thread, writing with the calls that wait. */
export function writeFiles({ bytes, jobs, digests }: FileWork, blake3: Blake3): void {
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let number = 0;
  for (const { draft, parts, whole } of jobs) {
    // The name is nobody else's, so that neither flag can meet something else.
    const flags = whole === undefined ? constants.O_WRONLY | constants.O_NOFOLLOW : 'wx';
    const file = openSync(draft, flags, 0o600);
    try {
      try {
        for (const part of parts) {
          const digest = digests.subarray(number * digestBytes, (number + 1) * digestBytes);
          const plain = chunkOf(stored, part, digest, number, blake3);
          number++;
          if (!isHole(plain, part)) writeAll(file, plain, part.offset);
          // A draft that was there has its length already.
          else if (whole !== undefined) ftruncateSync(file, part.offset + part.size);
          // Not what was fetched, which is used again.
          if (plain.buffer !== bytes.buffer) freeMemory(plain, decodedSpare);
        }
        if (whole !== undefined) fchmodSync(file, whole.mode);
      } finally {
        closeSync(file);
      }
      if (whole !== undefined) renameSync(draft, whole.place);
    } catch (error) {
      // Drafts that were there are their maker's.
      if (whole !== undefined) rmSync(draft, { force: true });
      throw whole === undefined ? atFile(error, draft) : replaceError(atFile(error, whole.place), whole.place);
    }
  }
}

function chunkOf(stored: Buffer, part: FilePart, digest: Uint8Array, number: number, blake3: Blake3): Buffer {
  const { start, length, size, encoding } = part;
  try {
    return checkedChunk(stored.subarray(start, start + length), { digest, size, encoding }, blake3);
  } catch (error) {
    throw new DamagedPart(number, (error as Error).message, error);
  }
}

/** Whether a chunk is nothing but zeros, which a file needs no room for; worth finding out only where it was compressed that far. */
function isHole(plain: Buffer, { length }: FilePart): boolean {
  return (
    plain.byteLength > 512 * length &&
    plain[0] === 0 &&
    plain.compare(plain, 1, undefined, 0, plain.byteLength - 1) === 0
  );
}

function writeAll(file: number, bytes: Buffer, offset: number): void {
  for (let written = 0; written < bytes.byteLength;) {
    written += writeSync(file, bytes, written, bytes.byteLength - written, offset + written);
  }
}

/** An error of a call that knows its file by a number only, as a full disk's, with the name that people know it by. */
function atFile(error: unknown, file: string): unknown {
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || path !== undefined) return error;
  return Object.assign(new Error(`${message} '${file}'`, { cause: error }), { code, syscall, path: file });
}

/** What to throw when a draft can't get its name. */
export function replaceError(error: unknown, place: string): unknown {
  if (!hasCode(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) return error;
  return new RangeError(`${place}: is a folder; remove it to restore a file there`, { cause: error });
}

/** As `FileWriter.hasChunks`. Memory: a chunk. */
export async function hasChunks(file: string, { sizes, digests }: ChunkList, blake3: Blake3): Promise<boolean> {
  const handle = await open(file, readFlags);
  try {
    for (const [number, size] of sizes.entries()) {
      const bytes = Buffer.allocUnsafe(size);
      const { bytesRead } = await handle.read(bytes, 0, size, null);
      const digest = digests.subarray(number * digestBytes, (number + 1) * digestBytes);
      if (bytesRead !== size || !blake3.digest(bytes).equals(digest)) return false;
    }
    return true;
  } finally {
    await handle.close();
  }
}
