import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { size } from './words.ts';

const linesAtMost = 20;

/** What is directly in a folder, for people: at most 20 lines, folders with a '/' at their end. */
export async function treeOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  const shown = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, linesAtMost);
  const lines = await Promise.all(
    shown.map(async (entry) => {
      if (entry.isDirectory()) return `  ${entry.name}/`;
      const stats = await stat(join(folder, entry.name)).catch(() => undefined);
      return `  ${entry.name}${stats === undefined ? '' : `  ${size(stats.size)}`}`;
    }),
  );
  return entries.length > shown.length ? [...lines, `  … and ${entries.length - shown.length} more`] : lines;
}

/** Whether there is anything but folders in a folder. */
export async function hasFiles(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => !entry.isDirectory())) return true;
  for (const entry of entries) {
    // The first one that has some ends the search.
    // oxlint-disable-next-line no-await-in-loop
    if (await hasFiles(join(folder, entry.name))) return true;
  }
  return false;
}
