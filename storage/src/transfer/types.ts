import type { Pause } from '../back-off.ts';

/** How far a transfer is. Totals are there when counting first was asked for. */
export interface Progress {
  files: number;
  bytes: number;
  totalFiles?: number;
  totalBytes?: number;
}

/** What a transfer did. */
export interface TransferResult {
  /** Files that were transferred. */
  files: number;
  /** Their bytes. */
  bytes: number;
  /** Files that were left as they are, since they were there already. */
  skipped: number;
  /** What no file is: links that lead out, to folders or nowhere, sockets, empty objects that stand for folders. */
  ignored: { count: number; /** Paths, at most 20. */ first: readonly string[] };
}

export interface TransferOptions {
  /** Python-style, matched from the start of the path below the folder (see `pathFilter`); single files are never filtered. */
  regex?: string | undefined;
  /** Files at once, and ranges of large objects beside one of each; absent: 8. Memory is a few parts for each. */
  concurrency?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called often: with every piece of every file. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Finds out the totals before it begins, by one more walk or list. */
  count?: boolean | undefined;
  /** Leaves files that are there already: of the same size, and not older than their source. */
  resume?: boolean | undefined;
  /** Bytes of the ranges in which large objects are downloaded, several at once; absent: 32 MiB. Objects of less than two come in one piece. */
  partSize?: number | undefined;
  /** Times that a file is tried when the store can't be reached or fails; absent: 6. */
  attempts?: number | undefined;
  /** Waits between them; absent: exponential, from 0.5 s to 20 s, with jitter. For tests. */
  pause?: Pause | undefined;
}
