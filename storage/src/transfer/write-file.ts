import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath, rename, rm, rmdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../file/walk.ts';
import type { ObjectInfo } from '../object-store.ts';
import { isWithin } from './local-files.ts';
import { openPartsDraft, type PartsDraft } from './parts-draft.ts';

/** Where files are until they are whole, in the target, so that they can be renamed into place. */
export const draftsFolder = '.osmo-download';
/** Folders that are known to be where they should. */
const mostKnown = 1000;

/** The target can't hold a file of that path. */
export class TargetProblem extends Error {
  override readonly name = 'TargetProblem';
}

/** A file that is being written. */
export interface Draft {
  /** Bytes that are there already. */
  readonly offset: number;
  write(piece: Uint8Array): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
  /** Forgets what is there. */
  discard(): Promise<void>;
  close(): Promise<void>;
}

/** A folder that files are downloaded to, which none of them leaves. */
export class TargetFolder {
  readonly #root: string;
  readonly #drafts: string;
  readonly #resume: boolean;
  readonly #known = new Set<string>();

  /** @param root real path */
  constructor(root: string, resume: boolean) {
    this.#root = root;
    this.#resume = resume;
    // Without resuming, of this run alone: another one may be downloading to the same folder.
    this.#drafts = join(root, draftsFolder, resume ? 'resume' : randomUUID());
  }

  /** Whether a file is there, of the size and time of its object. */
  async has(path: string, { size, modified }: ObjectInfo): Promise<boolean> {
    try {
      const stats = await lstat(join(this.#root, path));
      return stats.isFile() && stats.size === size && seconds(stats.mtime) === seconds(modified);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  }

  /** Begins a file, or continues it. @throws TargetProblem */
  async begin(path: string, info: ObjectInfo): Promise<Draft> {
    const { draft, target } = await this.#namesFor([path, info.key, info.etag, info.size]);
    // oxlint-disable-next-line no-bitwise
    const file = await open(draft, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o666);
    const { size } = await file.stat();
    if (size > info.size) await file.truncate(0);
    return draftOf(file, { draft, target, offset: size > info.size ? 0 : size, modified: info.modified });
  }

  /** Begins a file that comes in parts of so many bytes, or continues it. @throws TargetProblem */
  async beginParts(path: string, info: ObjectInfo, partSize: number): Promise<PartsDraft> {
    const { draft, target } = await this.#namesFor([path, info.key, info.etag, info.size, partSize]);
    const giveName = (): Promise<void> => named(draft, target, info.modified);
    return openPartsDraft({ draft, size: info.size, partSize, lasts: this.#resume, giveName });
  }

  /** @param version what tells a draft from others; first the path of its file */
  async #namesFor(version: readonly [string, ...unknown[]]): Promise<{ draft: string; target: string }> {
    const target = join(this.#root, version[0]);
    await this.#folder(dirname(target));
    await this.#folder(this.#drafts);
    const name = createHash('sha256').update(JSON.stringify(version)).digest('hex');
    return { draft: join(this.#drafts, name), target };
  }

  /** Forgets what wasn't finished, except where the next run continues it. */
  async leave(): Promise<void> {
    if (!this.#resume) await this.clear();
  }

  /** Forgets what wasn't finished. */
  async clear(): Promise<void> {
    await rm(this.#drafts, { recursive: true, force: true });
    // Unless somebody else is at it.
    await rmdir(dirname(this.#drafts)).catch(() => undefined);
  }

  /** Makes a folder and sees that it is within the target: a link there may lead anywhere. */
  async #folder(path: string): Promise<void> {
    if (this.#known.has(path)) return;
    try {
      await this.#checked(path);
    } catch (error) {
      if (!hasCode(error, 'ENOTDIR', 'EEXIST')) throw error;
      throw new TargetProblem('a file is where its folder should be', { cause: error });
    }
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.add(path);
  }

  async #checked(path: string): Promise<void> {
    // From above: what is below a link isn't made before the link is seen.
    const above = dirname(path);
    if (path !== this.#root && !this.#known.has(above)) await this.#folder(above);
    await mkdir(path, { recursive: true });
    if (!isWithin(await realpath(path), this.#root))
      throw new TargetProblem('its folder is a link that leads out of the target');
  }
}

function draftOf(
  file: FileHandle,
  { draft, target, offset, modified }: { draft: string; target: string; offset: number; modified: Date },
): Draft {
  let position = offset;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  return {
    offset,
    write: async (piece) => {
      for (let at = 0; at < piece.byteLength;) {
        // oxlint-disable-next-line no-await-in-loop
        const { bytesWritten } = await file.write(piece, at, piece.byteLength - at, position);
        at += bytesWritten;
        position += bytesWritten;
      }
    },
    finish: async () => {
      await close();
      await named(draft, target, modified);
    },
    discard: async () => {
      await close();
      await rm(draft, { force: true });
    },
    close,
  };
}

/** Gives a whole file its time and its name. @throws TargetProblem */
async function named(draft: string, target: string, modified: Date): Promise<void> {
  await utimes(draft, modified, modified);
  try {
    await rename(draft, target);
  } catch (error) {
    if (!hasCode(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
    throw new TargetProblem('a folder is where the file should be', { cause: error });
  }
}

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);
