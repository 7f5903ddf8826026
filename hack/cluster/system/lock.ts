import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Runs `action` while holding an exclusive kernel lock on `file` (created when missing), so that two processes never do
 * it at once. The lock lives in a small flock(1) process that ends when its stdin closes: a killed owner can't leave
 * the lock behind.
 *
 * @param onWait called once when another process holds the lock.
 * @throws Error when flock(1) is missing.
 */
export async function withLock<T>(file: string, action: () => Promise<T>, onWait?: () => void): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn('flock', ['-x', file, '-c', 'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let timer: NodeJS.Timeout | undefined;
  if (onWait) timer = setTimeout(onWait, 1000);
  try {
    await new Promise<void>((done, failed) => {
      holder.once('error', (error) => failed(new Error(`cannot lock ${file}: flock (util-linux): ${error.message}`)));
      holder.once('exit', (code) => failed(new Error(`cannot lock ${file}: flock ended with ${code}`)));
      holder.stdout.once('data', () => done());
    });
    clearTimeout(timer);
    return await action();
  } finally {
    clearTimeout(timer);
    holder.removeAllListeners('exit');
    holder.stdin.destroy();
    holder.kill('SIGKILL');
  }
}
