import { Annotations, type App, type AppVersion } from '@osmo/crds';
import { plainTime } from '../workflows/times.ts';
import { appIdOf } from './names.ts';

/** One line of a list of apps, in upstream's shape. */
export function appEntry(app: App, latest: number | undefined, defaultNamespace: string): Record<string, unknown> {
  const { metadata, spec } = app;
  return {
    uuid: metadata.uid ?? '',
    name: appIdOf(metadata, defaultNamespace),
    description: spec.description ?? '',
    created_date: plainTime(metadata.creationTimestamp),
    owner: ownerOf(app),
    latest_version: latest ?? null,
    namespace: metadata.namespace ?? '',
  };
}

/** One version of an app, in upstream's shape. */
export function versionEntry({ metadata, spec }: AppVersion): Record<string, unknown> {
  return {
    version: spec.version,
    created_by: spec.createdBy ?? '',
    created_date: plainTime(metadata.creationTimestamp),
    status: metadata.deletionTimestamp === undefined ? 'READY' : 'PENDING_DELETE',
  };
}

/** Who created the app, as far as the object says. */
export function ownerOf({ metadata }: Pick<App, 'metadata'>): string {
  return metadata.annotations?.[Annotations.appOwner] ?? '';
}
