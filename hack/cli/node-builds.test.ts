import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { run } from '../cluster/system/run.ts';
import { isPlatform, type NodeBuild, nodeBuilds, obtainNode, platforms, WrongPackageError } from './node-builds.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'osmo-node-builds-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  devDependencies: Record<string, string>;
};

test('the builds of Node are of the major release that the program is tested on', () => {
  const major = manifest.devDependencies['node']?.split('.')[0];
  expect(platforms).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
  for (const platform of platforms) expect(nodeBuilds[platform].version.split('.')[0]).toBe(major);
});

/** A package with a file that says `words` at that place, as its registry has it, and how it would be pinned. */
async function packageOf(build: NodeBuild, words: string): Promise<{ file: string; pinned: NodeBuild }> {
  const at = mkdtempSync(join(folder, 'package-'));
  mkdirSync(join(at, build.member, '..'), { recursive: true });
  writeFileSync(join(at, build.member), words);
  const [top = ''] = build.member.split('/');
  const [file, ...command] =
    build.registry === 'npm'
      ? ['file.tgz', 'tar', '-czf', 'file.tgz', top]
      : ['file.whl', 'python3', '-m', 'zipfile', '-c', 'file.whl', top];
  await run(command[0] ?? '', command.slice(1), { cwd: at });
  const sha256 = createHash('sha256')
    .update(readFileSync(join(at, file)))
    .digest('hex');
  return { file: join(at, file), pinned: { ...build, sha256 } };
}

test.each(['linux-arm64', 'darwin-arm64'] as const)('%s: Node is taken out of its package, once', async (platform) => {
  const { file, pinned } = await packageOf(nodeBuilds[platform], 'Node itself');
  const environment = { OSMO_CACHE_DIR: mkdtempSync(join(folder, 'cache-')) };
  const fetched: string[] = [];
  const fetch = async ({ version }: NodeBuild, into: string): Promise<void> => {
    fetched.push(version);
    writeFileSync(join(into, 'package'), readFileSync(file));
  };
  const node = await obtainNode(pinned, () => undefined, { environment, fetch });
  expect(readFileSync(node, 'utf8')).toBe('Node itself');
  accessSync(node, constants.X_OK);
  expect(await obtainNode(pinned, () => undefined, { environment, fetch })).toBe(node);
  expect(fetched).toEqual([pinned.version]);
  expect(readdirSync(join(environment.OSMO_CACHE_DIR, 'node'))).toHaveLength(1);
});

test('a package that is not the pinned one is refused, with both sums, and leaves nothing', async () => {
  const { file, pinned } = await packageOf(nodeBuilds['linux-x64'], 'Node itself');
  const environment = { OSMO_CACHE_DIR: mkdtempSync(join(folder, 'cache-')) };
  const other = { ...pinned, sha256: 'f'.repeat(64) };
  const fetch = async (_: NodeBuild, into: string): Promise<void> =>
    writeFileSync(join(into, 'package'), readFileSync(file));
  const refused = obtainNode(other, () => undefined, { environment, fetch });
  await expect(refused).rejects.toThrow(WrongPackageError);
  await expect(refused).rejects.toThrow(`SHA-256 is ${pinned.sha256}, pinned is ${other.sha256}`);
  expect(readdirSync(join(environment.OSMO_CACHE_DIR, 'node'))).toEqual([]);
});

test('only names of systems that there are builds for are platforms', () => {
  expect(['linux-x64', 'windows-x64', 'toString', ''].map(isPlatform)).toEqual([true, false, false, false]);
});
