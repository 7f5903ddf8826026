import { constants, type Dirent } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../file/walk.ts';
import { checkPath, comparePaths, staysInside } from './paths.ts';
import { RepositoryError } from './repository-error.ts';
import type { FolderSource, TreeEntry } from './types.ts';

/** Something to commit, before it is read. */
export type SourceItem =
  | { kind: 'file'; path: string; mode: number; size: number; file: string }
  | { kind: 'stream'; path: string; mode: number; size: number; open: () => AsyncIterable<Uint8Array> }
  | { kind: 'link'; path: string; mode: number; target: string }
  | { kind: 'folder'; path: string; mode: number };

export function isFolderSource(tree: AsyncIterable<TreeEntry> | FolderSource): tree is FolderSource {
  return 'folder' in tree;
}

/**
 * What is in a folder, in the order of paths. Holds the names of one folder per level. Links that stay in the folder are links,
 * others and what is no file are left out; folders are taken only when nothing is in them.
 *
 * @throws RepositoryError Refused for a name that isn't UTF-8, naming it
 */
export async function* itemsOfFolder(source: FolderSource): AsyncGenerator<SourceItem> {
  // Only this one must be there; what is in it may go meanwhile.
  await readdir(source.folder);
  yield* walk(source, '');
}

/** @param above path of the folder with its '/', or '' */
async function* walk(source: FolderSource, above: string): AsyncGenerator<SourceItem> {
  const { folder, filter = () => true, onSkip } = source;
  const entries = await readNames(join(folder, above));
  const sorted = entries
    .map((entry) => ({ entry, name: textOf(entry.name, above) }))
    .toSorted((a, b) => comparePaths(a.name, b.name));
  for (const { entry, name } of sorted) {
    const path = `${above}${name}`;
    if (entry.isDirectory()) {
      let empty = true;
      for await (const item of walk(source, `${path}/`)) {
        empty = false;
        yield item;
      }
      if (empty && filter(path) && (await isEmpty(join(folder, path)))) {
        yield { kind: 'folder', path, mode: await modeOf(join(folder, path)) };
      }
      continue;
    }
    if (!filter(path)) continue;
    const item = await itemOf(join(folder, path), path);
    if (typeof item === 'string') onSkip?.(path, item);
    else yield item;
  }
}

async function itemOf(file: string, path: string): Promise<SourceItem | string> {
  try {
    const stats = await lstat(file);
    const mode = stats.mode & 0o7777;
    if (stats.isFile()) return { kind: 'file', path, mode, size: stats.size, file };
    if (!stats.isSymbolicLink()) return 'is neither a file nor a folder nor a link';
    const target = await readlink(file);
    return staysInside(path, target)
      ? { kind: 'link', path, mode: 0o777, target }
      : 'is a link that leads out of the folder';
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'was deleted meanwhile';
    throw error;
  }
}

async function readNames(folder: string): Promise<Dirent<Buffer>[]> {
  try {
    return await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder)).length === 0;
}

async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode & 0o7777;
}

function textOf(name: Buffer, above: string): string {
  const text = name.toString();
  if (Buffer.from(text).equals(name)) return text;
  throw new RepositoryError(
    'Refused',
    `a file in ${JSON.stringify(above || '.')}: its name ${JSON.stringify(name.toString('latin1'))} isn't UTF-8; rename it`,
  );
}

/** Entries of a stream in the order of paths. Holds all of them, not their contents. @throws RepositoryError Refused */
export async function* itemsOfStream(tree: AsyncIterable<TreeEntry>): AsyncGenerator<SourceItem> {
  const items: SourceItem[] = [];
  for await (const entry of tree) {
    const { path, size, mode = 0o644 } = entry;
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RepositoryError('Refused', `path ${JSON.stringify(path)}: size ${size} must be an integer ≥ 0`);
    }
    items.push({ kind: 'stream', path: checkPath(path), mode: mode & 0o7777, size, open: () => entry.open() });
  }
  yield* items.toSorted((a, b) => comparePaths(a.path, b.path));
}

/** How a file is opened to be read: not through a link, and without waiting for who writes into a pipe. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
