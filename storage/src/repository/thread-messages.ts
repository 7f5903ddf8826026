import type { BatchFile, Encoded, Found } from './batch-reader.ts';
import type { ChunkSizes } from './chunker.ts';

/** What a thread is told when it starts. */
export interface ThreadData {
  sizes: ChunkSizes;
}

/** What a thread is asked to do with the reader of that number. */
export type Request = { reader: number; call: number } & (
  | { kind: 'open'; files: BatchFile[] }
  | { kind: 'next' }
  | { kind: 'encode'; wanted: readonly number[] }
  | { kind: 'close' }
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
  | { call: number; failure: { message: string; code?: string | undefined; refused: boolean } };
