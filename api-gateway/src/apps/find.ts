import type { App, AppVersion } from '@osmo/crds';
import { isNotFound, type KubeClient } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import { notFound, type RequestError } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { Apps } from '../kinds.ts';
import { appIdOf, appRefOf } from './names.ts';
import { latestOf, versionsOf } from './versions.ts';

type Reading = Pick<Dependencies, 'caches' | 'access' | 'defaultNamespace'>;

/** An app that the caller may read, with its versions, newest first. */
export interface FoundApp {
  app: App;
  versions: AppVersion[];
}

/**
 * Looks an app up for somebody, in the cache.
 *
 * @throws RequestError 400, 403 when they may not read it, whether it exists or not; 404 when it doesn't
 */
export async function findApp(
  { caches, access, defaultNamespace }: Reading,
  caller: Identity,
  id: string,
): Promise<FoundApp> {
  const { namespace, name } = appRefOf(id, defaultNamespace);
  await access.demand(caller, { verb: 'get', resource: 'apps', namespace, name });
  const app = caches.apps.get(namespace, name);
  if (app === undefined) throw noApp(id);
  return { app, versions: versionsOf(caches, app) };
}

/**
 * One version of an app: the one that was asked for, else the newest.
 *
 * @throws RequestError 404
 */
export function versionOf({ app, versions }: FoundApp, number: number | undefined): AppVersion {
  const { name } = app.metadata;
  const latest = latestOf(versions);
  if (latest === undefined) throw notFound(`app ${name} has no version; update it to give it one`);
  if (number === undefined) return latest;
  const found = versions.find(
    ({ spec, metadata }) => spec.version === number && metadata.deletionTimestamp === undefined,
  );
  if (found !== undefined) return found;
  throw notFound(`app ${name} has no version ${number}; the newest is ${latest.spec.version}`);
}

/** What is said of a name that no app has, and where to look. */
function noApp(id: string): RequestError {
  const shown = JSON.stringify(id.slice(0, 128));
  return notFound(`there is no app ${shown}; "osmo app list -a" (GET /api/app?all_users=true) lists them`);
}

/**
 * An app as the apiserver has it, for whoever changes it: in their name, so that RBAC decides.
 *
 * @throws KubeError, RequestError 404
 */
export async function appOf(
  client: KubeClient,
  ref: { namespace: string; name: string },
  defaultNamespace: string,
  signal: AbortSignal,
): Promise<App> {
  try {
    return await client.get(Apps, ref, { signal });
  } catch (error) {
    throw isNotFound(error) ? noApp(appIdOf(ref, defaultNamespace)) : error;
  }
}
