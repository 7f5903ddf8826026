import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { endKey, logFolder, type LogRef, segmentKey } from './layout.ts';
import { type LinePiece, linesOf, timeOfLine } from './lines.ts';
import type { Recall, RecentLines } from './recent.ts';
import { SegmentText } from './segment-text.ts';
import { type LogEnd, segmentLimit, type StoredPart, storedPart } from './stored.ts';

/** Times of lines may go back by so much, ms; above it between two files of a log, one is missing. */
const overlapMs = 1_000;
const defaultSegmentBytes = 4 * 1024 * 1024;
// Beside the event loop: compressing is most of the work.
const compress = promisify(gzip);

export interface LogWriterOptions extends StoreOptions {
  /** Applied to each line before anything of it leaves the memory. */
  mask?: ((line: string) => string) | undefined;
  /** Bytes of text in a segment, at most 32 Mi; the memory that writing takes is about that, and twice that while it is stored. */
  segmentBytes?: number | undefined;
  /** Stores what there is so long after it came, ms, for readers; needs `setTimeout`. Absent: when a segment is full. */
  flushMs?: number | undefined;
  /** Does what compresses and stores a segment, perhaps later: of many writers only a few should at once. */
  turn?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
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
  readonly #text = new SegmentText();
  /** Bytes of it that are stored. */
  #kept = 0;
  #lost = false;
  /** What came last without its newline, and may go on in the next file of the log. */
  #rest = '';
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

  /**
   * From when on the log has to be read, RFC 3339 in whole seconds; undefined: from its first line. A second before the last
   * line: the clock of a log goes back a little where one file of it follows another.
   */
  get since(): string | undefined {
    const { latest } = this.#stored.recent;
    return latest === undefined ? undefined : `${new Date(secondOf(latest) - overlapMs).toISOString().slice(0, 19)}Z`;
  }

  /**
   * Takes more of the log: from its first line, or from any moment up to `since`. What is known already is passed over, so
   * that no line is there twice. Where none of what is known comes again, the kubelet shows another file than before; then
   * something between may be missing, and the log is marked as lost. What came is stored when this ends, in whatever way.
   *
   * @param isLast what is behind the last newline is a line too; else it may have been cut off, and is left out
   * @throws StoreError; whatever `bytes` throws
   */
  async append(bytes: AsyncIterable<Uint8Array>, { isLast = false } = {}): Promise<Appended> {
    const { mask = (line: string) => line, segmentBytes } = this.#options;
    const pass = new PassOver(this.#stored.recent);
    let foreign: string | undefined;
    let skips = false;
    const begin = (raw: string): string => {
      const time = timeOfLine(raw);
      const text = mask(raw);
      if (time === undefined) foreign ??= text.slice(0, 256);
      skips = time === undefined || pass.isKnown(time, text);
      if (skips || time === undefined) return '';
      const joined = pass.isOtherFile && this.#rest !== '' ? mask(`${this.#rest}${textOf(raw)}`) : text;
      if (pass.isOtherFile) this.#nextFile(time);
      this.#stored.recent.add(time, text);
      return joined;
    };
    const take = async (piece: LinePiece, isCut: boolean): Promise<void> => {
      const text = piece.continues ? mask(piece.text) : begin(piece.text);
      if (skips) return;
      this.#text.add(isCut ? text : `${text}\n`);
      this.#schedule();
      if (this.#text.size >= segmentBytes) await this.flush();
    };
    try {
      let held: LinePiece | undefined;
      for await (const piece of linesOf(bytes)) {
        if (held !== undefined) await take(held, true);
        held = piece.ended ? undefined : piece;
        if (piece.ended) await take(piece, false);
      }
      // A line that is long enough to have been cut has been begun; it needs its end.
      if (held !== undefined && (isLast || held.continues)) await take(held, false);
      else this.#rest = held?.text ?? '';
    } finally {
      await this.flush();
    }
    return { foreign };
  }

  /** The kubelet shows the file after the one that was read: right after it, or after others that nobody has read. */
  #nextFile(time: string): void {
    const { latest = time } = this.#stored.recent;
    if (secondOf(time) - secondOf(latest) > overlapMs) this.#lost = true;
    this.#rest = '';
  }

  /** Stores what is in memory. @throws StoreError */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const { turn = <T>(work: () => Promise<T>) => work() } = this.#options;
    const next = this.#writing.then(() => (this.#text.size === this.#kept ? undefined : turn(() => this.#put())));
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
      segments: segments + (this.#text.size === 0 ? 0 : 1),
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
    const { size } = this.#text;
    if (size === this.#kept) return;
    const { segmentBytes, signal } = this.#options;
    const key = segmentKey(this.#folder, this.#stored.segments);
    const isNew = this.#kept === 0;
    const body = await compress(this.#text.first(size));
    await this.#store.put(key, body, { contentType: 'application/gzip', signal, ...(isNew && { ifAbsent: true }) });
    this.#kept = size;
    if (size < segmentBytes) return;
    this.#stored.segments++;
    this.#text.drop(size);
    this.#kept = 0;
  }
}

/** Tells lines of a stream that are known from those that are not: these come behind the others. */
class PassOver {
  readonly #recall: ((time: string, line: string) => Recall) | undefined;
  #hasMet = false;
  #isOver: boolean;
  /** Set for the first new line when no known one came before it. */
  isOtherFile = false;

  constructor(recent: RecentLines) {
    this.#recall = recent.recall();
    this.#isOver = this.#recall === undefined;
  }

  isKnown(time: string, line: string): boolean {
    this.isOtherFile = false;
    if (this.#isOver) return false;
    const recall = this.#recall?.(time, line);
    if (recall === 'known') this.#hasMet = true;
    if (recall !== 'new') return true;
    this.#isOver = true;
    this.isOtherFile = !this.#hasMet;
    return false;
  }
}

/** Milliseconds of a time, without what is less than a second. */
function secondOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`);
}

/** A line without its time. */
function textOf(line: string): string {
  return line.slice(line.indexOf(' ') + 1);
}

/** Whether an error says that somebody else writes the same log. */
export function isOtherWriter(error: unknown): boolean {
  return isStoreError(error, 'AlreadyExists');
}
