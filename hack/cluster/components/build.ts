import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dieWithParent } from '../system/die-with-parent.ts';
import { run } from '../system/run.ts';
import type { Component } from './table.ts';

/** The Go release that the pinned modules ask for. */
export const oldestGo = '1.26';

/** Says what is wrong with the Go toolchain; undefined when it will do.
 *
 * @param version what `go env GOVERSION` says, such as `go1.26.8`; undefined when there is no go
 */
export function goProblem(version: string | undefined): string | undefined {
  const advice = `install Go ${oldestGo} or newer from https://go.dev/dl (Debian 12's golang package is too old)`;
  if (version === undefined) return `go is not installed; ${advice}`;
  const [major = 0, minor = 0] = version
    .replace(/^go/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const [wantMajor = 0, wantMinor = 0] = oldestGo.split('.').map(Number);
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return undefined;
  return `${version} is too old to build the cluster's components; ${advice}`;
}

/** Arguments of `go` that build a component into `output`. `-v` prints each package when it is compiled. */
export function buildArguments(component: Component, output: string): string[] {
  const flags = ['-v', '-mod=readonly', '-trimpath', '-ldflags', component.ldflags];
  return ['build', ...flags, '-o', output, component.package];
}

/**
 * Builds a component from its Go module to `target` (complete, or not there at all), one at a time for a target. Tells every 15 s how far it is.
 *
 * @throws Error naming what to install when there is no usable Go; with the compiler's words when it fails.
 */
export async function buildComponent(component: Component, target: string, say: (line: string) => void): Promise<void> {
  const module = join(import.meta.dirname, '../../components', component.module);
  const version = await run('go', ['env', 'GOVERSION'], { cwd: module }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  const problem = goProblem(version);
  if (problem !== undefined) throw new Error(problem);
  mkdirSync(dirname(target), { recursive: true });
  const draft = `${target}.part`;
  const started = performance.now();
  const state = { packages: 0, errors: '' };
  const progress = (): void => {
    const seconds = Math.round((performance.now() - started) / 1000);
    say(`${component.name} ${component.version}: building, ${seconds} s, ${state.packages} packages compiled`);
  };
  progress();
  const timer = setInterval(progress, 15_000);
  try {
    const [command, args] = dieWithParent('go', buildArguments(component, draft));
    const child = spawn(command, args, {
      cwd: module,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CGO_ENABLED: '0' },
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter(Boolean)) {
        // A package's path; everything else is a complaint, or the progress of a module's download.
        if (/^[\w.~/-]+$/.test(line)) state.packages++;
        else state.errors = `${state.errors}${line}\n`.slice(-3000);
      }
    });
    const code = await new Promise<number>((done, failed) => {
      child.once('error', failed);
      child.once('close', (exit) => done(exit ?? 1));
    });
    if (code !== 0) throw new Error(`building ${component.name} failed:\n${state.errors}`);
    renameSync(draft, target);
    progress();
  } finally {
    clearInterval(timer);
    rmSync(draft, { force: true });
  }
}
