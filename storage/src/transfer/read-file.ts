import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { hasCode } from '../file/walk.ts';
import { isWithin } from './local-files.ts';

/** A file that can't be uploaded, though the store would take it. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
}

/** It differs from what it was when its reading began. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

const readSize = 256 * 1024;

/**
 * Opens a file, and makes sure of what was opened: whoever may write to the folder can put a link in its place, or in that of
 * a folder above it, at any moment.
 *
 * @throws FileProblem when it is gone, may not be read, is no file or lies out of `root`
 */
export async function openWithin(path: string, root: string): Promise<{ file: FileHandle; stats: BigIntStats }> {
  let file: FileHandle;
  try {
    // Opening a pipe that nobody writes to would never end.
    // oxlint-disable-next-line no-bitwise
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw new FileProblem('is gone', { cause: error });
    if (hasCode(error, 'EACCES', 'EPERM', 'ENXIO')) throw new FileProblem('may not be read', { cause: error });
    throw error;
  }
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new FileProblem('is no file any more');
    const opened = await readlink(`/proc/self/fd/${file.fd}`).catch(() => realpath(path));
    if (!isWithin(opened, root)) throw new FileProblem('is a link that leads out of the folder');
    return { file, stats };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The bytes of an open file, as they were when `stats` were taken.
 *
 * @throws FileChanged at the end when it was written to meanwhile
 */
export async function* bytesOf(
  file: FileHandle,
  stats: BigIntStats,
  { signal, onPiece }: { signal: AbortSignal; onPiece: (bytes: number) => void },
): AsyncGenerator<Uint8Array> {
  const size = Number(stats.size);
  for (let position = 0; position < size;) {
    signal.throwIfAborted();
    const buffer = Buffer.allocUnsafe(Math.min(readSize, size - position));
    // oxlint-disable-next-line no-await-in-loop
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, position);
    if (bytesRead === 0) throw new FileChanged('became shorter');
    position += bytesRead;
    onPiece(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
  const now = await file.stat({ bigint: true });
  if (now.size !== stats.size || now.mtimeNs !== stats.mtimeNs) throw new FileChanged('was written to');
}
