import { mkdir, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { leave } from '../continued.ts';
import { hasCode } from '../file/walk.ts';
import { nameProblem } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import { PartSlots } from '../send-parts.ts';
import { eachOf } from './each.ts';
import { fetchParts, type PartsFetch } from './fetch-parts.ts';
import { pathFilter } from './path-filter.ts';
import { retried } from './retry.ts';
import { Tally } from './tally.ts';
import type { TransferOptions, TransferResult } from './types.ts';
import { folderOf } from './upload.ts';
import { type Draft, draftsFolder, TargetFolder, TargetProblem } from './write-file.ts';

/** Objects of at least two of these come in several ranges at once. */
const defaultPartSize = 32 * 1024 * 1024;

/** One object on its way. */
interface Item {
  info: ObjectInfo;
  /** Below the target. */
  path: string;
}

/**
 * Downloads all objects of a folder of a store, each to the file of the same path below `target`, over what is there; or the
 * one object that the folder's name is the key of. A file appears whole, under its name, with the time of its object. With
 * `resume` a file that was begun is continued where it ended. A large object comes in several ranges at once.
 *
 * @param store opened with `keys: 'any'`
 * @param folder '' or with or without a '/' at its end
 * @param target a folder, which is made; nothing is ever written out of it
 * @throws TransferError when some objects could not be files though the store works; StoreError, NotFound when there is no
 *   object at all; `signal.reason`; errors of the file system, of a full disk for instance
 */
export async function downloadTree(
  store: ObjectStore,
  folder: string,
  target: string,
  options: TransferOptions = {},
): Promise<TransferResult> {
  const { concurrency = 8, signal } = options;
  const items = await sourceOf(store, folder, options);
  const tally = new Tally(options.onProgress, options.count === true ? await totalsOf(items(), signal) : undefined);
  await mkdir(target, { recursive: true });
  const place = new TargetFolder(await realpath(target), options.resume === true);
  const fetch: Fetch = {
    store,
    place,
    tally,
    partSize: options.partSize ?? defaultPartSize,
    slots: new PartSlots(concurrency - 1),
  };
  try {
    await eachOf(items(), { concurrency, signal }, async (item, stop) => {
      const { info, path } = item;
      // What consoles of stores make to show a folder.
      if (path === '' || (path.endsWith('/') && info.size === 0)) return tally.ignored(path);
      const problem = path.split('/')[0] === draftsFolder ? 'is the name of unfinished downloads' : nameProblem(path);
      if (problem !== undefined) return tally.problem(path, problem);
      return downloadOne(fetch, item, { ...options, signal: stop });
    });
  } catch (error) {
    await place.leave();
    throw error;
  }
  await place.clear();
  return tally.result();
}

/** What all files of a download share. */
interface Fetch {
  store: ObjectStore;
  place: TargetFolder;
  tally: Tally;
  /** Bytes of the ranges in which large objects are fetched. */
  partSize: number;
  /** Ranges that may be under way beside one of each object. */
  slots: PartSlots;
}

async function downloadOne(
  fetch: Fetch,
  { info, path }: Item,
  options: TransferOptions & { signal: AbortSignal },
): Promise<void> {
  const { place, tally } = fetch;
  const { signal } = options;
  try {
    if (options.resume === true && (await place.has(path, info))) return tally.skipped(info.size);
    await retried(options, () => fetchOne(fetch, { info, path }, signal));
    tally.done(info.size);
  } catch (error) {
    if (error instanceof TargetProblem) tally.problem(path, error.message);
    else if (isStoreError(error, 'NotFound')) tally.problem(path, 'was deleted meanwhile');
    else if (hasCode(error, 'ENAMETOOLONG', 'EINVAL', 'EILSEQ')) tally.problem(path, "can't be a file here");
    else throw error;
  }
}

async function fetchOne(fetch: Fetch, { info, path }: Item, signal: AbortSignal): Promise<void> {
  const { store, place, tally, partSize, slots } = fetch;
  const isLarge = info.size >= 2 * partSize;
  const draft = isLarge ? await place.beginParts(path, info, partSize) : await place.begin(path, info);
  let moved = 0;
  const onMoved = (bytes: number): void => {
    moved += bytes;
    tally.moved(bytes);
  };
  const open = async (range: Range, stop: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
    const body = await unchanged(store, info, range, stop);
    if (body !== undefined) return body;
    throw new StoreError('Changed', `${store.url}/${info.key}`, 'was replaced while it was read');
  };
  try {
    if ('partSize' in draft) await fetchParts({ info: { ...info }, draft, slots, signal, open, onMoved });
    else await fetchRest({ info, draft, signal, open, onMoved });
    await draft.finish();
  } catch (error) {
    tally.moved(-moved);
    if (isStoreError(error, 'Changed')) await draft.discard();
    throw error;
  } finally {
    await draft.close();
  }
}

/** What a draft that is written from its beginning hasn't. */
async function fetchRest({
  info,
  draft,
  signal,
  open,
  onMoved,
}: Omit<PartsFetch, 'draft' | 'slots'> & { draft: Draft }) {
  if (draft.offset > 0 && draft.offset === info.size) return onMoved(draft.offset);
  const body = await open({ offset: draft.offset }, signal);
  onMoved(draft.offset);
  for await (const piece of body) {
    await draft.write(piece);
    onMoved(piece.byteLength);
  }
}

type Range = { offset: number; length?: number };

/** A range of an object; undefined when it was replaced since `info`, which then says what it is now. */
async function unchanged(
  store: ObjectStore,
  info: ObjectInfo,
  range: Range,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  let now: ObjectInfo | undefined;
  try {
    const isPart = range.offset > 0 || range.length !== undefined;
    const stored = await store.get(info.key, { ...(isPart && { range }), shortLived: true, signal });
    if (stored.info.etag === info.etag) return stored.body;
    now = stored.info;
    await leave(stored.body);
  } catch (error) {
    // It is shorter than what we have of it.
    if (!isStoreError(error, 'InvalidRange')) throw error;
    now = await store.head(info.key, { signal });
    if (now === undefined)
      throw new StoreError('NotFound', `${store.url}/${info.key}`, 'was deleted', { cause: error });
  }
  Object.assign(info, { etag: now.etag, size: now.size, modified: now.modified });
  return undefined;
}

/** What a folder of a store holds: the objects below it or, where there are none, the object itself. */
async function sourceOf(
  store: ObjectStore,
  folder: string,
  options: TransferOptions,
): Promise<() => AsyncGenerator<Item>> {
  const { signal } = options;
  const taken = pathFilter(options.regex);
  const below = folderOf(folder);
  const first = await retried(options, () => store.list(below, { pageSize: 1, signal })[Symbol.asyncIterator]().next());
  if (first.done !== true) return () => listed(store, below, taken, signal);
  const key = below.slice(0, -1);
  const info = key === '' ? undefined : await retried(options, () => store.head(key, { signal }));
  if (info === undefined)
    throw new StoreError('NotFound', `${store.url}/${key}`, 'there is no object of or below this name');
  return async function* one() {
    yield { info, path: basename(key) };
  };
}

async function* listed(
  store: ObjectStore,
  below: string,
  taken: (path: string) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item> {
  for await (const { objects } of store.list(below, { signal })) {
    for (const info of objects) {
      const path = info.key.slice(below.length);
      if (taken(path)) yield { info, path };
    }
  }
}

async function totalsOf(
  items: AsyncIterable<Item>,
  signal: AbortSignal | undefined,
): Promise<{ totalFiles: number; totalBytes: number }> {
  const totals = { totalFiles: 0, totalBytes: 0 };
  for await (const { info, path } of items) {
    signal?.throwIfAborted();
    if (path === '' || path.endsWith('/')) continue;
    totals.totalFiles += 1;
    totals.totalBytes += info.size;
  }
  return totals;
}
