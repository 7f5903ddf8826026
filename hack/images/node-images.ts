import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { components } from '../cluster/components/table.ts';
import { cacheFolder } from '../cluster/system/cache.ts';
import { withLock } from '../cluster/system/lock.ts';
import { baseLayer, layerRecipe, type BaseLayerName } from './base-layers.ts';
import { layerOf, writeImage, type ImageLayer } from './image-archive.ts';
import { pauseProgram } from './pause.ts';
import { standIns, systemImages } from './stand-ins.ts';

/** An archive in the cache, ready to be imported, with the names inside. */
export interface ImageArchive {
  file: string;
  names: string[];
  /** More names for the (only) image inside. */
  aliases?: string[];
}

/** Full name of the CoreDNS image. */
export const coreDnsImage = `${systemImages.coredns}:${components.coredns.version}`;

/**
 * The archive of what a node can't start without: the sandbox's pause program and CoreDNS.
 *
 * @param coreDnsProgram path of the static program
 */
export function systemArchive(coreDnsProgram: string): Promise<ImageArchive> {
  const names = [systemImages.pause, coreDnsImage];
  return archiveOf(`node-${components.coredns.version}-1`, names, async (folder, file) => {
    const pause = await treeLayer(join(folder, 'pause'), (tree) => {
      writeFileSync(join(tree, 'pause'), pauseProgram(process.arch), { mode: 0o755 });
    });
    const coredns = await treeLayer(join(folder, 'coredns'), (tree) => {
      copyFileSync(coreDnsProgram, join(tree, 'coredns'));
      chmodSync(join(tree, 'coredns'), 0o755);
    });
    await writeImage(file, [
      { names: [systemImages.pause], layers: [pause], config: { entrypoint: ['/pause'], user: '65535:65535' } },
      { names: [coreDnsImage], layers: [coredns], config: { entrypoint: ['/coredns'] } },
    ]);
  });
}

/** Changes when the table of stand-ins or the recipe of their layers does. */
export function standInKey(): string {
  const digest = createHash('sha256').update(JSON.stringify([standIns, layerRecipe]));
  return `base-${digest.digest('hex').slice(0, 16)}`;
}

/** The archive of the stand-ins for common base images (see `stand-ins.ts`). */
export async function standInArchive(say: (line: string) => void): Promise<ImageArchive> {
  const names = standIns.flatMap((image) => image.names);
  const layers = new Map<BaseLayerName, ImageLayer>();
  for (const name of new Set(standIns.flatMap((image) => image.layers))) layers.set(name, await baseLayer(name, say));
  const images = standIns.map(({ layers: wanted, config, names: all }) => ({
    names: all,
    config,
    layers: wanted.flatMap((name) => layers.get(name) ?? []),
  }));
  const digest = createHash('sha256').update(
    JSON.stringify(images.map(({ layers: own, ...rest }) => [rest, own.map((l) => l.digest)])),
  );
  return archiveOf(`stand-ins-${digest.digest('hex').slice(0, 16)}`, names, (_, file) => writeImage(file, images));
}

async function treeLayer(folder: string, fill: (tree: string) => void): Promise<ImageLayer> {
  const tree = `${folder}.tree`;
  mkdirSync(tree);
  fill(tree);
  return layerOf(tree, `${folder}.tar`);
}

async function archiveOf(
  key: string,
  names: string[],
  make: (scratch: string, file: string) => Promise<void>,
): Promise<ImageArchive> {
  const folder = join(cacheFolder(process.env), 'images');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${key}.tar`);
  if (!existsSync(file)) {
    await withLock(join(folder, `${key}.lock`), async () => {
      if (existsSync(file)) return;
      // What an interrupted process left; the lock says that none is at it now.
      const scratch = join(folder, `.${key}.scratch`);
      rmSync(scratch, { recursive: true, force: true });
      mkdirSync(scratch);
      try {
        await make(scratch, file);
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    });
  }
  return { file, names };
}
