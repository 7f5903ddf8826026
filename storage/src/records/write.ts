import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ObjectStore, StoreOptions } from '../object-store.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import { recordKey, summaryKey } from './layout.ts';
import { readSummary } from './read.ts';
import { type RanImage, type RecordedObject, recordFormat, type RecordSummary } from './record.ts';

/** A record that is to be written; lists may be longer than memory. */
export interface RecordSource {
  summary: RecordSummary;
  workflow: RecordedObject;
  tasks: AsyncIterable<RecordedObject>;
  events: AsyncIterable<RecordedObject> | Iterable<RecordedObject>;
  /** The image of a task and the one that ran, if it ran. */
  imageOf: (task: RecordedObject) => { image: string; imageIDs: readonly string[] };
}

export interface RecordWritten {
  /** URL of the record. */
  url: string;
  /** 'Present': it was there, from an attempt that didn't get to say so. 'Replaced': there was one of an earlier run. */
  outcome: 'Written' | 'Present' | 'Replaced';
}

/**
 * Writes the record of a finished workflow, once: when this resolves, the record and its entry by time are in the store.
 * May be called again at any time, for instance after a crash, and does then only what is missing. The store is asked
 * first, so that nothing is read while it can't be reached. Memory: one task or event, and the names of images.
 *
 * @throws StoreError; whatever reading the source throws, in which case nothing was written
 */
export async function writeRecord(
  store: ObjectStore,
  source: RecordSource,
  options: StoreOptions = {},
): Promise<RecordWritten> {
  const { summary } = source;
  const key = recordKey(summary);
  const outcome = await ensureRecord(store, key, source, options);
  const text = `${JSON.stringify(summary)}\n`;
  await store.put(entryKey(summary), Buffer.from(text), { ...options, contentType: 'application/json' });
  return { url: `${store.url}/${key}`, outcome };
}

async function ensureRecord(
  store: ObjectStore,
  key: string,
  source: RecordSource,
  options: StoreOptions,
): Promise<RecordWritten['outcome']> {
  const former = (await store.head(key, options)) && (await readSummary(store, source.summary, options));
  if (former !== undefined && isSameEnd(former, source.summary)) return 'Present';
  if (former === undefined) {
    try {
      await put(store, key, source, { ...options, ifAbsent: true });
      return 'Written';
    } catch (error) {
      if (!isStoreError(error, 'AlreadyExists')) throw error;
      // By a lost answer of ours, or by a leader before us; all who write this end write the same.
      return 'Present';
    }
  }
  await put(store, key, source, options);
  if (entryKey(former) !== entryKey(source.summary)) await store.delete(entryKey(former), options);
  return 'Replaced';
}

async function put(
  store: ObjectStore,
  key: string,
  source: RecordSource,
  options: StoreOptions & { ifAbsent?: boolean },
): Promise<void> {
  const { size } = await store.put(key, compressed(source), { ...options, contentType: 'application/gzip' });
  const found = await store.head(key, options);
  if (found?.size === size) return;
  const what = found === undefined ? 'is not there' : `has ${found.size} bytes`;
  throw new StoreError('Unavailable', `${store.url}/${key}`, `${what} after ${size} bytes were stored`);
}

async function* compressed(source: RecordSource): AsyncGenerator<Uint8Array> {
  const gzip = createGzip();
  const text = Readable.from(piecesOf(source));
  text.once('error', (error) => gzip.destroy(error));
  text.pipe(gzip);
  try {
    for await (const piece of gzip) yield piece as Uint8Array;
  } finally {
    text.destroy();
    gzip.destroy();
  }
}

/**
 * The record as JSON text, the summary first, so that it can be read without the rest, and each task and event on a line of
 * its own, so that they can be read one by one.
 */
async function* piecesOf({ summary, workflow, tasks, events, imageOf }: RecordSource): AsyncGenerator<string> {
  const images = new Map<string, Set<string>>();
  const counts = { tasks: 0, events: 0 };
  yield `{"format":${JSON.stringify(recordFormat)},"summary":${JSON.stringify(summary)},\n`;
  yield `"workflow":${JSON.stringify(workflow)},\n"tasks":[`;
  for await (const task of tasks) {
    yield `${counts.tasks++ === 0 ? '' : ','}\n${JSON.stringify(task)}`;
    const { image, imageIDs } = imageOf(task);
    const ran = images.get(image) ?? new Set<string>();
    for (const imageID of imageIDs) ran.add(imageID);
    if (ran.size > 0) images.set(image, ran);
  }
  yield `\n],\n"events":[`;
  for await (const event of events) yield `${counts.events++ === 0 ? '' : ','}\n${JSON.stringify(event)}`;
  yield `\n],\n"images":${JSON.stringify(imageList(images))},\n"counts":${JSON.stringify(counts)}}\n`;
}

function imageList(images: ReadonlyMap<string, ReadonlySet<string>>): RanImage[] {
  const names = [...images.keys()].toSorted();
  return names.map((image) => ({ image, imageIDs: [...(images.get(image) ?? [])].toSorted() }));
}

function isSameEnd(a: RecordSummary, b: RecordSummary): boolean {
  return a.run === b.run && a.completionTime === b.completionTime;
}

function entryKey(summary: RecordSummary): string {
  return summaryKey({ ...summary, completionTime: new Date(summary.completionTime) });
}
