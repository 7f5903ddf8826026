import type { BatchFile, Encoded, Found } from './batch-reader.ts';
import type { ChunkSizes } from './chunker.ts';
import type { ChunkList, FileWork } from './write-files.ts';

/** What a thread is told when it starts. */
export interface ThreadData {
  sizes: ChunkSizes;
}

/** What a thread is asked to do: with the reader of that number, or with files that are restored. */
export type Request = { call: number } & (
  | { kind: 'open'; reader: number; files: BatchFile[] }
  | { kind: 'next'; reader: number }
  | { kind: 'encode'; reader: number; wanted: readonly number[] }
  | { kind: 'close'; reader: number }
  | { kind: 'write'; work: FileWork }
  | { kind: 'hasChunks'; file: string; chunks: ChunkList }
);

/** `Found`, with the digests in one piece. */
export interface PackedFound extends Omit<Found, 'pieces'> {
  digests: Uint8Array;
  files: number[];
  sizes: number[];
}

/** What became of a call. */
export type Answer =
  | { call: number; found: PackedFound | undefined }
  | { call: number; encoded: Encoded[] }
  | { call: number; done: true }
  | { call: number; isThere: boolean }
  | { call: number; failure: Failure };

/** An error, told across threads. */
export interface Failure {
  message: string;
  /** Of errors of the file system: what was called, and for which file. */
  code?: string | undefined;
  syscall?: string | undefined;
  path?: string | undefined;
  /** It is a RangeError. */
  refused: boolean;
  /** It is a DamagedPart, of that number. */
  part?: number | undefined;
}
