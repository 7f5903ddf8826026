import { gunzipSync, gzipSync } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { linesOf, timeOfLine } from './lines.ts';
import { endKey, logFolder, type LogRef, segmentIndex, segmentKey } from './layout.ts';
import { type LogEnd, readLogEnd, segmentLimit } from './read.ts';

const defaultSegmentBytes = 4 * 1024 * 1024;

export interface WriteLogOptions extends StoreOptions {
  /** Applied to each line before anything of it leaves the memory. */
  mask?: ((line: string) => string) | undefined;
  /** Bytes of text in a segment, at most 32 MiB; the memory that writing takes is about twice that. */
  segmentBytes?: number | undefined;
}

/**
 * Stores the log of a container, from its first line to the end of `bytes`, as segments, then the mark that it is whole.
 * Lines begin with the kubelet's time (`timestamps: true`). After a crash it is called again with the log from its first
 * line, or from the time of the last stored one: what is there already is passed over, so that no line is missing or
 * there twice.
 *
 * @throws StoreError; whatever `bytes` throws, in which case what came before is stored and the mark is not
 */
export async function writeLog(
  store: ObjectStore,
  ref: LogRef,
  bytes: AsyncIterable<Uint8Array>,
  { mask = (line) => line, segmentBytes = defaultSegmentBytes, signal }: WriteLogOptions = {},
): Promise<LogEnd> {
  if (!(segmentBytes >= 1 && segmentBytes <= segmentLimit)) {
    throw new RangeError(`segmentBytes ${segmentBytes}: must be from 1 to ${segmentLimit}`);
  }
  const former = await readLogEnd(store, ref, { signal });
  if (former !== undefined) return former;
  const folder = logFolder(ref);
  const state = await storedSoFar(store, folder, { signal });
  let text = '';
  const flush = async (): Promise<void> => {
    if (text === '') return;
    await store.put(segmentKey(folder, state.segments), gzipSync(text), { contentType: 'application/gzip', signal });
    state.segments++;
    text = '';
  };
  try {
    const isKnown = passOver(state);
    for await (const line of linesOf(bytes)) {
      if (isKnown(line)) continue;
      text += `${mask(line)}\n`;
      // In order, and not more in memory than one segment.
      // oxlint-disable-next-line no-await-in-loop
      if (text.length >= segmentBytes) await flush();
    }
  } finally {
    await flush();
  }
  const end = { segments: state.segments };
  await store.put(endKey(folder), Buffer.from(JSON.stringify(end)), { contentType: 'application/json', signal });
  return end;
}

interface Stored {
  segments: number;
  /** Of the last stored line; undefined when none is stored. */
  lastTime: string | undefined;
  /** Stored lines at the end that have that time. */
  atLastTime: number;
}

/** How far an earlier attempt came, from the segments that have the last moment. */
async function storedSoFar(store: ObjectStore, folder: string, options: StoreOptions): Promise<Stored> {
  let segments = 0;
  for await (const { objects } of store.list(folder, options)) {
    for (const { key } of objects) segments = Math.max(segments, (segmentIndex(key) ?? -1) + 1);
  }
  let lastTime: string | undefined;
  let atLastTime = 0;
  for (let index = segments - 1; index >= 0; index--) {
    // One before the other, as long as that moment reaches back.
    // oxlint-disable-next-line no-await-in-loop
    const segment = await readAll(store, segmentKey(folder, index), { ...options, limit: segmentLimit });
    const times = gunzipSync(segment).toString().trimEnd().split('\n').map(timeOfLine);
    lastTime ??= times.findLast((time) => time !== undefined);
    atLastTime += times.filter((time) => time === lastTime).length;
    if (times.some((time) => time !== undefined && time !== lastTime)) break;
  }
  return { segments, lastTime, atLastTime };
}

/** Whether a line is stored already: it is older than the last stored one, or one of those of the same moment. */
function passOver({ lastTime, atLastTime }: Stored): (line: string) => boolean {
  let left = atLastTime;
  let isOver = lastTime === undefined;
  return (line) => {
    if (isOver) return false;
    const time = timeOfLine(line);
    if (time === undefined || time < (lastTime ?? '')) return true;
    if (time === lastTime && left > 0) {
      left--;
      return true;
    }
    isOver = true;
    return false;
  };
}
