/**
 * Builds the `osmo` command as one file that needs nothing else: Node itself with the bundled program in it (a single executable
 * application), for the system and processor that it is built on. `dist/kubectl-osmo` is the same file under the name by which
 * kubectl finds it. build-all.ts builds it for other systems.
 *
 *     node hack/cli/build.ts
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeExecutable } from './executable.ts';
import { bundleCli, makeBlob } from './program.ts';

/**
 * Builds `dist/osmo` unless it is there and made of the same program and the same Node.
 *
 * @param root the repository's folder
 * @returns the path of the executable
 */
export async function buildCli(root: string): Promise<string> {
  const dist = join(root, 'dist');
  const work = join(dist, 'cli');
  const executable = join(dist, 'osmo');
  const program = await bundleCli(root, work);
  const made = createHash('sha256')
    .update(readFileSync(program.script))
    .update(readFileSync(program.thread))
    .update(process.version)
    .digest('hex');
  const record = join(work, 'executable.sha256');
  if (existsSync(executable) && existsSync(record) && readFileSync(record, 'utf8') === made) return executable;
  rmSync(record, { force: true });
  const blob = await makeBlob(program, work, { codeCache: true });
  await makeExecutable({ node: process.execPath, blob, os: process.platform, target: executable });
  const plugin = join(dist, 'kubectl-osmo');
  rmSync(plugin, { force: true });
  symlinkSync('osmo', plugin);
  writeFileSync(record, made);
  return executable;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`==> ${await buildCli(join(import.meta.dirname, '../..'))}`);
}
