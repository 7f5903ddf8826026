import type { FolderSource, TreeEntry } from '@osmo/storage/repository';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isStorageUrl, withPlace } from '../../data/open.ts';
import { type LocalSource, localSource } from '../../data/sources.ts';
import type { Session } from '../../session.ts';
import { objectsAt, pathBelow } from '../data/objects.ts';

/** Something that goes into a version: a path of this machine or a URL, and the folder of the version that it goes to. */
export interface Source {
  text: string;
  /** '' for the version itself. */
  into: string;
}

/** What is committed, and how much that is. */
export interface Contents {
  tree: AsyncIterable<TreeEntry> | FolderSource;
  /** Where a folder goes. */
  at?: string;
  totalFiles: number;
  totalBytes: number;
}

/**
 * Finds what goes into a version. Folders are taken as they are: with links that stay in them, empty folders and permissions; of URLs each object
 * is copied.
 *
 * @param taken which files, by their path below the folder or URL
 * @throws Failure when there is no such thing
 */
export async function contentsOf(
  session: Session,
  sources: readonly Source[],
  taken: (path: string) => boolean,
): Promise<Contents> {
  const [only, ...others] = sources;
  const local = only === undefined || isStorageUrl(only.text) ? undefined : localSource(session, only.text);
  if (only !== undefined && others.length === 0 && local?.kind === 'folder') {
    const totals = await totalsOf(filesIn(local, taken));
    const onSkip = (path: string, why: string): void => session.note(`Left out ${path}: it ${why}`);
    const at = joined(only.into, local.as);
    return { tree: { folder: local.path, filter: taken, onSkip }, ...(at !== '' && { at }), ...totals };
  }
  const entries: TreeEntry[] = [];
  for (const source of sources) {
    const found = isStorageUrl(source.text)
      ? objectEntries(session, source, taken)
      : fileEntries(source, localSource(session, source.text), taken);
    // oxlint-disable-next-line no-await-in-loop
    for await (const entry of found) entries.push(entry);
  }
  return {
    // oxlint-disable-next-line typescript/require-await
    tree: (async function* each() {
      yield* entries;
    })(),
    totalFiles: entries.length,
    totalBytes: entries.reduce((sum, { size }) => sum + size, 0),
  };
}

const joined = (...parts: readonly string[]): string =>
  parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/');

async function totalsOf(files: AsyncIterable<{ size: number }>): Promise<{ totalFiles: number; totalBytes: number }> {
  const totals = { totalFiles: 0, totalBytes: 0 };
  for await (const { size } of files) {
    totals.totalFiles++;
    totals.totalBytes += size;
  }
  return totals;
}

/** Regular files of a folder, or the one file, with their paths below it. */
async function* filesIn(
  source: LocalSource,
  taken: (path: string) => boolean,
): AsyncGenerator<{ file: string; path: string; size: number; mode: number }> {
  if (source.kind === 'file') {
    const { size, mode } = await lstat(source.path);
    yield { file: source.path, path: basename(source.path), size, mode };
    return;
  }
  const waiting = [''];
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    // oxlint-disable-next-line no-await-in-loop
    for (const entry of await readdir(join(source.path, below), { withFileTypes: true })) {
      const path = `${below}${entry.name}`;
      if (entry.isDirectory()) waiting.push(`${path}/`);
      if (!entry.isFile() || !taken(path)) continue;
      const file = join(source.path, path);
      // oxlint-disable-next-line no-await-in-loop
      const { size, mode } = await lstat(file);
      yield { file, path, size, mode };
    }
  }
}

async function* fileEntries(
  { into }: Source,
  source: LocalSource,
  taken: (path: string) => boolean,
): AsyncGenerator<TreeEntry> {
  for await (const { file, path, size, mode } of filesIn(source, taken))
    yield {
      path: source.kind === 'file' ? joined(into, path) : joined(into, source.as, path),
      size,
      mode: mode & 0o777,
      open: () => createReadStream(file),
    };
}

async function* objectEntries(
  session: Session,
  { text, into }: Source,
  taken: (path: string) => boolean,
): AsyncGenerator<TreeEntry> {
  const { signal } = session.host;
  const contents = text.endsWith('/*');
  const url = contents ? text.slice(0, -2) : text;
  const found = await withPlace(session, url, async (store, place) => {
    const objects: { key: string; path: string; size: number }[] = [];
    for await (const page of objectsAt(store, place, { signal }))
      for (const { key, size } of page.objects) {
        const below = pathBelow(place, key);
        // What consoles of stores make to show a folder.
        if (key.endsWith('/') && size === 0) continue;
        const isOne = key === place.replace(/\/+$/, '');
        if (!isOne && !taken(below)) continue;
        const folder = contents || isOne ? '' : (place.split('/').findLast((part) => part !== '') ?? '');
        objects.push({ key, path: joined(into, folder, below), size });
      }
    return objects;
  });
  for (const { key, path, size } of found) yield { path, size, open: () => bytesOf(session, url, key) };
}

/** The bytes of one object. Stores are cheap to open, and this one must live only while it is read. */
async function* bytesOf(session: Session, url: string, key: string): AsyncGenerator<Uint8Array> {
  const { openPlace } = await import('@osmo/storage/transfer');
  const { accessTo } = await import('../../data/open.ts');
  const { store } = await openPlace(url, await accessTo(session, url));
  try {
    const { body } = await store.get(key, { signal: session.host.signal });
    yield* body;
  } finally {
    await store.close();
  }
}
