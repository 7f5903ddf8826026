import { createHash } from 'node:crypto';
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from './run.ts';

/** A layer of an image: an uncompressed tar. */
export interface Layer {
  file: string;
  /** `sha256:` of the tar. */
  diffId: string;
}

/** Debian packages that the Node binary and TLS need; nothing else is in the images, no shell either. */
const packages = ['libc6', 'libgcc-s1', 'libstdc++6', 'ca-certificates'];

/** What a process without a shell, users or documents doesn't need of those packages. */
const leftOut = [
  'usr/share/doc',
  'usr/share/lintian',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/gcc',
  'usr/sbin',
];

const accounts = {
  'etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
};

/** File in the cache with the libraries; the number counts changes of what is in it. */
export const libraryLayerName = (): string => `runtime-libraries-${process.arch}-3.tar`;

/** File in the cache with the Node binary of a version. */
export const nodeLayerName = (version: string): string => `runtime-node-${version}-${process.arch}.tar`;

/**
 * The layers below every program: Debian's C and C++ libraries with the certificate authorities, and the Node binary of the
 * npm package `node`. They are made once for each version of Node and kept in `cache`.
 *
 * @throws Error when a package can't be fetched; the message is apt's.
 */
export async function runtimeLayers(root: string, cache: string): Promise<Layer[]> {
  mkdirSync(cache, { recursive: true });
  const manifest = readFileSync(join(root, 'node_modules/node/package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const layers = [
    { file: join(cache, libraryLayerName()), fill: fillLibraries },
    {
      file: join(cache, nodeLayerName(version)),
      fill: (tree: string) =>
        cpSync(join(root, 'node_modules/node/bin/node'), join(tree, 'usr/bin/node'), { recursive: true }),
    },
  ];
  for (const { file, fill } of layers) {
    if (existsSync(file)) continue;
    const work = mkdtempSync(join(tmpdir(), 'osmo-layer-'));
    try {
      const tree = join(work, 'tree');
      mkdirSync(tree);
      fill(tree, work);
      writeTar(tree, `${file}.part`);
      renameSync(`${file}.part`, file);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return Promise.all(layers.map(async ({ file }) => ({ file, diffId: await digestOf(file) })));
}

function fillLibraries(tree: string, work: string): void {
  try {
    run('apt-get', ['download', ...packages], { cwd: work });
  } catch {
    // A machine that was just set up has no lists yet.
    run('apt-get', ['update']);
    run('apt-get', ['download', ...packages], { cwd: work });
  }
  for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    run('dpkg-deb', ['--extract', join(work, file), tree]);
  }
  for (const path of leftOut) rmSync(join(tree, path), { recursive: true, force: true });
  // The package's own script would make this file on a running system.
  const authorities = join(tree, 'usr/share/ca-certificates/mozilla');
  const bundle = readdirSync(authorities)
    .toSorted()
    .map((name) => readFileSync(join(authorities, name), 'utf8'));
  mkdirSync(join(tree, 'etc/ssl/certs'), { recursive: true });
  writeFileSync(join(tree, 'etc/ssl/certs/ca-certificates.crt'), bundle.join(''));
  rmSync(join(tree, 'usr/share/ca-certificates'), { recursive: true });
  for (const [path, content] of Object.entries(accounts)) writeFileSync(join(tree, path), content);
  for (const folder of ['tmp', 'home/nonroot']) mkdirSync(join(tree, folder), { recursive: true });
}

/** Packs a folder so that the same content gives the same bytes, whoever packs it and when. */
export function writeTar(tree: string, file: string): void {
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  run('tar', ['--create', '--file', file, '--sort=name', '--mtime=@0', ...owner, '--mode=go-w', '-C', tree, '.']);
}

/** `sha256:` and the hash of a file. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `sha256:${hash.digest('hex')}`;
}
