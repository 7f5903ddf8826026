import { type Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { hasCode } from '../file/walk.ts';

/** Something that is found in a folder: a file, or what can't be taken for one. */
export interface Found {
  /** Below the folder, with '/'. Where the name is no UTF-8 text, what can be shown of it. */
  path: string;
  kind: 'file' | 'ignored' | 'unreadable';
  /** Why it is unreadable. */
  why?: string;
}

/**
 * All that is in a folder and its sub-folders, in no order. Links to files that lead to somewhere within `root` are files;
 * no other link is followed. Holds the names of one folder per level.
 *
 * @param root the real path that links may not lead out of
 */
export async function* filesIn(folder: string, root: string, below = ''): AsyncGenerator<Found> {
  let entries: Dirent<Buffer>[];
  try {
    entries = await readdir(join(folder, below), { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    // A folder that is removed while it is walked has nothing in it; the one that was asked for must be there.
    if (below !== '' && hasCode(error, 'ENOENT', 'ENOTDIR')) return;
    if (below === '' || !hasCode(error, 'EACCES', 'EPERM')) throw error;
    yield { path: below, kind: 'unreadable', why: 'may not be read' };
    return;
  }
  for (const entry of entries) {
    const name = entry.name.toString();
    const path = `${below}${name}`;
    if (!Buffer.from(name).equals(entry.name)) yield { path, kind: 'unreadable', why: 'its name is no UTF-8 text' };
    else if (entry.isDirectory()) yield* filesIn(folder, root, `${path}/`);
    else if (entry.isFile()) yield { path, kind: 'file' };
    else yield { path, kind: await kindOfLink(entry.isSymbolicLink(), join(folder, path), root) };
  }
}

/** Whether a real path is a folder or in it. */
export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

async function kindOfLink(isLink: boolean, path: string, root: string): Promise<'file' | 'ignored'> {
  if (!isLink) return 'ignored';
  try {
    const [target, stats] = await Promise.all([realpath(path), stat(path)]);
    return stats.isFile() && isWithin(target, root) ? 'file' : 'ignored';
  } catch {
    return 'ignored';
  }
}
