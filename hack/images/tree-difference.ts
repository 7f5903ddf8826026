import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/**
 * Paths (relative, sorted) of `derived` that are missing in `base` or differ there in kind, mode, owner, link target or
 * content: what a layer on top of `base` must hold. Times don't count. What only `base` has is not told: a layer made of
 * this list adds and replaces, and removes nothing.
 */
export function treeDifference(base: string, derived: string): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(derived, folder)).toSorted()) {
      const path = join(folder, name);
      const now = lstatSync(join(derived, path));
      if (!sameEntry(join(base, path), join(derived, path), now)) found.push(path);
      if (now.isDirectory()) visit(path);
    }
  };
  visit('.');
  return found;
}

function sameEntry(before: string, after: string, now: Stats): boolean {
  const was = lstatSync(before, { throwIfNoEntry: false });
  if (!was || was.mode !== now.mode || was.uid !== now.uid || was.gid !== now.gid) return false;
  if (now.isSymbolicLink()) return readlinkSync(before) === readlinkSync(after);
  if (!now.isFile()) return true;
  return was.size === now.size && readFileSync(before).equals(readFileSync(after));
}
