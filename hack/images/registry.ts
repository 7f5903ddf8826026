import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cluster/system/cache.ts';
import { run } from '../cluster/system/run.ts';
import type { ImageArchive } from './node-images.ts';
import type { StandIn } from './stand-ins.ts';

/** Whether Docker Hub answers at all (401 is its way of saying hello). */
export async function registryAnswers(ask: typeof fetch = fetch, timeoutMs = 2500): Promise<boolean> {
  try {
    const { status } = await ask('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(timeoutMs) });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}

/**
 * The real images that stand-ins stand for, from the cache or pulled now: of each stand-in the first name, which gets the
 * others as aliases. Undefined when the registry doesn't answer or a pull fails: then stand-ins must do for all.
 *
 * @param pull puts image `name` into docker-archive `file`
 */
export async function realArchives(
  images: readonly StandIn[],
  say: (line: string) => void,
  { answers = registryAnswers, pull = pullImage, environment = process.env } = {},
): Promise<ImageArchive[] | undefined> {
  if (environment['OSMO_BASE_IMAGES'] === 'stand-ins') return undefined;
  const folder = join(cacheFolder(environment), 'images');
  const archives = images.map(({ names: [name = '', ...aliases] }) => ({
    file: join(folder, `real-${name.replaceAll(/[^a-z0-9.-]/g, '-')}.tar`),
    names: [name],
    aliases,
  }));
  const missing = archives.filter(({ file }) => !existsSync(file));
  if (missing.length > 0 && !(await answers())) return undefined;
  mkdirSync(folder, { recursive: true });
  for (const { file, names } of missing) {
    const [name = ''] = names;
    say(`images: pulling ${name}`);
    try {
      const draft = `${file}.${process.pid}.part`;
      await pull(name, draft);
      renameSync(draft, file);
    } catch (error) {
      say(`images: ${error instanceof Error ? error.message : String(error)}; stand-ins instead of real base images`);
      return undefined;
    }
  }
  return archives;
}

/** Pulls with buildah, whose storage is thrown away afterwards. */
async function pullImage(name: string, file: string): Promise<void> {
  const scratch = mkdtempSync(join(cacheFolder(process.env), 'images', '.pull-'));
  const storage = ['--root', join(scratch, 'root'), '--runroot', join(scratch, 'run'), '--storage-driver', 'vfs'];
  try {
    await run('buildah', [...storage, 'pull', '--quiet', name]);
    await run('buildah', [...storage, 'push', name, `docker-archive:${file}:${name}`]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
