import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LockOptions {
  /** Called once when another process holds the lock. */
  onWait?: (() => void) | undefined;
  /** Remove the file after a successful action; who waits for it meanwhile goes on with a new one. */
  remove?: boolean | undefined;
}

/**
 * Runs `action` while holding an exclusive kernel lock on `file` (created when missing), so that two processes never do
 * it at once. The lock lives in a small process that ends when its stdin closes: a killed owner can't leave the lock
 * behind.
 *
 * @throws Error when flock(1) is missing.
 */
export async function withLock<T>(
  file: string,
  action: () => Promise<T>,
  { onWait, remove = false }: LockOptions = {},
): Promise<T> {
  const timer = onWait && setTimeout(onWait, 1000);
  let lock: Lock | undefined;
  try {
    do lock = await acquire(file);
    while (lock === undefined);
    clearTimeout(timer);
    const result = await action();
    if (remove) rmSync(file, { force: true });
    return result;
  } finally {
    clearTimeout(timer);
    lock?.release();
  }
}

interface Lock {
  release(): void;
}

/** A lock on a file that was removed while we waited for it is one on nothing: whoever comes next makes another file. */
const script = `exec 9>>"$1" && flock -x 9 || exit 1
[ "$(stat -c %i "$1" 2>/dev/null)" = "$(stat -L -c %i /dev/fd/9)" ] || { echo removed; exit 0; }
echo locked; exec cat`;

/** The lock; undefined when the file was removed meanwhile. */
async function acquire(file: string): Promise<Lock | undefined> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn('sh', ['-c', script, 'sh', file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = await new Promise<string>((done, failed) => {
    holder.once('error', (error) => failed(new Error(`cannot lock ${file}: sh: ${error.message}`)));
    holder.once('close', (code) => failed(new Error(`cannot lock ${file}: flock (util-linux) ended with ${code}`)));
    holder.stdout.setEncoding('utf8').once('data', done);
  });
  holder.removeAllListeners('close');
  const release = (): void => {
    holder.stdin.destroy();
    holder.kill('SIGKILL');
  };
  if (said.startsWith('locked')) return { release };
  release();
  return undefined;
}
