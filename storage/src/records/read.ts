import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import { parseSummaryKey, type RecordEntry, recordKey, type RecordRef, timeFolder } from './layout.ts';
import { type RecordedObject, recordFormat, type RecordSummary, type WorkflowRecord } from './record.ts';

const unzip = promisify(gunzip);
const mostCompressed = 256 * 1024 * 1024;
/** Of the record, compressed: what the summary is in. */
const headSize = 256 * 1024;
const summaryLimit = 1024 * 1024;

export interface ReadRecordOptions extends StoreOptions {
  /** Bytes of text; default 256 MiB. */
  limit?: number | undefined;
}

/**
 * Reads a record into memory, and checks that it is whole.
 *
 * @returns undefined when there is none
 * @throws StoreError Misconfigured when it is damaged or of another format, TooLarge
 */
export async function readRecord<
  W extends RecordedObject = RecordedObject,
  T extends RecordedObject = RecordedObject,
  E extends RecordedObject = RecordedObject,
>(
  store: ObjectStore,
  ref: RecordRef,
  { limit = 256 * 1024 * 1024, signal }: ReadRecordOptions = {},
): Promise<WorkflowRecord<W, T, E> | undefined> {
  const key = recordKey(ref);
  const url = `${store.url}/${key}`;
  const bytes = await found(readAll(store, key, { limit: Math.min(limit, mostCompressed), signal }));
  if (bytes === undefined) return undefined;
  const text = await unzip(bytes, { maxOutputLength: limit }).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new StoreError('TooLarge', url, `has more than ${limit} bytes of text`);
    throw new StoreError('Misconfigured', url, `is damaged: ${message}`, { cause: error });
  });
  const record = parsed(text.toString(), url) as WorkflowRecord<W, T, E>;
  checkFormat(record.format, url);
  const { counts, tasks, events } = record;
  if (counts.tasks === tasks.length && counts.events === events.length) return record;
  const has = `${tasks.length} of ${counts.tasks} tasks and ${events.length} of ${counts.events} events`;
  throw new StoreError('Misconfigured', url, `is damaged: it has ${has}`);
}

/**
 * The summary of a record, from its first bytes.
 *
 * @returns undefined when there is no record
 * @throws StoreError Misconfigured when it is damaged or of another format
 */
export async function readSummary(
  store: ObjectStore,
  ref: RecordRef,
  { signal }: StoreOptions = {},
): Promise<RecordSummary | undefined> {
  const key = recordKey(ref);
  const url = `${store.url}/${key}`;
  const head = await found(readAll(store, key, { limit: headSize, range: { offset: 0, length: headSize }, signal }));
  if (head === undefined) return undefined;
  // It may be cut anywhere.
  const text = await unzip(head, { finishFlush: constants.Z_SYNC_FLUSH }).catch((error: unknown) => {
    throw new StoreError('Misconfigured', url, `is damaged: ${(error as Error).message}`, { cause: error });
  });
  const end = text.indexOf(',\n');
  if (end < 0) throw new StoreError('Misconfigured', url, 'is damaged: it has no summary');
  const { format, summary } = parsed(`${text.subarray(0, end).toString()}}`, url) as WorkflowRecord;
  checkFormat(format, url);
  return summary;
}

/** Reads the summary that an entry of a list names; undefined when it was deleted since. */
export async function readEntry(
  store: ObjectStore,
  { key }: RecordEntry,
  { signal }: StoreOptions = {},
): Promise<RecordSummary | undefined> {
  const bytes = await found(readAll(store, key, { limit: summaryLimit, signal }));
  return bytes === undefined ? undefined : (parsed(bytes.toString(), `${store.url}/${key}`) as RecordSummary);
}

/** Namespaces that have records, in their order. */
export async function* archivedNamespaces(store: ObjectStore, options: StoreOptions = {}): AsyncGenerator<string> {
  for await (const { folders } of store.list(timeFolder, { ...options, shallow: true })) {
    for (const folder of folders) yield folder.slice(timeFolder.length, -1);
  }
}

export interface ListRecordsOptions extends StoreOptions {
  /** Only ends at this time or later. */
  from?: Date | undefined;
  /** Only ends before this time. */
  before?: Date | undefined;
}

/**
 * Entries of a namespace's records, the latest first, without reading the records. Costs a few requests for each day that
 * has some; ends early without having read the rest.
 */
export async function* listRecords(
  store: ObjectStore,
  namespace: string,
  { from, before, signal }: ListRecordsOptions = {},
): AsyncGenerator<RecordEntry> {
  const isInside = (day: string): boolean =>
    isBetween(day.slice(timeFolder.length + namespace.length + 1), from, before);
  for await (const day of daysBelow(store, `${timeFolder}${namespace}/`, 3, isInside, signal)) {
    const entries: RecordEntry[] = [];
    for await (const { objects } of store.list(day, { signal })) {
      for (const { key } of objects) {
        const entry = parseSummaryKey(key);
        if (entry === undefined) continue;
        if ((from !== undefined && entry.completionTime < from) || (before && entry.completionTime >= before)) continue;
        entries.push(entry);
      }
    }
    yield* entries.toReversed();
  }
}

/** Folders `depth` levels down (years, months, days), the last first. */
async function* daysBelow(
  store: ObjectStore,
  folder: string,
  depth: number,
  isInside: (folder: string) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const below: string[] = [];
  for await (const { folders } of store.list(folder, { shallow: true, signal })) below.push(...folders);
  for (const each of below.toReversed().filter(isInside)) {
    if (depth === 1) yield each;
    else yield* daysBelow(store, each, depth - 1, isInside, signal);
  }
}

/** Whether a folder such as `2026/`, `2026/03/` or `2026/03/09/` can have ends in a span of time. */
function isBetween(folder: string, from: Date | undefined, before: Date | undefined): boolean {
  const cut = (time: Date): string =>
    `${time.toISOString().slice(0, 10).replaceAll('-', '/')}/`.slice(0, folder.length);
  return (from === undefined || folder >= cut(from)) && (before === undefined || folder <= cut(before));
}

async function found<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StoreError('Misconfigured', url, 'is damaged: it is no JSON', { cause: error });
  }
}

function checkFormat(format: string, url: string): void {
  if (format === recordFormat) return;
  throw new StoreError('Misconfigured', url, `has format ${JSON.stringify(format)}; this reader knows ${recordFormat}`);
}
