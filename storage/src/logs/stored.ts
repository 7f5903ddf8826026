import { gunzipSync } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { endKey, segmentIndex, segmentKey } from './layout.ts';
import { timeOfLine } from './lines.ts';

/** Bytes of text that a segment may have. */
export const segmentLimit = 32 * 1024 * 1024;
const endLimit = 64 * 1024;

/** What is stored when a log has come to its end. */
export interface LogEnd {
  segments: number;
  /** Something of it is missing: its node went away, or the kubelet had thrown it away before it was read. */
  lost?: true;
}

/** How far a log is stored. */
export interface StoredPart {
  segments: number;
  /** Of the last stored line; undefined when none is stored. */
  lastTime: string | undefined;
  /** Stored lines at the end that have that time. */
  atLastTime: number;
  /** The log has come to its end. */
  end: LogEnd | undefined;
}

/** How far a log is stored: of what is stored, only the segments that have the last moment are read. */
export async function storedPart(store: ObjectStore, folder: string, options: StoreOptions): Promise<StoredPart> {
  const part: StoredPart = { segments: 0, lastTime: undefined, atLastTime: 0, end: undefined };
  for await (const { objects } of store.list(folder, options)) {
    for (const { key } of objects) {
      part.segments = Math.max(part.segments, (segmentIndex(key) ?? -1) + 1);
      if (key === endKey(folder)) part.end = await readEnd(store, folder, options);
    }
  }
  if (part.end !== undefined) return part;
  for (let index = part.segments - 1; index >= 0; index--) {
    // One before the other, as long as that moment reaches back.
    // oxlint-disable-next-line no-await-in-loop
    const segment = await readAll(store, segmentKey(folder, index), { ...options, limit: segmentLimit });
    const text = gunzipSync(segment, { maxOutputLength: 2 * segmentLimit }).toString();
    const times = text.trimEnd().split('\n').map(timeOfLine);
    part.lastTime ??= times.findLast((time) => time !== undefined);
    part.atLastTime += times.filter((time) => time === part.lastTime).length;
    if (times.some((time) => time !== undefined && time !== part.lastTime)) break;
  }
  return part;
}

/** What is stored of a log's end; undefined when it hasn't come. */
export async function readEnd(store: ObjectStore, folder: string, options: StoreOptions): Promise<LogEnd | undefined> {
  try {
    const text = await readAll(store, endKey(folder), { ...options, limit: endLimit });
    return JSON.parse(text.toString()) as LogEnd;
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}
