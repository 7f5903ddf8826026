import { gunzipSync } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ListOptions, ObjectStore, StoreOptions } from '../object-store.ts';
import { endKey, logFolder, type LogRef, segmentIndex, segmentKey } from './layout.ts';
import { type LogEnd, readEnd, segmentLimit } from './stored.ts';

/** The end of a log; undefined when it hasn't come, or the log isn't there at all. */
export function readLogEnd(store: ObjectStore, ref: LogRef, options: StoreOptions = {}): Promise<LogEnd | undefined> {
  return readEnd(store, logFolder(ref), options);
}

export interface ReadLogOptions extends StoreOptions {
  /** Of what is there, only so many lines at the end. */
  tailLines?: number | undefined;
  /** Go on until the log has come to its end: resolves when it is time to look again. */
  follow?: (() => Promise<void>) | undefined;
}

/**
 * The stored part of a log, lines with the kubelet's times, segment by segment: memory is one segment.
 *
 * @returns undefined when nothing is stored and the log is not known to be empty
 */
export async function readLog(
  store: ObjectStore,
  ref: LogRef,
  { tailLines, follow, ...options }: ReadLogOptions = {},
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const folder = logFolder(ref);
  const listed = await listLog(store, folder, options);
  if (listed.keys.length === 0 && !listed.ended) return undefined;
  if (tailLines === undefined) return segments(store, folder, listed, { skip: 0, follow, ...options });
  const { from, skip } = await beginOfTail(store, listed.keys, tailLines, options);
  return segments(store, folder, { ...listed, keys: listed.keys.slice(from) }, { skip, follow, ...options });
}

interface Listed {
  /** Of segments, in order. */
  keys: string[];
  /** These are all that there will be. */
  ended: boolean;
}

async function listLog(store: ObjectStore, folder: string, options: ListOptions): Promise<Listed> {
  const listed: Listed = { keys: [], ended: false };
  for await (const { objects } of store.list(folder, options)) {
    for (const { key } of objects) {
      if (segmentIndex(key) !== undefined) listed.keys.push(key);
      listed.ended ||= key === endKey(folder);
    }
  }
  return listed;
}

/** Where the last lines begin: in which segment, and behind how many lines of it. Reads backwards, one segment at a time. */
async function beginOfTail(
  store: ObjectStore,
  keys: readonly string[],
  tailLines: number,
  options: StoreOptions,
): Promise<{ from: number; skip: number }> {
  let missing = tailLines;
  if (missing <= 0) return { from: keys.length, skip: 0 };
  for (let index = keys.length - 1; index >= 0; index--) {
    // One before the other, as long as lines are missing.
    // oxlint-disable-next-line no-await-in-loop
    const lines = newlines(await segment(store, keys[index] ?? '', options));
    if (lines >= missing) return { from: index, skip: lines - missing };
    missing -= lines;
  }
  return { from: 0, skip: 0 };
}

async function* segments(
  store: ObjectStore,
  folder: string,
  first: Listed,
  { skip, follow, ...options }: StoreOptions & { skip: number; follow: (() => Promise<void>) | undefined },
): AsyncGenerator<Uint8Array> {
  let { keys, ended } = first;
  let skipLines = skip;
  /** The last segment and how much of it was read: it may have grown since. */
  let last = { key: '', bytes: 0 };
  for (;;) {
    // Each when the one before was read.
    // oxlint-disable no-await-in-loop
    for (const key of keys) {
      const text = await segment(store, key, options);
      const rest = key === last.key ? text.subarray(last.bytes) : afterLines(text, skipLines);
      skipLines = 0;
      last = { key, bytes: text.byteLength };
      if (rest.byteLength > 0) yield rest;
    }
    if (ended || follow === undefined) return;
    await follow();
    const listed = await listLog(store, folder, { ...options, after: before(folder, last.key) });
    ({ ended } = listed);
    keys = listed.keys;
    // oxlint-enable no-await-in-loop
  }
}

/** A key that sorts directly in front of a segment, so that a list begins with it; undefined for the first. */
function before(folder: string, key: string): string | undefined {
  const index = segmentIndex(key) ?? 0;
  return index === 0 ? undefined : segmentKey(folder, index - 1);
}

async function segment(store: ObjectStore, key: string, options: StoreOptions): Promise<Buffer> {
  return gunzipSync(await readAll(store, key, { ...options, limit: segmentLimit }), {
    maxOutputLength: 2 * segmentLimit,
  });
}

const newline = 0x0a;

function newlines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(newline); at >= 0; at = text.indexOf(newline, at + 1)) count++;
  return count;
}

function afterLines(text: Buffer, count: number): Buffer {
  let start = 0;
  for (let left = count; left > 0; left--) start = text.indexOf(newline, start) + 1;
  return text.subarray(start);
}
