import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { run } from '../cluster/system/run.ts';

/** The files that the `osmo` command is made of, bundled. */
export interface Program {
  /** What runs. */
  script: string;
  /** What the threads run that read and write the files of datasets. */
  thread: string;
}

/** Bundles the command into `work`. */
export async function bundleCli(root: string, work: string): Promise<Program> {
  const program = { script: join(work, 'osmo.cjs'), thread: join(work, 'chunk-worker.js') };
  mkdirSync(work, { recursive: true });
  await bundleProgram(root, 'cli/src/main.ts', program.script);
  await bundleProgram(root, 'storage/src/repository/chunk-worker.ts', program.thread);
  return program;
}

/**
 * The program as Node takes it from its own executable file.
 *
 * @param options `codeCache`: with what V8 has compiled, for a quicker start; only Node of this version, for this system and this
 *   processor can use that. Without it, this Node writes the same bytes as any other of 24.18 to 24.21: compared.
 */
export async function makeBlob(program: Program, work: string, options: { codeCache: boolean }): Promise<Buffer> {
  const name = options.codeCache ? 'osmo' : 'osmo-any';
  const config = join(work, `${name}.json`);
  const blob = join(work, `${name}.blob`);
  writeFileSync(
    config,
    JSON.stringify({
      main: program.script,
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: options.codeCache,
      assets: { 'chunk-worker.js': program.thread },
    }),
  );
  await run(process.execPath, ['--experimental-sea-config', config]);
  return readFileSync(blob);
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
