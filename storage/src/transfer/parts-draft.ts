import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';

/** A file that is written in parts, in any order, and which of them it has. */
export interface PartsDraft {
  /** Bytes of a part; the last may be shorter. */
  readonly partSize: number;
  isDone(part: number): boolean;
  write(piece: Uint8Array, position: number): Promise<void>;
  /** Remembers, also for a later run, that all of a part was written. */
  keep(part: number): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
  /** Forgets what is there. */
  discard(): Promise<void>;
  close(): Promise<void>;
}

export interface PartsDraftOptions {
  /** Where the file is until it is whole; beside it lies which parts it has. */
  draft: string;
  size: number;
  partSize: number;
  /** A later run may go on with it, even one after a loss of power. */
  lasts: boolean;
  /** Makes the draft a file under its name. */
  giveName: () => Promise<void>;
}

// oxlint-disable-next-line no-bitwise
const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/** Opens a draft in parts, or goes on with the one that is there. */
export async function openPartsDraft({
  draft,
  size,
  partSize,
  lasts,
  giveName,
}: PartsDraftOptions): Promise<PartsDraft> {
  const listed = `${draft}.parts`;
  const count = Math.ceil(size / partSize);
  const file = await open(draft, flags, 0o666);
  let list: FileHandle;
  try {
    list = await open(listed, flags, 0o666);
  } catch (error) {
    await file.close();
    throw error;
  }
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await Promise.all([file.close(), list.close()]);
  };
  // A byte for each part, 1 when it is there. The list of a file of another length is of no use.
  const done = Buffer.alloc(count);
  try {
    if ((await file.stat()).size === size) await list.read(done, 0, count, 0);
    else {
      await list.truncate(0);
      await file.truncate(0);
      await file.truncate(size);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    partSize,
    isDone: (part) => done[part] === 1,
    write: async (piece, position) => {
      for (let at = 0; at < piece.byteLength;) {
        // oxlint-disable-next-line no-await-in-loop
        at += (await file.write(piece, at, piece.byteLength - at, position + at)).bytesWritten;
      }
    },
    keep: async (part) => {
      // What the list says must be true, whatever reaches the disk first.
      if (lasts) await file.datasync();
      done[part] = 1;
      await list.write(done, part, 1, part);
    },
    finish: async () => {
      await close();
      await giveName();
      await rm(listed, { force: true });
    },
    discard: async () => {
      await close();
      await Promise.all([rm(draft, { force: true }), rm(listed, { force: true })]);
    },
    close,
  };
}
