import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { goArchitecture } from '../../images/image-configuration.ts';
import { cacheFolder } from '../system/cache.ts';
import { withLock } from '../system/lock.ts';
import { run } from '../system/run.ts';
import { buildComponent } from './build.ts';
import { DownloadError, downloadRelease } from './download.ts';
import { type Component, componentFor, type ComponentName } from './table.ts';

type Say = (line: string) => void;

/** How components are obtained; everything has a default. */
export interface ObtainOptions {
  environment?: NodeJS.ProcessEnv;
  connectMs?: number;
  /** Builds what can't be downloaded. */
  build?: typeof buildComponent;
}

/**
 * Path of a program of exactly the pinned version: from the cache, else from PATH, else the official release, else built
 * from its Go module. The last two fill the cache. Processes that want the same one wait for each other.
 *
 * @throws Error when it can be neither downloaded nor built; it says why not.
 */
export async function obtain(component: Component, say: Say, options: ObtainOptions = {}): Promise<string> {
  const environment = options.environment ?? process.env;
  const folder = join(cacheFolder(environment), 'bin');
  const target = join(folder, `${component.name}-${component.version}`);
  if (existsSync(target)) return target;
  const onPath = component.mustBeStatic ? undefined : await findOnPath(component, environment);
  if (onPath !== undefined) return onPath;
  const waiting = (): void => say(`${component.name} ${component.version}: another process is fetching it; waiting`);
  await withLock(
    join(folder, `.${component.name}-${component.version}.lock`),
    async () => {
      if (existsSync(target)) return;
      const os = process.platform;
      const architecture = goArchitecture(process.arch);
      const { connectMs } = options;
      try {
        await downloadRelease(component, target, {
          environment,
          os,
          architecture,
          say,
          ...(connectMs !== undefined && { connectMs }),
        });
      } catch (error) {
        if (!(error instanceof DownloadError)) throw error;
        say(`${component.name} ${component.version}: no release (${error.message}); building it from source`);
        await (options.build ?? buildComponent)(component, target, say);
      }
    },
    { onWait: waiting },
  );
  return target;
}

/** Paths of several programs by name, of the Kubernetes that the environment's `KUBERNETES` says. */
export async function obtainAll(
  names: readonly ComponentName[],
  say: Say,
  options: ObtainOptions = {},
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  // One after the other: two builds at once would only fight for the processors.
  const environment = options.environment ?? process.env;
  for (const name of names) found[name] = await obtain(componentFor(name, environment), say, options);
  return found;
}

/** Whether a program's own words name exactly this version. */
export function saysVersion(output: string, version: string): boolean {
  const plain = version.replace(/^v/, '').replaceAll('.', '\\.');
  return new RegExp(`(^|[^0-9.])v?${plain}($|[^0-9A-Za-z.-])`, 'm').test(output);
}

async function findOnPath(component: Component, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (environment['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, component.name);
    try {
      accessSync(file, constants.X_OK);
    } catch {
      continue;
    }
    const result = await run(file, component.versionArguments, { allowFailure: true, timeoutMs: 10_000 }).catch(
      () => undefined,
    );
    if (result?.code === 0 && saysVersion(`${result.stdout}\n${result.stderr}`, component.version)) return file;
  }
  return undefined;
}
