/**
 * Builds the `osmo` command as one file that needs nothing else: Node itself with the bundled program in it (a single executable
 * application), for the system and processor that it is built on. `dist/kubectl-osmo` is the same file under the name by which
 * kubectl finds it.
 *
 *     node hack/cli/build.ts
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { run } from '../cluster/system/run.ts';

/** By which Node finds the program in its own file; the documentation of single executable applications has it. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** What postject exports; it has no types. */
type Inject = (
  file: string,
  resource: string,
  data: Buffer,
  options: { sentinelFuse: string; machoSegmentName?: string },
) => Promise<void>;

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
  const script = join(work, 'osmo.cjs');
  const thread = join(work, 'chunk-worker.js');
  mkdirSync(work, { recursive: true });
  await bundleProgram(root, 'cli/src/main.ts', script);
  await bundleProgram(root, 'storage/src/repository/chunk-worker.ts', thread);
  const made = createHash('sha256')
    .update(readFileSync(script))
    .update(readFileSync(thread))
    .update(process.version)
    .digest('hex');
  const record = join(work, 'executable.sha256');
  if (existsSync(executable) && existsSync(record) && readFileSync(record, 'utf8') === made) return executable;
  rmSync(record, { force: true });
  const config = join(work, 'sea.json');
  const blob = join(work, 'osmo.blob');
  writeFileSync(
    config,
    JSON.stringify({
      main: script,
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      // The program of the threads that read and write the files of datasets.
      assets: { 'chunk-worker.js': thread },
    }),
  );
  await run(process.execPath, ['--experimental-sea-config', config]);
  const draft = join(work, 'osmo');
  await copyFile(process.execPath, draft);
  const onMac = process.platform === 'darwin';
  // A signature would be broken by what is put in; without one macOS starts nothing.
  if (onMac) await run('codesign', ['--remove-signature', draft]);
  const { inject } = createRequire(import.meta.url)('postject') as { inject: Inject };
  await inject(draft, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: fuse,
    ...(onMac && { machoSegmentName: 'NODE_SEA' }),
  });
  if (onMac) await run('codesign', ['--sign', '-', draft]);
  // Renamed, not written over: one that runs goes on undisturbed.
  await rename(draft, executable);
  const plugin = join(dist, 'kubectl-osmo');
  rmSync(plugin, { force: true });
  symlinkSync('osmo', plugin);
  writeFileSync(record, made);
  return executable;
}

/** One CommonJS file, as such an executable needs it; what is imported dynamically is in it and runs when it is needed. */
async function bundleProgram(root: string, entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    // Used to find what lies beside a program: nothing does here.
    define: { 'import.meta.url': 'undefined' },
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`==> ${await buildCli(join(import.meta.dirname, '../..'))}`);
}
