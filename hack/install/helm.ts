import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Version of Helm that the project is tested with; hack/components builds it. */
export const helmVersion = 'v3.22.0';

/**
 * Path of the Helm program: the cache's, else the one on the PATH.
 *
 * @throws Error when there is none.
 */
export function findHelm(environment: NodeJS.ProcessEnv): string {
  const cache = environment['OSMO_CACHE'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'osmo');
  const onPath = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'helm'));
  const found = [join(cache, 'bin', `helm-${helmVersion}`), ...onPath].find((file) => existsSync(file));
  if (found === undefined) throw new Error(`helm ${helmVersion} is neither in ${cache}/bin nor on the PATH`);
  return found;
}

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
