import { randomUUID } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../file/walk.ts';
import { fetchChunks, type FetchOptions } from './fetch-chunks.ts';
import type { ChunkRef, Entry } from './page.ts';
import { sizeOf } from './page.ts';
import { RepositoryError } from './repository-error.ts';
import { readFlags } from './source.ts';
import type { StoredVersion } from './stored-version.ts';
import type { RestoreOptions } from './types.ts';

interface Part extends ChunkRef {
  entry: Entry;
  /** Place of this chunk in the file. */
  number: number;
  offset: number;
}

/** Writes the files of a version below a folder. Memory: what is fetched ahead. */
export async function restoreVersion(
  version: StoredVersion,
  folder: string,
  fetch: FetchOptions,
  options: RestoreOptions,
): Promise<{ files: number; bytes: number; skipped: number }> {
  const { filter = () => true, prefix = '', resume = false, concurrency, signal, onProgress } = options;
  const done = { files: 0, bytes: 0, skipped: 0 };
  const target = new Target(folder);
  await mkdir(folder, { recursive: true });
  const progress = (): void => onProgress?.({ files: done.files + done.skipped, bytes: done.bytes });

  /** Chunks of the files to be written, in order; what has none is made here. */
  async function* parts(): AsyncGenerator<Part> {
    for await (const entry of version.entries({ prefix, signal })) {
      signal?.throwIfAborted();
      if (!filter(entry.path)) continue;
      if (resume && (await target.has(entry, fetch))) {
        done.skipped++;
        progress();
        continue;
      }
      if (entry.chunks.length === 0) {
        await target.makeEmpty(entry);
        if (entry.kind !== 'folder') done.files++;
        progress();
        continue;
      }
      let offset = 0;
      for (const [number, chunk] of entry.chunks.entries()) {
        yield { ...chunk, entry, number, offset };
        offset += chunk.size;
      }
    }
  }

  let draft: Draft | undefined;
  try {
    for await (const { item, plain } of fetchChunks(parts(), { ...fetch, concurrency, signal })) {
      if (item.number === 0) draft = await target.begin(item.entry);
      await draft?.write(plain, item.offset);
      done.bytes += plain.byteLength;
      if (item.number === item.entry.chunks.length - 1) {
        await draft?.finish();
        draft = undefined;
        done.files++;
      }
      progress();
    }
  } finally {
    await draft?.discard();
  }
  return done;
}

/** A file that isn't visible under its name yet. */
interface Draft {
  write(bytes: Buffer, offset: number): Promise<void>;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** The folder that is written to. Never goes through links below it. */
class Target {
  readonly #root: string;
  /** Folders that were seen to be folders, by their path. */
  readonly #folders = new Set<string>(['']);

  constructor(root: string) {
    this.#root = root;
  }

  async begin({ path, mode }: Entry): Promise<Draft> {
    const { name, place } = await this.#placeFor(path);
    const handle = await open(name, 'wx', 0o600);
    const close = async (): Promise<void> => handle.close();
    return {
      write: (bytes, offset) => writeAll(handle, bytes, offset),
      async finish() {
        await handle.chmod(mode & 0o777);
        await close();
        await replace(name, place);
      },
      async discard() {
        await close().catch(() => undefined);
        await rm(name, { force: true });
      },
    };
  }

  /** An empty file, an empty folder, or a link. */
  async makeEmpty(entry: Entry): Promise<void> {
    if (entry.kind === 'folder') {
      await this.#ensureFolder(entry.path);
      return;
    }
    if (entry.kind === 'file') {
      await (await this.begin(entry)).finish();
      return;
    }
    const { name, place } = await this.#placeFor(entry.path);
    await symlink(entry.target ?? '', name);
    await replace(name, place);
  }

  /** Whether exactly this is there already. */
  async has(entry: Entry, { blake3 }: FetchOptions): Promise<boolean> {
    try {
      if (!(await this.#isFolder(dirnameOf(entry.path)))) return false;
      const place = join(this.#root, entry.path);
      const stats = await lstat(place);
      if (entry.kind === 'folder') return stats.isDirectory();
      if (entry.kind === 'link') return stats.isSymbolicLink() && (await readlink(place)) === entry.target;
      if (!stats.isFile() || stats.size !== sizeOf(entry) || (stats.mode & 0o777) !== (entry.mode & 0o777))
        return false;
      const handle = await open(place, readFlags);
      try {
        for (const { digest, size } of entry.chunks) {
          const bytes = Buffer.allocUnsafe(size);
          const { bytesRead } = await handle.read(bytes, 0, size, null);
          if (bytesRead !== size || !blake3.digest(bytes).equals(digest)) return false;
        }
        return true;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false;
      throw error;
    }
  }

  /** A name to write to first, on the same file system. */
  async #placeFor(path: string): Promise<{ name: string; place: string }> {
    const above = dirnameOf(path);
    await this.#ensureFolder(above);
    const name = join(this.#root, above, `.osmo-${randomUUID()}.part`);
    return { name, place: join(this.#root, path) };
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

function dirnameOf(path: string): string {
  const above = dirname(path);
  return above === '.' ? '' : above;
}

async function writeAll(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    written += (await handle.write(bytes, written, bytes.byteLength - written, offset + written)).bytesWritten;
  }
}

async function replace(name: string, place: string): Promise<void> {
  try {
    await rename(name, place);
  } catch (error) {
    await rm(name, { force: true });
    if (!hasCode(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
    throw new RepositoryError('Refused', `${place}: is a folder; remove it to restore a file there`, { cause: error });
  }
}
