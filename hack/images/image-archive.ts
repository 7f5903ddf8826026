import { createHash } from 'node:crypto';
import {
  createReadStream,
  linkSync,
  mkdtempSync,
  copyFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from '../cluster/system/run.ts';
import { imageConfiguration, type ImageSettings } from './image-configuration.ts';

/** An uncompressed tar of a file system tree, one layer of images. */
export interface ImageLayer {
  /** Path of the tar. */
  tar: string;
  /** `sha256:<hex>` of the tar. */
  digest: string;
  /** Bytes. */
  size: number;
}

/** One image of an archive. */
export interface ImageSpec {
  /** Full names, such as `docker.io/library/busybox:latest`. */
  names: string[];
  /** Lowest first. */
  layers: ImageLayer[];
  config: ImageSettings;
}

/** How a tree is packed. */
export interface LayerOptions {
  /** Keeps owners, groups, times; default: everything is root's and from 1970, so the same tree gives the same digest. */
  keepMetadata?: boolean;
  /** Only these paths, relative to the tree, folders without what is in them. */
  paths?: string[];
}

/**
 * Packs the tree below `directory` into `file` (replaced as a whole).
 *
 * @throws RunError when tar(1) fails.
 */
export async function layerOf(directory: string, file: string, options: LayerOptions = {}): Promise<ImageLayer> {
  const draft = `${resolve(file)}.${process.pid}.part`;
  const plain = ['--mtime=@0', '--owner=0', '--group=0'];
  await run(
    'tar',
    [
      ...['--create', '--file', draft, '--directory', directory, '--sort=name', '--numeric-owner', '--format=gnu'],
      ...(options.keepMetadata ? [] : plain),
      ...(options.paths ? ['--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'] : ['.']),
    ],
    { ...(options.paths && { input: options.paths.map((path) => `${path}\0`).join('') }) },
  );
  renameSync(draft, file);
  return layerFromTar(file);
}

/** Describes a tar that exists. Reads it whole. */
export async function layerFromTar(tar: string): Promise<ImageLayer> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(tar), hash);
  return { tar: resolve(tar), digest: `sha256:${hash.digest('hex')}`, size: statSync(tar).size };
}

/**
 * Writes a docker-archive that `ctr images import`, `docker load` and `kind load image-archive` read. Images that share a
 * layer share it in the archive too. `output` is replaced as a whole.
 *
 * @throws RangeError for an image without name or layer; RunError when tar(1) fails.
 */
export async function writeImage(output: string, images: readonly ImageSpec[]): Promise<void> {
  const file = resolve(output);
  const staging = mkdtempSync(join(dirname(file), `.${basename(file)}.`));
  try {
    const layerFile = (layer: ImageLayer): string => `${layer.digest.slice('sha256:'.length)}.tar`;
    for (const layer of new Map(images.flatMap((image) => image.layers).map((one) => [one.digest, one])).values()) {
      linkOrCopy(layer.tar, join(staging, layerFile(layer)));
    }
    const manifest = images.map((image) => {
      if (image.names.length === 0) throw new RangeError('images[].names: at least one is needed');
      if (image.layers.length === 0) throw new RangeError(`${image.names[0]}: layers: at least one is needed`);
      const text = JSON.stringify(
        imageConfiguration(
          image.config,
          image.layers.map((layer) => layer.digest),
        ),
      );
      const config = `${createHash('sha256').update(text).digest('hex')}.json`;
      writeFileSync(join(staging, config), text);
      return { Config: config, RepoTags: image.names, Layers: image.layers.map(layerFile) };
    });
    writeFileSync(join(staging, 'manifest.json'), JSON.stringify(manifest));
    // The manifest comes first, so that a reader needs one pass.
    const draft = `${file}.${process.pid}.part`;
    const options = ['--create', '--file', draft, '--directory', staging, '--owner=0', '--group=0', '--mtime=@0'];
    // Layers may be hard links of one another's files elsewhere: pack the bytes, not the links.
    await run('tar', [
      ...options,
      '--hard-dereference',
      '--sort=name',
      'manifest.json',
      '--exclude=./manifest.json',
      '.',
    ]);
    renameSync(draft, file);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system.
    copyFileSync(from, to);
  }
}
