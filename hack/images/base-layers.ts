import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../cluster/system/cache.ts';
import { dieWithParent } from '../cluster/system/die-with-parent.ts';
import { withLock } from '../cluster/system/lock.ts';
import { run } from '../cluster/system/run.ts';
import { layerOf, type ImageLayer } from './image-archive.ts';
import { distrolessFiles, distrolessPackages, keptInDistroless, packageFiles } from './distroless.ts';
import { treeDifference } from './tree-difference.ts';

/**
 * Base file systems, all made of one release of Debian's packages:
 * - `debian`: minbase, without documentation;
 * - `python`: on top of `debian`: python3, pip, venv, certificates, time zones;
 * - `busybox`: the static busybox with a link for every applet;
 * - `distroless`: what Node needs and nothing that runs: C and C++ library, certificates, time zones, user 65532.
 */
export type BaseLayerName = 'debian' | 'python' | 'busybox' | 'distroless';

/** Changes when a recipe below changes, so that an old cache is not used. */
export const layerRecipe = '1';
const suite = 'bookworm';
const extraPackages = [
  'python3',
  'python3-pip',
  'python3-venv',
  'ca-certificates',
  'tzdata',
  'netbase',
  'busybox-static',
];

/**
 * A base layer, from the cache or made now by debootstrap (a minute or two, once a machine; needs root, and the network
 * or a mirror: `DEBIAN_MIRROR`).
 *
 * @param say told what takes long
 * @throws Error saying what is missing: root, debootstrap, the mirror.
 */
export async function baseLayer(name: BaseLayerName, say: (line: string) => void): Promise<ImageLayer> {
  const folder = join(cacheFolder(process.env), 'layers', `${suite}-${process.arch}-${layerRecipe}`);
  const known = (): ImageLayer | undefined => {
    const description = join(folder, `${name}.json`);
    if (!existsSync(description)) return undefined;
    return { ...(JSON.parse(readFileSync(description, 'utf8')) as ImageLayer), tar: join(folder, `${name}.tar`) };
  };
  const cached = known();
  if (cached) return cached;
  const wait = (): void => say('images: another process is making the base file systems; waiting for it');
  return withLock(`${folder}.lock`, async () => known() ?? (await makeAll(folder, name, say)), { onWait: wait });
}

async function makeAll(folder: string, name: BaseLayerName, say: (line: string) => void): Promise<ImageLayer> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'images: making the base file systems needs root (debootstrap); run this once as root, it is cached',
    );
  }
  // What an interrupted process left; the lock says that none is at it now.
  const work = join(folder, '.work');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const [base, full] = [join(work, 'base'), join(work, 'full')];
    say(`images: making base file systems of Debian ${suite} with debootstrap (about two minutes, once a machine)`);
    await bootstrap(base, folder, []);
    say('images: … and one more with Python');
    await bootstrap(full, folder, extraPackages);
    symlinkSync('python3', join(full, 'usr/bin/python'));
    // pip may install into the system, as in Docker's python image.
    for (const version of readdirSync(join(full, 'usr/lib')).filter((entry) => /^python3\.\d+$/.test(entry))) {
      rmSync(join(full, 'usr/lib', version, 'EXTERNALLY-MANAGED'), { force: true });
    }
    const made = {
      debian: await layerOf(base, join(folder, 'debian.tar'), { keepMetadata: true }),
      python: await layerOf(full, join(folder, 'python.tar'), {
        keepMetadata: true,
        paths: treeDifference(base, full),
      }),
      busybox: await layerOf(
        busyboxTree(full, join(work, 'busybox'), await applets(full)),
        join(folder, 'busybox.tar'),
      ),
      distroless: await layerOf(distrolessTree(full, join(work, 'distroless')), join(folder, 'distroless.tar')),
    };
    for (const [layer, description] of Object.entries(made)) {
      writeFileSync(join(folder, `${layer}.json.part`), JSON.stringify(description));
      renameSync(join(folder, `${layer}.json.part`), join(folder, `${layer}.json`));
    }
    return made[name];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** In namespaces of its own and bound to this process: an interrupted debootstrap leaves neither mount nor process behind. */
export async function bootstrap(target: string, cache: string, include: string[]): Promise<void> {
  const packages = join(cache, 'packages');
  mkdirSync(packages, { recursive: true });
  const mirror = process.env['DEBIAN_MIRROR'] ?? 'http://deb.debian.org/debian';
  const [command, args] = dieWithParent('unshare', [
    ...['--mount', '--pid', '--fork', '--kill-child', 'debootstrap', '--variant=minbase', `--cache-dir=${packages}`],
    ...(include.length > 0 ? [`--include=${include.join(',')}`] : []),
    ...[suite, target, mirror],
  ]);
  await run(command, args);
  // Docker's slim images leave the same things out; the rest differs from run to run.
  const empty = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/info', 'var/log'];
  for (const folder of empty) {
    for (const entry of readdirSync(join(target, folder))) {
      rmSync(join(target, folder, entry), { recursive: true, force: true });
    }
  }
  for (const file of ['etc/resolv.conf', 'etc/hostname', 'etc/machine-id', 'var/cache/ldconfig/aux-cache']) {
    rmSync(join(target, file), { force: true });
  }
  for (const folder of ['dev', 'proc', 'sys', 'run']) {
    rmSync(join(target, folder), { recursive: true, force: true });
    mkdirSync(join(target, folder));
  }
}

async function applets(full: string): Promise<string[]> {
  return (await run(join(full, 'bin/busybox'), ['--list'])).stdout.trim().split('\n');
}

function busyboxTree(full: string, tree: string, names: string[]): string {
  for (const folder of ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var/spool/mail']) {
    mkdirSync(join(tree, folder), { recursive: true });
  }
  copyFileSync(join(full, 'bin/busybox'), join(tree, 'bin/busybox'));
  for (const name of names) if (name !== 'busybox') symlinkSync('busybox', join(tree, 'bin', name));
  symlinkSync('../bin', join(tree, 'usr/bin'));
  writeFileSync(
    join(tree, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  );
  writeFileSync(join(tree, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n');
  chmodTemporary(tree);
  return tree;
}

function distrolessTree(full: string, tree: string): string {
  mkdirSync(tree, { recursive: true });
  // Debian's merged /usr: the loader's path /lib64 must lead there.
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) {
    if (lstatSync(join(full, link), { throwIfNoEntry: false })?.isSymbolicLink())
      symlinkSync(`usr/${link}`, join(tree, link));
    mkdirSync(join(tree, 'usr', link), { recursive: true });
  }
  const info = join(full, 'var/lib/dpkg/info');
  for (const name of distrolessPackages) {
    const lists = readdirSync(info).filter((file) => file === `${name}.list` || file.startsWith(`${name}:`));
    const list = lists.find((file) => file.endsWith('.list'));
    if (list === undefined) throw new Error(`images: package ${name} is not in the base file system`);
    for (const path of packageFiles(readFileSync(join(info, list), 'utf8'))) {
      const from = join(full, path);
      const stat = lstatSync(from, { throwIfNoEntry: false });
      const merged = /^\/(bin|sbin|lib|lib64|lib32|libx32)$/.test(path);
      if (!stat || stat.isDirectory() || merged || !keptInDistroless(path)) continue;
      const to = join(tree, path.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/'));
      mkdirSync(dirname(to), { recursive: true });
      if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
      else cpSync(from, to);
    }
  }
  mkdirSync(join(tree, 'etc/ssl/certs'), { recursive: true });
  copyFileSync(join(full, 'etc/ssl/certs/ca-certificates.crt'), join(tree, 'etc/ssl/certs/ca-certificates.crt'));
  for (const [path, text] of Object.entries(distrolessFiles)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  for (const folder of ['tmp', 'home/nonroot', 'proc', 'sys', 'dev', 'run', 'root']) {
    mkdirSync(join(tree, folder), { recursive: true });
  }
  chmodTemporary(tree);
  return tree;
}

/** The mode that every program expects of /tmp: writable for all, deletable by the owner. */
function chmodTemporary(tree: string): void {
  chmodSync(join(tree, 'tmp'), 0o1777);
}
