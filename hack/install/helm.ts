import { spawnSync } from 'node:child_process';

/** How one call of Helm ended. */
export interface HelmResult {
  ok: boolean;
  stdout: string;
  stderr: string;
}

/** Calls Helm and waits for its end. Nothing is thrown for a failure; the caller knows what it means. */
export function callHelm(binary: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): HelmResult {
  const run = spawnSync(binary, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...environment },
  });
  if (run.error) throw run.error;
  return { ok: run.status === 0, stdout: run.stdout, stderr: run.stderr };
}
