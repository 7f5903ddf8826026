import { gunzipSync } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { endKey, logFolder, type LogRef, segmentIndex } from './layout.ts';

/** Bytes of text that a segment may have. */
export const segmentLimit = 32 * 1024 * 1024;
const endLimit = 64 * 1024;

/** What is stored when a log has come to its end. */
export interface LogEnd {
  segments: number;
}

/** Whether a log is whole; undefined when it isn't, or isn't there at all. */
export async function readLogEnd(
  store: ObjectStore,
  ref: LogRef,
  options: StoreOptions = {},
): Promise<LogEnd | undefined> {
  try {
    const text = await readAll(store, endKey(logFolder(ref)), { ...options, limit: endLimit });
    return JSON.parse(text.toString()) as LogEnd;
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/**
 * The stored part of a log, lines with the kubelet's times, segment by segment: memory is one segment.
 *
 * @returns undefined when nothing is stored and the log is not known to be empty
 */
export async function readLog(
  store: ObjectStore,
  ref: LogRef,
  options: StoreOptions = {},
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const folder = logFolder(ref);
  const keys: string[] = [];
  let isThere = false;
  for await (const { objects } of store.list(folder, options)) {
    isThere ||= objects.length > 0;
    for (const { key } of objects) if (segmentIndex(key) !== undefined) keys.push(key);
  }
  return isThere ? segments(store, keys, options) : undefined;
}

async function* segments(
  store: ObjectStore,
  keys: readonly string[],
  options: StoreOptions,
): AsyncGenerator<Uint8Array> {
  for (const key of keys) {
    // Each when the one before was read.
    // oxlint-disable-next-line no-await-in-loop
    yield gunzipSync(await readAll(store, key, { ...options, limit: segmentLimit }), {
      maxOutputLength: 2 * segmentLimit,
    });
  }
}
