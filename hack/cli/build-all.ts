/**
 * Builds the `osmo` command for other systems, too: `dist/osmo-SYSTEM-PROCESSOR` for each, and `dist/SHA256SUMS` of those. It needs no
 * such system: Node for each comes from a package registry, and those for macOS are signed here. Those for
 * other systems than this one start slower: what V8 compiles for one can't be made on another.
 *
 *     node hack/cli/build-all.ts [darwin-arm64] [darwin-x64] [linux-arm64] [linux-x64]
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeExecutable } from './executable.ts';
import { isPlatform, nodeBuilds, obtainNode, platforms } from './node-builds.ts';
import { bundleCli, makeBlob } from './program.ts';

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !isPlatform(name));
if (unknown !== undefined)
  throw new RangeError(`platform ${JSON.stringify(unknown)}: allowed are ${platforms.join(', ')}`);

const say = (line: string): void => console.log(`==> ${line}`);
const dist = join(import.meta.dirname, '../../dist');
const work = join(dist, 'cli');
const program = await bundleCli(join(import.meta.dirname, '../..'), work);
const sums: string[] = [];
for (const platform of asked.length === 0 ? platforms : asked.filter(isPlatform)) {
  const name = `osmo-${platform}`;
  const target = join(dist, name);
  const build = nodeBuilds[platform];
  const node = await obtainNode(build, say);
  const codeCache = platform === `${process.platform}-${process.arch}` && `v${build.version}` === process.version;
  const blob = await makeBlob(program, work, { codeCache });
  await makeExecutable({ node, blob, os: platform.split('-')[0] ?? '', target });
  sums.push(`${createHash('sha256').update(readFileSync(target)).digest('hex')}  ${name}\n`);
  say(target);
}
writeFileSync(join(dist, 'SHA256SUMS'), sums.join(''));
