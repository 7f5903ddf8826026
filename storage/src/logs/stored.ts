import { gunzipSync } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { endKey, segmentIndex, segmentKey } from './layout.ts';
import { timeOfLine } from './lines.ts';
import { RecentLines } from './recent.ts';

/** Bytes of text that a segment may have. */
export const segmentLimit = 32 * 1024 * 1024;
const endLimit = 64 * 1024;
/** Lines that are looked at to go on where a log ends. */
const tailLines = 8192;

/** What is stored when a log has come to its end. */
export interface LogEnd {
  segments: number;
  /** Something of it is missing: its node went away, or the kubelet had thrown it away before it was read. */
  lost?: true;
}

/** How far a log is stored. */
export interface StoredPart {
  segments: number;
  /** Its last lines. */
  recent: RecentLines;
  /** The log has come to its end. */
  end: LogEnd | undefined;
}

/** How far a log is stored: of what is stored, only the last lines are read. */
export async function storedPart(store: ObjectStore, folder: string, options: StoreOptions): Promise<StoredPart> {
  const part: StoredPart = { segments: 0, recent: new RecentLines(), end: undefined };
  for await (const { objects } of store.list(folder, options)) {
    for (const { key } of objects) {
      part.segments = Math.max(part.segments, (segmentIndex(key) ?? -1) + 1);
      if (key === endKey(folder)) part.end = await readEnd(store, folder, options);
    }
  }
  if (part.end === undefined) {
    for (const line of await lastLines(store, folder, part.segments, options)) {
      const time = timeOfLine(line);
      if (time !== undefined) part.recent.add(time, line);
    }
  }
  return part;
}

async function lastLines(
  store: ObjectStore,
  folder: string,
  segments: number,
  options: StoreOptions,
): Promise<string[]> {
  let lines: string[] = [];
  for (let index = segments - 1; index >= 0 && lines.length < tailLines; index--) {
    // One before the other, as long as lines are missing.
    // oxlint-disable-next-line no-await-in-loop
    const segment = await readAll(store, segmentKey(folder, index), { ...options, limit: segmentLimit });
    const text = gunzipSync(segment, { maxOutputLength: 2 * segmentLimit }).toString();
    lines = text.split('\n').slice(-tailLines).concat(lines);
  }
  return lines;
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
