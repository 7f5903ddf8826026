import { createHash } from 'node:crypto';
import { cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle } from './bundle.ts';
import { run } from './run.ts';
import { digestOf, type Layer, runtimeLayers, writeTar } from './runtime-layers.ts';

/** Images of our programs in one docker-archive. */
export interface ImageArchive {
  file: string;
  /** Full names, as in a pod's spec. */
  names: string[];
  /** Says what is inside: another bundle or runtime gives another tag. */
  tag: string;
}

/** Settings of a build. */
export interface ImageOptions {
  root: string;
  /** Folder for what doesn't depend on our sources. */
  cache: string;
  version: string;
  bundles: readonly Bundle[];
}

/** What the images are called, without a tag. */
export const imageName = (program: string): string => `docker.io/osmo/${program}`;

/**
 * Puts every bundle on the runtime's layers and writes all images into one archive below `dist/images`, which `docker load`
 * and `ctr images import` take. An archive that is there already is taken as it is.
 *
 * @throws Error when a layer can't be made.
 */
export async function buildImages({ root, cache, version, bundles }: ImageOptions): Promise<ImageArchive> {
  const runtime = await runtimeLayers(root, cache);
  const hash = createHash('sha256').update(JSON.stringify([runtime.map((layer) => layer.diffId), imageConfig([])]));
  for (const bundle of bundles) hash.update(`${bundle.name} ${bundle.hash}\n`);
  const tag = `${version}-${hash.digest('hex').slice(0, 12)}`;
  const folder = join(root, 'dist/images');
  const file = join(folder, `osmo-${tag}.tar`);
  const names = bundles.map((bundle) => `${imageName(bundle.name)}:${tag}`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    await writeArchive(file, folder, runtime, bundles, names);
    for (const old of readdirSync(folder)) {
      if (old.endsWith('.tar') && join(folder, old) !== file) rmSync(join(folder, old));
    }
  }
  return { file, names, tag };
}

function imageConfig(diffIds: readonly string[]): object {
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: {
      User: '65532:65532',
      WorkingDir: '/app',
      Entrypoint: ['/usr/bin/node', '/app/main.js'],
      Env: ['PATH=/usr/bin', 'NODE_ENV=production', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
}

async function writeArchive(
  file: string,
  folder: string,
  runtime: readonly Layer[],
  bundles: readonly Bundle[],
  names: readonly string[],
): Promise<void> {
  const work = mkdtempSync(join(folder, 'work-'));
  try {
    const archive = join(work, 'archive');
    mkdirSync(archive);
    for (const layer of runtime) place(layer, archive);
    const manifest = [];
    for (const [index, bundle] of bundles.entries()) {
      const layers = [...runtime, await programLayer(bundle, work)];
      const config = JSON.stringify(imageConfig(layers.map((layer) => layer.diffId)));
      const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
      writeFileSync(join(archive, configName), config);
      const paths = layers.map((layer) => place(layer, archive));
      manifest.push({ Config: configName, RepoTags: [names[index]], Layers: paths });
    }
    writeFileSync(join(archive, 'manifest.json'), JSON.stringify(manifest));
    run('tar', ['--create', '--file', `${file}.part`, '--sort=name', '--mtime=@0', '-C', archive, '.']);
    renameSync(`${file}.part`, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** `/app` with the program; the source map stays outside, it is as large as the program. */
async function programLayer(bundle: Bundle, work: string): Promise<Layer> {
  const tree = join(work, bundle.name);
  mkdirSync(join(tree, 'app'), { recursive: true });
  for (const name of ['main.js', 'package.json']) cpSync(join(bundle.directory, name), join(tree, 'app', name));
  const file = join(work, `${bundle.name}.tar`);
  writeTar(tree, file);
  return { file, diffId: await digestOf(file) };
}

/** Puts a layer into the archive under its hash and gives its path there. */
function place(layer: Layer, archive: string): string {
  const name = `${layer.diffId.replace('sha256:', '')}.tar`;
  const target = join(archive, name);
  if (existsSync(target)) return name;
  try {
    linkSync(layer.file, target);
  } catch {
    // Hard links don't cross file systems.
    copyFileSync(layer.file, target);
  }
  return name;
}
