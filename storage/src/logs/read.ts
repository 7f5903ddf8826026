import { gunzipSync } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { logFolder, type LogRef, segmentIndex } from './layout.ts';
import { type LogEnd, readEnd, segmentLimit } from './stored.ts';

/** The end of a log; undefined when it hasn't come, or the log isn't there at all. */
export function readLogEnd(store: ObjectStore, ref: LogRef, options: StoreOptions = {}): Promise<LogEnd | undefined> {
  return readEnd(store, logFolder(ref), options);
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
