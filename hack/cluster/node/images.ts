import { existsSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { poll } from '../system/poll.ts';
import type { Layout } from './layout.ts';
import { runInNode } from './namespace.ts';

const ctr = ['ctr', '--namespace', 'k8s.io', 'images'];

/**
 * Imports a docker-archive into the node's containerd, so that its images are there under their names.
 *
 * @throws RunError with containerd's message.
 */
export async function importArchive(layout: Layout, file: string): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`${file}: no such file`);
  await runInNode(layout, [...ctr, 'import', path]);
}

/** Imports an archive of the cache unless that was done before. The mark is part of containerd's data. */
export async function importOnce(layout: Layout, archive: { file: string; names: string[] }): Promise<boolean> {
  const mark = join(layout.data, 'containerd', `imported-${basename(archive.file)}`);
  if (existsSync(mark)) return false;
  await importArchive(layout, archive.file);
  writeFileSync(mark, archive.names.join('\n'));
  return true;
}

/** Names of the images that the node has. */
export async function imageNames(layout: Layout): Promise<string[]> {
  return (await runInNode(layout, [...ctr, 'list', '--quiet'])).stdout.trim().split('\n');
}

/** Resolves when containerd answers. */
export async function containerdReady(layout: Layout): Promise<void> {
  await poll(
    'containerd',
    async () => (await runInNode(layout, ['ctr', 'version'], { timeoutMs: 5000 }), true as const),
    {
      timeoutMs: 60_000,
    },
  );
}
