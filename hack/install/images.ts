import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImageLayer, layerFromTar, layerOf, writeImage } from '../images/image-archive.ts';
import { type ImageSettings } from '../images/image-configuration.ts';
import { type Bundle } from './bundle.ts';
import { nodeEnvironment, nodeFlags } from './node-settings.ts';

/** Images of our programs in one docker-archive. */
export interface ImageArchive {
  file: string;
  /** Full names, as in a pod's spec. */
  names: string[];
  /** Says what is inside: another program or runtime gives another tag. */
  tag: string;
}

/** Settings of a build. */
export interface ImageOptions {
  /** The repository's folder. */
  root: string;
  version: string;
  /** What is below every program, lowest first. */
  runtime: readonly ImageLayer[];
  bundles: readonly Bundle[];
}

/** What the image of a program is called, without a tag. */
export const imageName = (program: string): string => `docker.io/osmo/${program}`;

const settings: ImageSettings = {
  user: '65532:65532',
  workingDirectory: '/app',
  entrypoint: ['/usr/bin/node', ...nodeFlags, '/app/main.js'],
  environment: { PATH: '/usr/bin', ...nodeEnvironment },
};

/**
 * The layer with the Node binary of the npm package `node`, at `/usr/bin/node`; made once for each version and kept in
 * `cache`.
 */
export async function nodeLayer(root: string, cache: string): Promise<ImageLayer> {
  const source = join(root, 'node_modules/node');
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const file = join(cache, `node-${version}-${process.arch}.tar`);
  if (existsSync(file)) return layerFromTar(file);
  mkdirSync(cache, { recursive: true });
  return inTemporaryFolder(async (tree) => {
    mkdirSync(join(tree, 'usr/bin'), { recursive: true });
    copyFileSync(join(source, 'bin/node'), join(tree, 'usr/bin/node'));
    openToAll(tree, 'usr', 'usr/bin', 'usr/bin/node');
    return layerOf(tree, file);
  });
}

/**
 * Puts every program on the runtime's layers and writes all images into one archive below `dist/images`, which `docker load`
 * and `ctr images import` take. An archive that is there already is taken as it is; former ones are removed.
 *
 * @throws RunError when tar(1) fails.
 */
export async function buildImages({ root, version, runtime, bundles }: ImageOptions): Promise<ImageArchive> {
  const inside = [runtime.map((layer) => layer.digest), settings, bundles.map(({ name, hash }) => [name, hash])];
  const hash = createHash('sha256').update(JSON.stringify(inside)).digest('hex');
  const tag = `${version}-${hash.slice(0, 12)}`;
  const folder = join(root, 'dist/images');
  const file = join(folder, `osmo-${tag}.tar`);
  const nameOf = (bundle: Bundle): string => `${imageName(bundle.name)}:${tag}`;
  const names = bundles.map(nameOf);
  if (existsSync(file)) return { file, names, tag };
  mkdirSync(folder, { recursive: true });
  await inTemporaryFolder(async (work) => {
    const images = bundles.map(async (bundle) => ({
      names: [nameOf(bundle)],
      layers: [...runtime, await programLayer(bundle, work)],
      config: settings,
    }));
    await writeImage(file, await Promise.all(images));
  });
  for (const old of readdirSync(folder)) {
    if (old.endsWith('.tar') && join(folder, old) !== file) rmSync(join(folder, old));
  }
  return { file, names, tag };
}

/** `/app` with the program; the source maps stay outside, they are larger than the program. */
async function programLayer(bundle: Bundle, work: string): Promise<ImageLayer> {
  const tree = join(work, bundle.name);
  mkdirSync(join(tree, 'app'), { recursive: true });
  for (const name of bundle.files) copyFileSync(join(bundle.directory, name), join(tree, 'app', name));
  openToAll(tree, 'app');
  for (const name of bundle.files) chmodSync(join(tree, 'app', name), 0o644);
  return layerOf(tree, join(work, `${bundle.name}.tar`));
}

/** Readable and executable by every user, whatever the umask here is; the programs run as none that owns anything. */
function openToAll(tree: string, ...paths: string[]): void {
  for (const path of ['', ...paths]) chmodSync(join(tree, path), 0o755);
}

async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'osmo-images-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
