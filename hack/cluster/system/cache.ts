import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The user's cache folder: programs and base images by version, shared by every checkout.
 * `OSMO_CACHE_DIR`, else `$XDG_CACHE_HOME/osmo`, else `~/.cache/osmo`. Always absolute.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['OSMO_CACHE_DIR'];
  if (chosen) return resolve(chosen);
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'osmo');
}
