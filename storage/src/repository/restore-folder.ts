import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../file/walk.ts';
import type { Entry } from './page.ts';
import { sizeOf } from './page.ts';
import { RepositoryError } from './repository-error.ts';
import { type FileWriter, replaceError } from './write-files.ts';

/** The folder that a version is restored to. Never goes through links below it. */
export class RestoreFolder {
  readonly #root: string;
  /** Folders that were seen to be folders, by their path. */
  readonly #folders = new Set<string>(['']);

  constructor(root: string) {
    this.#root = root;
  }

  /** A name to write to first, on the same file system, and the one that it gets; their folder is there. */
  async placeFor(path: string): Promise<{ name: string; place: string }> {
    const above = dirnameOf(path);
    await this.#ensureFolder(above);
    const name = join(this.#root, above, `.osmo-${randomUUID()}.part`);
    return { name, place: join(this.#root, path) };
  }

  /** An empty file, an empty folder, or a link. */
  async makeEmpty(entry: Entry): Promise<void> {
    if (entry.kind === 'folder') {
      await this.#ensureFolder(entry.path);
      return;
    }
    const { name, place } = await this.placeFor(entry.path);
    if (entry.kind === 'link') await symlink(entry.target ?? '', name);
    else await makeFile(name, 0, entry.mode);
    await replace(name, place);
  }

  /** Whether exactly this is there already. */
  async has(entry: Entry, writer: FileWriter): Promise<boolean> {
    try {
      if (!(await this.#isFolder(dirnameOf(entry.path)))) return false;
      const place = join(this.#root, entry.path);
      const stats = await lstat(place);
      if (entry.kind === 'folder') return stats.isDirectory();
      if (entry.kind === 'link') return stats.isSymbolicLink() && (await readlink(place)) === entry.target;
      if (!stats.isFile() || stats.size !== sizeOf(entry) || (stats.mode & 0o777) !== (entry.mode & 0o777))
        return false;
      const { chunks } = entry;
      const sizes = chunks.map(({ size }) => size);
      return await writer.hasChunks(place, { sizes, digests: Buffer.concat(chunks.map(({ digest }) => digest)) });
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false;
      throw error;
    }
  }

  async #isFolder(path: string): Promise<boolean> {
    if (this.#folders.has(path)) return true;
    if (!(await this.#isFolder(dirnameOf(path)))) return false;
    if (!(await lstat(join(this.#root, path))).isDirectory()) return false;
    this.#folders.add(path);
    return true;
  }

  async #ensureFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await this.#ensureFolder(dirnameOf(path));
    const place = join(this.#root, path);
    try {
      await mkdir(place);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      if (!(await lstat(place)).isDirectory()) {
        throw new RepositoryError('Refused', `${place}: is there and no folder; remove it to restore into it`, {
          cause: error,
        });
      }
    }
    this.#folders.add(path);
  }
}

interface Draft {
  name: string;
  place: string;
  /** Chunks that aren't written yet. */
  missing: number;
}

/** Files that come in several groups of chunks, and aren't visible under their names yet. */
export class Drafts {
  readonly #target: RestoreFolder;
  readonly #drafts = new Map<Entry, Promise<Draft>>();

  constructor(target: RestoreFolder) {
    this.#target = target;
  }

  /** The name under which a file is written to, which is there, of its length. */
  async nameOf(entry: Entry): Promise<string> {
    let draft = this.#drafts.get(entry);
    if (draft === undefined) {
      draft = this.#begin(entry);
      this.#drafts.set(entry, draft);
    }
    return (await draft).name;
  }

  /** @returns whether that was all of the file, which then has its name */
  async wrote(entry: Entry, chunks: number): Promise<boolean> {
    const draft = await this.#drafts.get(entry);
    if (draft === undefined) return false;
    draft.missing -= chunks;
    if (draft.missing > 0) return false;
    await chmod(draft.name, entry.mode & 0o777);
    await replace(draft.name, draft.place);
    this.#drafts.delete(entry);
    return true;
  }

  /** Removes what isn't whole. */
  async discard(): Promise<void> {
    const made = await Promise.allSettled(this.#drafts.values());
    this.#drafts.clear();
    for (const draft of made) if (draft.status === 'fulfilled') await rm(draft.value.name, { force: true });
  }

  async #begin(entry: Entry): Promise<Draft> {
    const { name, place } = await this.#target.placeFor(entry.path);
    await makeFile(name, sizeOf(entry), 0o600);
    return { name, place, missing: entry.chunks.length };
  }
}

function dirnameOf(path: string): string {
  const above = dirname(path);
  return above === '.' ? '' : above;
}

async function makeFile(name: string, size: number, mode: number): Promise<void> {
  const file = await open(name, 'wx', 0o600);
  try {
    if (size > 0) await file.truncate(size);
    await file.chmod(mode & 0o777);
  } catch (error) {
    await rm(name, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function replace(name: string, place: string): Promise<void> {
  try {
    await rename(name, place);
  } catch (error) {
    await rm(name, { force: true });
    const what = replaceError(error, place);
    throw what instanceof RangeError ? new RepositoryError('Refused', what.message, { cause: error }) : what;
  }
}
