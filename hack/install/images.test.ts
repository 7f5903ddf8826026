import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../cluster/system/run.ts';
import { type Bundle } from './bundle.ts';
import { buildImages, type ImageArchive, nodeLayer } from './images.ts';
import { nodeEnvironment, nodeFlags } from './node-settings.ts';

interface ManifestEntry {
  Config: string;
  RepoTags: string[];
  Layers: string[];
}
interface Config {
  architecture: string;
  config: { User: string; Entrypoint: string[] };
  rootfs: { diff_ids: string[] };
}

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osmo-images-'));
  mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
  writeFileSync(join(root, 'node_modules/node/package.json'), '{ "version": "24.0.0" }');
  writeFileSync(join(root, 'node_modules/node/bin/node'), 'node', { mode: 0o700 });
});
afterEach(() => rmSync(root, { recursive: true }));

function program(name: string, text: string): Bundle {
  const directory = join(root, 'dist', name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'main.js'), text);
  writeFileSync(join(directory, 'package.json'), '{}');
  const files = ['main.js', 'package.json'];
  return { name, directory, files, hash: createHash('sha256').update(text).digest('hex'), size: text.length };
}

const build = async (bundles: Bundle[]): Promise<ImageArchive> =>
  buildImages({ root, version: '1.2.3', runtime: [await nodeLayer(root, join(root, 'cache'))], bundles });
const both = (): Bundle[] => [program('controllers', 'one'), program('backend-operator', 'two')];
const tar = async (...args: string[]): Promise<string> => (await run('tar', args)).stdout;
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

async function unpack(archive: ImageArchive): Promise<{ manifest: ManifestEntry[]; read: (path: string) => Buffer }> {
  const folder = mkdtempSync(join(root, 'unpacked-'));
  await run('tar', ['-xf', archive.file, '-C', folder]);
  const read = (path: string): Buffer => readFileSync(join(folder, path));
  return { manifest: JSON.parse(read('manifest.json').toString()) as ManifestEntry[], read };
}

describe('an archive of images', () => {
  test('names an image for each program, and every digest in it is true', async () => {
    const archive = await build(both());
    const { manifest, read } = await unpack(archive);
    expect(manifest.map((entry) => entry.RepoTags)).toEqual([
      [`docker.io/osmo/controllers:${archive.tag}`],
      [`docker.io/osmo/backend-operator:${archive.tag}`],
    ]);
    expect(archive.names).toEqual(manifest.flatMap((entry) => entry.RepoTags));
    for (const entry of manifest) {
      const text = read(entry.Config);
      expect(`${sha256(text)}.json`).toBe(entry.Config);
      const config = JSON.parse(text.toString()) as Config;
      expect(config.rootfs.diff_ids).toEqual(entry.Layers.map((layer) => `sha256:${sha256(read(layer))}`));
      expect(config.config).toMatchObject({
        User: '65532:65532',
        Entrypoint: ['/usr/bin/node', ...nodeFlags, '/app/main.js'],
      });
    }
  });

  test('runs its programs as the Dockerfile does', () => {
    const dockerfile = readFileSync(join(import.meta.dirname, 'Dockerfile'), 'utf8');
    const variables = Object.entries(nodeEnvironment).map(([name, value]) => `${name}=${value}`);
    expect(dockerfile).toContain(`ENV ${variables.join(' ')}\n`);
    expect(dockerfile).toContain(`ENTRYPOINT ["/usr/bin/node", "${nodeFlags.join('", "')}", "/app/main.js"]`);
  });

  test('holds each program in its own image, readable by anyone, with nothing else on top', async () => {
    const { manifest, read } = await unpack(await build(both()));
    for (const [index, text] of ['one', 'two'].entries()) {
      const layer = join(root, `layer-${index}.tar`);
      writeFileSync(layer, read(manifest[index]!.Layers.at(-1)!));
      expect((await tar('-tf', layer)).trim().split('\n')).toEqual([
        './',
        './app/',
        './app/main.js',
        './app/package.json',
      ]);
      expect(await tar('-xOf', layer, './app/main.js')).toBe(text);
      expect(await tar('-tvf', layer, './app/main.js')).toMatch(/^-rw-r--r-- 0\/0/);
    }
  });

  test('has Node where every user can run it', async () => {
    const { tar: layer } = await nodeLayer(root, join(root, 'cache'));
    expect(await tar('-tvf', layer, './usr/bin/node')).toMatch(/^-rwxr-xr-x 0\/0/);
  });

  test('is the same for the same programs, bit by bit', async () => {
    const first = await build(both());
    const bytes = readFileSync(first.file);
    rmSync(first.file);
    const second = await build(both());
    expect(second).toEqual(first);
    expect(readFileSync(second.file).equals(bytes)).toBe(true);
  });

  test('is not written again when it is there', async () => {
    const { file } = await build(both());
    writeFileSync(file, 'as it was');
    await build(both());
    expect(readFileSync(file, 'utf8')).toBe('as it was');
  });

  test('has another tag for a changed program, and takes the place of the former one', async () => {
    const before = await build(both());
    const after = await build([program('controllers', 'changed'), program('backend-operator', 'two')]);
    expect(after.tag).not.toBe(before.tag);
    expect(after.tag).toMatch(/^1\.2\.3-[0-9a-f]{12}$/);
    expect(existsSync(before.file)).toBe(false);
    expect(readdirSync(join(root, 'dist/images'))).toEqual([`osmo-${after.tag}.tar`]);
  });
});
