import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type KeyRule, nameProblem } from '../keys.ts';

/** Folder of unfinished uploads, in the root: on the same file system, and a name that no object has. */
export const uploads = '.uploads';

/** Whether an error of the file system has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as { code?: string } | undefined)?.code ?? '');
}

/** Names of a folder as they sort in keys, sub-folders with their '/'. A folder that isn't there has none. */
export async function entriesOf(path: string, keys: KeyRule): Promise<{ name: string; isFolder: boolean }[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
  return (
    entries
      // Names that no key can have are not ours: unfinished uploads, what the file system or an editor leaves.
      .filter(({ name }) => (keys === 'plain' ? !name.startsWith('.') : nameProblem(name) === undefined))
      .filter((entry) => entry.isDirectory() || entry.isFile())
      .map((entry) => ({
        name: entry.isDirectory() ? `${entry.name}/` : entry.name,
        isFolder: entry.isDirectory(),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  );
}

/**
 * Keys of all files below a folder, in their order. Holds the names of one folder per level.
 *
 * @param folder '' or a key that ends with '/'
 * @param after only keys behind this one; whole sub-folders before it aren't read
 */
export async function* keysBelow(
  root: string,
  folder: string,
  { after = '', keys }: { after?: string | undefined; keys: KeyRule },
): AsyncGenerator<string> {
  for (const { name, isFolder } of await entriesOf(join(root, folder), keys)) {
    const key = `${folder}${name}`;
    if (key === `${uploads}/`) continue;
    if (!isFolder && key > after) yield key;
    if (isFolder && (key > after || after.startsWith(key))) yield* keysBelow(root, key, { after, keys });
  }
}
