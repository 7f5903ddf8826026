import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cluster/system/cache.ts';
import { withLock } from '../cluster/system/lock.ts';
import { run } from '../cluster/system/run.ts';

/**
 * A program of one of Debian's packages: the installed one, else from the package, unpacked in the cache. It isn't installed, which on
 * a machine with services would start one.
 *
 * @param path below the root, such as `usr/sbin/nginx`
 * @throws Error when apt has no such package, or can't load it
 */
export async function debianProgram(name: string, path: string): Promise<string> {
  const installed = join('/', path);
  if (existsSync(installed)) return installed;
  const folder = join(cacheFolder(process.env), name);
  const program = join(folder, 'root', path);
  mkdirSync(folder, { recursive: true });
  await withLock(join(folder, '.lock'), async () => {
    if (existsSync(program)) return;
    const download = ['apt-get', '-o', 'Acquire::Retries=5', 'download', name];
    const { code } = await run('env', ['-C', folder, ...download], { allowFailure: true });
    if (code !== 0) {
      await run('apt-get', ['update', '--quiet', '-o', 'Acquire::Retries=5'], { allowFailure: true });
      await run('env', ['-C', folder, ...download]);
    }
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb')) ?? '';
    await run('dpkg-deb', ['--extract', join(folder, archive), join(folder, 'root')]);
  });
  return program;
}
