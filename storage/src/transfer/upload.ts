import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../file/walk.ts';
import { nameProblem } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { eachOf } from './each.ts';
import { filesIn, isWithin } from './local-files.ts';
import { pathFilter } from './path-filter.ts';
import { bytesOf, FileChanged, FileProblem, openWithin } from './read-file.ts';
import { retried } from './retry.ts';
import { Tally } from './tally.ts';
import type { TransferOptions, TransferResult } from './types.ts';

/** A file or folder of this machine that is uploaded. */
export interface Source {
  path: string;
  /** Name below the prefix; absent: a file's own name, and nothing for a folder, so that its contents come directly there. */
  as?: string | undefined;
  /** Real path of a folder that it must lie in, whatever links on the way there say at the moment of reading. */
  within?: string | undefined;
}

/** A file that may be uploaded. */
export interface SourceFile {
  /** Key in the store. */
  key: string;
  size: number;
  modified: Date;
}

export interface UploadOptions extends TransferOptions {
  /** Whether to leave out a file, for instance since its object is there already. */
  shouldSkip?: ((file: SourceFile) => boolean | Promise<boolean>) | undefined;
}

/** One file on its way. */
interface Item {
  /** On this machine. */
  file: string;
  /** What its folder is really called; what is opened must be within it. */
  root: string;
  /** In the store. */
  key: string;
  /** For people. */
  path: string;
  kind: 'file' | 'ignored' | 'unreadable';
  why?: string;
}

/**
 * Uploads files and folders, one object for each file, over what has the same keys; other objects stay. A file that changes
 * while it is read is read once more. An object appears whole or not at all.
 *
 * @param store opened with `keys: 'any'`
 * @param prefix put before every key, '' or with or without a '/' at its end
 * @returns what was done; a link to a file within its folder counts as that file, and no other is followed
 * @throws TransferError when some files could not be uploaded though the store works; StoreError; `signal.reason`
 */
export async function uploadTree(
  store: ObjectStore,
  prefix: string,
  sources: readonly Source[],
  options: UploadOptions = {},
): Promise<TransferResult> {
  const { concurrency = 8, signal } = options;
  const taken = pathFilter(options.regex);
  const items = (): AsyncGenerator<Item> => itemsOf(folderOf(prefix), sources, taken);
  const tally = new Tally(options.onProgress, options.count === true ? await totalsOf(items(), signal) : undefined);
  await eachOf(items(), { concurrency, signal }, async (item, stop) => {
    const problem = item.kind === 'unreadable' ? (item.why ?? 'may not be read') : nameProblem(item.key);
    if (item.kind === 'ignored') tally.ignored(item.path);
    else if (problem !== undefined) tally.problem(item.path, problem);
    else await uploadOne(store, item, { ...options, signal: stop }, tally);
  });
  return tally.result();
}

/** A prefix as a folder: '' or ending with one '/'. */
export function folderOf(prefix: string): string {
  const bare = prefix.replace(/^\/+|\/+$/g, '');
  return bare === '' ? '' : `${bare}/`;
}

async function uploadOne(
  store: ObjectStore,
  item: Item,
  options: UploadOptions & { signal: AbortSignal },
  tally: Tally,
): Promise<void> {
  for (let readings = 1; ; readings++) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      await retried(options, () => send(store, item, options, tally));
      return;
    } catch (error) {
      if (error instanceof FileProblem) return tally.problem(item.path, error.message);
      if (!(error instanceof FileChanged)) throw error;
      if (readings >= 2) return tally.problem(item.path, `${error.message} while it was read, twice`);
    }
  }
}

async function send(
  store: ObjectStore,
  item: Item,
  options: UploadOptions & { signal: AbortSignal },
  tally: Tally,
): Promise<void> {
  const { signal } = options;
  const { file, stats } = await openWithin(item.file, item.root);
  let moved = 0;
  try {
    const size = Number(stats.size);
    if (await isThere(store, { key: item.key, size, modified: new Date(Number(stats.mtimeMs)) }, options)) {
      tally.skipped(size);
      return;
    }
    const onPiece = (bytes: number): void => {
      moved += bytes;
      tally.moved(bytes);
    };
    await store.put(item.key, bytesOf(file, stats, { signal, onPiece }), { signal });
    tally.done(size);
  } catch (error) {
    tally.moved(-moved);
    throw error;
  } finally {
    await file.close();
  }
}

async function isThere(
  store: ObjectStore,
  file: SourceFile,
  { shouldSkip, resume, signal }: UploadOptions,
): Promise<boolean> {
  if (shouldSkip !== undefined && (await shouldSkip(file))) return true;
  if (resume !== true) return false;
  const info = await store.head(file.key, { signal });
  return info !== undefined && info.size === file.size && info.modified.getTime() >= file.modified.getTime();
}

async function* itemsOf(
  folder: string,
  sources: readonly Source[],
  taken: (path: string) => boolean,
): AsyncGenerator<Item> {
  for (const { path: source, as, within } of sources) {
    const [root, stats] = await Promise.all([realpath(source), stat(source)]).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
      throw new RangeError(`${source}: there is no such file or folder`, { cause: error });
    });
    if (within !== undefined && !isWithin(root, within)) throw new RangeError(`${source}: leads out of ${within}`);
    if (!stats.isDirectory()) {
      const name = as ?? basename(source);
      yield { file: source, root: dirname(root), key: `${folder}${name}`, path: name, kind: 'file' };
      continue;
    }
    const below = folderOf(as ?? '');
    for await (const { path, kind, why } of filesIn(source, root)) {
      if (!taken(path)) continue;
      const item: Item = { file: join(source, path), root, key: `${folder}${below}${path}`, path, kind };
      yield { ...item, ...(why !== undefined && { why }) };
    }
  }
}

async function totalsOf(
  items: AsyncIterable<Item>,
  signal: AbortSignal | undefined,
): Promise<{ totalFiles: number; totalBytes: number }> {
  const totals = { totalFiles: 0, totalBytes: 0 };
  for await (const { kind, file } of items) {
    signal?.throwIfAborted();
    const stats = kind === 'file' ? await stat(file).catch(() => undefined) : undefined;
    if (stats === undefined) continue;
    totals.totalFiles += 1;
    totals.totalBytes += stats.size;
  }
  return totals;
}
