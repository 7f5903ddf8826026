import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { endKey, logFolder, type LogRef, segmentKey } from './layout.ts';
import { type LinePiece, linesOf, timeOfLine } from './lines.ts';
import { type LogEnd, segmentLimit, type StoredPart, storedPart } from './stored.ts';

const defaultSegmentBytes = 4 * 1024 * 1024;
// Beside the event loop: compressing is most of the work.
const compress = promisify(gzip);

export interface LogWriterOptions extends StoreOptions {
  /** Applied to each line before anything of it leaves the memory. */
  mask?: ((line: string) => string) | undefined;
  /** Characters of text in a segment, at most 32 Mi; the memory that writing takes is about twice that. */
  segmentBytes?: number | undefined;
  /** Stores what there is so long after it came, ms, for readers; needs `setTimeout`. Absent: when a segment is full. */
  flushMs?: number | undefined;
  /** Calls `fn` once after `ms`; the returned function cancels it. */
  setTimeout?: ((ms: number, fn: () => void) => () => void) | undefined;
}

/** What came that is no line of a log. */
export interface Appended {
  /** Text without a time: what the kubelet says instead of a log. */
  foreign: string | undefined;
}

/**
 * Finds out how far a log is stored, and goes on from there.
 *
 * @throws StoreError; RangeError for a reference or size that can't be
 */
export async function openLog(store: ObjectStore, ref: LogRef, options: LogWriterOptions = {}): Promise<LogWriter> {
  const { segmentBytes = defaultSegmentBytes, signal } = options;
  if (!(segmentBytes >= 1 && segmentBytes <= segmentLimit)) {
    throw new RangeError(`segmentBytes ${segmentBytes}: must be from 1 to ${segmentLimit}`);
  }
  const folder = logFolder(ref);
  return new LogWriter(store, folder, await storedPart(store, folder, { signal }), { ...options, segmentBytes });
}

/**
 * Stores the log of one container. Lines begin with the kubelet's time (`timestamps: true`). There may be one writer at a time;
 * one that finds a segment of somebody else fails with AlreadyExists, and is to be opened anew.
 */
export class LogWriter {
  readonly #store: ObjectStore;
  readonly #folder: string;
  readonly #options: LogWriterOptions & { segmentBytes: number };
  readonly #stored: StoredPart;
  /** Of the segment that is being filled. */
  #text = '';
  /** Characters of it that are stored. */
  #kept = 0;
  #lost = false;
  #writing: Promise<void> = Promise.resolve();
  #cancel: (() => void) | undefined;

  constructor(
    store: ObjectStore,
    folder: string,
    stored: StoredPart,
    options: LogWriterOptions & { segmentBytes: number },
  ) {
    this.#store = store;
    this.#folder = folder;
    this.#stored = stored;
    this.#options = options;
  }

  /** The end of the log, if it is there. */
  get whole(): LogEnd | undefined {
    return this.#stored.end;
  }

  /** Time of the last line that is known, RFC 3339; from it on the log has to be read. */
  get lastTime(): string | undefined {
    return this.#stored.lastTime;
  }

  /**
   * Takes more of the log: from its first line, or from any moment up to `lastTime`. What is known already is passed over, so
   * that no line is there twice. Where nothing of what is known comes again, something between is missing, and the log
   * is marked as lost. What came is stored when this ends, in whatever way.
   *
   * @param isLast what is behind the last newline is a line too; else it may have been cut off, and is left out
   * @throws StoreError; whatever `bytes` throws
   */
  async append(bytes: AsyncIterable<Uint8Array>, { isLast = false } = {}): Promise<Appended> {
    const { mask = (line: string) => line, segmentBytes } = this.#options;
    const isKnown = this.#passOver();
    let foreign: string | undefined;
    let skips = false;
    try {
      let held: LinePiece | undefined;
      const take = async (piece: LinePiece, isCut: boolean): Promise<void> => {
        if (!piece.continues) {
          const time = timeOfLine(piece.text);
          if (time === undefined) foreign ??= piece.text.slice(0, 256);
          skips = time === undefined || isKnown(time);
          if (!skips && time !== undefined) this.#note(time);
        }
        if (skips) return;
        this.#text += isCut ? mask(piece.text) : `${mask(piece.text)}\n`;
        this.#schedule();
        if (this.#text.length >= segmentBytes) await this.flush();
      };
      for await (const piece of linesOf(bytes)) {
        if (held !== undefined) await take(held, true);
        held = piece.ended ? undefined : piece;
        if (piece.ended) await take(piece, false);
      }
      // A line that is long enough to have been cut has been begun; it needs its end.
      if (held !== undefined && (isLast || held.continues)) await take(held, false);
    } finally {
      await this.flush();
    }
    return { foreign };
  }

  /** Stores what is in memory. @throws StoreError */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const next = this.#writing.then(() => this.#put());
    this.#writing = next.catch(() => undefined);
    return next;
  }

  /**
   * Says that the log has come to its end.
   *
   * @param lost something of it is missing
   * @throws StoreError
   */
  async end({ lost = false } = {}): Promise<LogEnd> {
    await this.flush();
    const { segments } = this.#stored;
    const end: LogEnd = {
      segments: segments + (this.#text === '' ? 0 : 1),
      ...((lost || this.#lost) && { lost: true as const }),
    };
    const { signal } = this.#options;
    await this.#store.put(endKey(this.#folder), Buffer.from(JSON.stringify(end)), {
      contentType: 'application/json',
      signal,
    });
    this.#stored.end = end;
    return end;
  }

  /** Stops timers; what isn't stored is forgotten. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const { flushMs, setTimeout } = this.#options;
    if (this.#cancel !== undefined || flushMs === undefined || setTimeout === undefined) return;
    // What fails stays in memory: it is tried again with the next line, and at the end.
    this.#cancel = setTimeout(flushMs, () => void this.flush().catch(() => undefined));
  }

  /** The segment is written whole each time, until it is full: their number doesn't grow with the time. */
  async #put(): Promise<void> {
    const text = this.#text;
    if (text.length === this.#kept) return;
    const { segmentBytes, signal } = this.#options;
    const key = segmentKey(this.#folder, this.#stored.segments);
    const isNew = this.#kept === 0;
    const body = await compress(text);
    await this.#store.put(key, body, { contentType: 'application/gzip', signal, ...(isNew && { ifAbsent: true }) });
    this.#kept = text.length;
    if (text.length < segmentBytes) return;
    this.#stored.segments++;
    this.#text = this.#text.slice(text.length);
    this.#kept = 0;
  }

  #note(time: string): void {
    const stored = this.#stored;
    stored.atLastTime = stored.lastTime === time ? stored.atLastTime + 1 : 1;
    stored.lastTime = time;
  }

  /** Whether a line is known already: it is older than the last known one, or one of those of the same moment. */
  #passOver(): (time: string) => boolean {
    const { lastTime, atLastTime } = this.#stored;
    let left = atLastTime;
    let isOver = lastTime === undefined;
    return (time) => {
      if (isOver) return false;
      if (time < (lastTime ?? '')) return true;
      if (time === lastTime && left > 0) {
        left--;
        return true;
      }
      isOver = true;
      // The last known line is always among what is read again, unless the kubelet has it no more.
      if (left === atLastTime) this.#lost = true;
      return false;
    };
  }
}

/** Whether an error says that somebody else writes the same log. */
export function isOtherWriter(error: unknown): boolean {
  return isStoreError(error, 'AlreadyExists');
}
