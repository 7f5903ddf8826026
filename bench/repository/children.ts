import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { S3Server } from '../../hack/testing/s3-server.ts';
import type { BenchContext } from '../bench.ts';
import type { ChildResult } from './child-result.ts';

const MiB = 1024 * 1024;

/** What a command took, with the processes that it started. */
export interface Taken {
  seconds: number;
  cpuSeconds: number;
  output: string;
}

export interface Place {
  server: S3Server;
  root: string;
  /** The child as a program is shipped: bundled. */
  program: string;
  /** Command that runs it, with its words; absent: none. */
  before?: readonly string[];
  context: BenchContext;
}

/** Bundles the child, and the program of its threads beside it, as the task runtime is shipped (hack/install/bundle.ts). @returns its file */
export async function bundled(root: string): Promise<string> {
  const outdir = join(root, 'dist/bench-repository');
  await rm(outdir, { recursive: true, force: true });
  const programs = {
    child: join(root, 'bench/repository/child.ts'),
    'chunk-worker': join(root, 'storage/src/repository/chunk-worker.ts'),
  };
  // Apart: a part that they shared would hold what only one of them uses.
  for (const [name, file] of Object.entries(programs)) {
    // oxlint-disable-next-line no-await-in-loop
    await build({
      entryPoints: { [name]: file },
      outdir,
      absWorkingDir: root,
      bundle: true,
      splitting: true,
      minify: true,
      keepNames: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      banner: {
        js: `import{createRequire as osmoRequire}from'node:module';const require=osmoRequire(import.meta.url);`,
      },
      logLevel: 'silent',
    });
  }
  await writeFile(join(outdir, 'package.json'), '{ "type": "module" }\n');
  return join(outdir, 'child.js');
}

export const urlOf = ({ server }: Place, bucket: string, round = 0): string =>
  `s3://${bucket}/${round}?endpoint=${server.endpoint}&region=${server.region}`;

export async function child(
  place: Place,
  variables: NodeJS.ProcessEnv,
  ...words: string[]
): Promise<Taken & { result: ChildResult }> {
  const { server, program, before = [], context } = place;
  context.say(words[0] ?? '');
  const environment = {
    ...variables,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
  };
  const taken = await timed([...before, process.execPath, program, ...words], environment, context);
  return { ...taken, result: JSON.parse(taken.output.split('\n', 1)[0] ?? '') as ChildResult };
}

/** Runs a command by a shell, which knows what its children took. */
export async function timed(command: string[], environment: NodeJS.ProcessEnv, context: BenchContext): Promise<Taken> {
  const started = performance.now();
  const { stdout } = await promisify(execFile)('bash', ['-c', '"$@" && times', 'bash', ...command], {
    cwd: context.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...environment },
    signal: context.signal,
    maxBuffer: 64 * MiB,
  });
  const seconds = (performance.now() - started) / 1000;
  const times = stdout.trimEnd().split('\n').at(-1) ?? '';
  const cpuSeconds = [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return { seconds, cpuSeconds, output: stdout };
}
