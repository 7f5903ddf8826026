import { randomUUID } from 'node:crypto';
import { link, open, rename, stat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './walk.ts';

/** Whoever holds the lock needs milliseconds; after this it has died. */
const staleMs = 60_000;
const askAgainMs = 5;

/**
 * Does something while nobody else who uses the same lock does, in any process of this machine.
 *
 * @param lock path of a file that nobody else makes, in a folder that exists
 */
export async function exclusively<T>(lock: string, act: () => Promise<T>): Promise<T> {
  while (!(await isTaken(lock))) {
    await breakStale(lock);
    await sleep(askAgainMs);
  }
  try {
    return await act();
  } finally {
    await unlink(lock);
  }
}

async function isTaken(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o640);
    await file.close();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Removes a lock that was left behind; not one that somebody took after we had looked. */
async function breakStale(lock: string): Promise<void> {
  const stats = await stat(lock).catch(() => undefined);
  if (stats === undefined || Date.now() - stats.mtimeMs < staleMs) return;
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
    if ((await stat(aside)).ino !== stats.ino) await link(aside, lock).catch(() => undefined);
    await unlink(aside);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
