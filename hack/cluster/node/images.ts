import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ImageArchive } from '../../images/node-images.ts';
import { poll } from '../system/poll.ts';
import type { Layout } from './layout.ts';
import { runInNode } from './namespace.ts';

const ctr = ['ctr', '--namespace', 'k8s.io', 'images'];

/**
 * Imports a docker-archive into the node's containerd, so that its images are there under their names, and by their digests
 * as if they had been pulled: else the kubelet knows no digest of what runs, and nobody could ask for it again.
 *
 * @throws RunError with containerd's message.
 */
export async function importArchive(layout: Layout, file: string): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`${file}: no such file`);
  await runInNode(layout, [...ctr, 'import', path]);
  await nameByDigests(layout);
}

/**
 * Lets a name stand for the image that another name, or a digest, stands for now.
 *
 * @throws RunError with containerd's message, also when there is no such image.
 */
export async function tagImage(layout: Layout, image: string, name: string): Promise<void> {
  await runInNode(layout, [...ctr, 'tag', '--force', image, name]);
  await nameByDigests(layout);
}

/** Gives every image that has a name and a tag a name with its digest, unless it has one. */
async function nameByDigests(layout: Layout): Promise<void> {
  const { stdout } = await runInNode(layout, [...ctr, 'list']);
  for (const { image, name } of digestNames(stdout)) {
    // oxlint-disable-next-line no-await-in-loop
    await runInNode(layout, [...ctr, 'tag', '--force', image, name]);
  }
}

/**
 * Names with digests that are missing, from the table that `ctr images list` prints: a line an image, with its name, its type
 * and its digest first.
 */
export function digestNames(table: string): { image: string; name: string }[] {
  const rows = table.split('\n').map((line) => line.split(/\s+/));
  const known = new Set(rows.map(([image = '']) => image));
  return rows.flatMap(([image = '', , digest = '']) => {
    const repository = /^([^@]+\/[^@]+):[^:/@]+$/.exec(image)?.[1];
    const name = `${repository}@${digest}`;
    return repository === undefined || !digest.startsWith('sha256:') || known.has(name) ? [] : [{ image, name }];
  });
}

/**
 * Imports archives, with their aliases, unless that was done before under this key. The mark is part of containerd's data.
 *
 * @returns the names, or undefined when they were there.
 */
export async function importOnce(
  layout: Layout,
  key: string,
  archives: () => Promise<ImageArchive[]>,
): Promise<string[] | undefined> {
  const mark = join(layout.data, 'containerd', `imported-${key}`);
  if (existsSync(mark)) return undefined;
  const found = await archives();
  for (const { file, names, aliases = [] } of found) {
    await importArchive(layout, file);
    for (const alias of aliases) await tagImage(layout, names[0] ?? '', alias);
  }
  const all = found.flatMap(({ names, aliases = [] }) => [...names, ...aliases]);
  writeFileSync(mark, all.join('\n'));
  return all;
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
