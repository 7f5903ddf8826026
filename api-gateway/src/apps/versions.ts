import { Api, type App, type AppVersion, FieldManagers, Labels } from '@osmo/crds';
import { controllerRef, isAlreadyExists, isControlledBy, type KubeClient } from '@osmo/kube';
import { type Caches, Indexes } from '../caches.ts';
import { Apps, AppVersions } from '../kinds.ts';

/** Numbers that others may take at the same moment, or that an earlier app of the name left for a moment. */
const mostAttempts = 32;

/** The versions of an app that the cache knows, newest first; those that are going too. */
export function versionsOf({ appVersions }: Pick<Caches, 'appVersions'>, app: App): AppVersion[] {
  return appVersions
    .byIndex(Indexes.app, `${app.metadata.namespace}/${app.metadata.name}`)
    .filter((version) => isControlledBy(version, app))
    .toSorted((a, b) => b.spec.version - a.spec.version);
}

/** The newest version that stays. */
export function latestOf(versions: readonly AppVersion[]): AppVersion | undefined {
  return versions.find(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Name of the object of a version. */
export const versionName = (app: string, version: number): string => `${app}.${version}`;

/** A version that is to be made. */
export interface NewVersion {
  app: App;
  /** First number to try. */
  number: number;
  recipe: string;
  createdBy?: string | undefined;
}

/**
 * Creates a version under the first number that is free.
 *
 * @throws KubeError, as the apiserver refuses it
 */
export async function createVersion(
  client: Pick<KubeClient, 'create'>,
  { app, number: first, recipe, createdBy }: NewVersion,
  signal: AbortSignal,
): Promise<AppVersion> {
  const { name, namespace } = app.metadata;
  for (let number = first; ; number++) {
    const version: AppVersion = {
      apiVersion: Api.apiVersion,
      kind: 'AppVersion',
      metadata: {
        name: versionName(name, number),
        ...(namespace !== undefined && { namespace }),
        labels: { [Labels.app]: name },
        // Not in the way of the App's end: that takes a right of its own where owners are guarded.
        ownerReferences: [controllerRef(app, Apps, false)],
      },
      spec: {
        app: name,
        version: number,
        recipe,
        ...(createdBy !== undefined && { createdBy: createdBy.slice(0, 256) }),
      },
    };
    try {
      // oxlint-disable-next-line no-await-in-loop
      return await client.create(AppVersions, version, {
        fieldManager: FieldManagers.apiGateway,
        fieldValidation: 'Strict',
        signal,
      });
    } catch (error) {
      if (!isAlreadyExists(error) || number - first >= mostAttempts) throw error;
    }
  }
}
