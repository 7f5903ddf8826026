import { Api, type App, type AppStatus, AppType, type AppVersion, Labels } from '@osmo/crds';
import { controllerRef, type Desired, isControlledBy, type Plan } from '@osmo/kube';
import { Apps, AppVersions } from '../kinds.ts';

/** All that the plan of one app depends on. Recipes of cached objects are their digests. */
export interface AppWorld {
  readonly app: App;
  /** All of the app's name; those of an earlier app may still be among them. */
  readonly versions: readonly AppVersion[];
  /** The recipe of the app itself, where a version is to be made of it. */
  readonly recipe?: string | undefined;
}

/** The versions that belong to this app and stay, oldest first. */
function ownVersions({ app, versions }: Pick<AppWorld, 'app' | 'versions'>): AppVersion[] {
  return versions
    .filter((version) => isControlledBy(version, app) && version.metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => a.spec.version - b.spec.version);
}

/**
 * Whether the recipe of the app is to become a version: it isn't the one that was recorded last, and no version has it that
 * came since. That the newest has it is enough too: somebody added the same in another way.
 */
export function isUnrecorded({ app, versions }: Pick<AppWorld, 'app' | 'versions'>): boolean {
  const { recipe: digest } = app.spec;
  if (digest === undefined || digest === app.status?.recordedDigest) return false;
  const own = ownVersions({ app, versions });
  const known = app.status?.lastVersion ?? 0;
  const newest = own.at(-1);
  return !own.some((version) => version.spec.recipe === digest && (version === newest || version.spec.version > known));
}

/** Makes a version of a recipe that is new, deletes the versions beyond those that are kept, and says which there are. */
export function planApp({ app, versions, recipe }: AppWorld): Plan<App> {
  if (app.metadata.deletionTimestamp !== undefined) return {};
  const { generation } = app.metadata;
  const own = ownVersions({ app, versions });
  const lastVersion = Math.max(app.status?.lastVersion ?? 0, own.at(-1)?.spec.version ?? 0);
  const isPending = isUnrecorded({ app, versions });
  const surplus = own.slice(0, Math.max(0, own.length - app.spec.historyLimit));
  const kept = own.slice(surplus.length);
  const latest = kept.at(-1)?.spec.version;
  // While the recipe isn't recorded the status is about what the app was before.
  const recordedDigest = isPending ? app.status?.recordedDigest : app.spec.recipe;
  const observedGeneration = isPending ? app.status?.observedGeneration : generation;
  const status: AppStatus = {
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(latest !== undefined && { latestVersion: latest }),
    versions: kept.length,
    lastVersion,
    ...(recordedDigest !== undefined && { recordedDigest }),
  };
  return {
    // A number that somebody else took meanwhile is no harm: the cache will show whose recipe it is, and this is asked again.
    apply: isPending && recipe !== undefined ? [newVersion(app, lastVersion + 1, recipe)] : [],
    remove: surplus.map(({ metadata }) => ({
      type: AppVersions,
      name: metadata.name,
      namespace: metadata.namespace,
      ...(metadata.uid !== undefined && { uid: metadata.uid }),
    })),
    status,
  };
}

function newVersion(app: App, version: number, recipe: string): Desired {
  const { name, namespace } = app.metadata;
  const object: AppVersion = {
    apiVersion: Api.apiVersion,
    kind: 'AppVersion',
    metadata: {
      name: `${name}.${version}`,
      ...(namespace !== undefined && { namespace }),
      labels: { [Labels.app]: name },
      ownerReferences: [controllerRef({ ...app, kind: AppType.kind }, Apps, false)],
    },
    spec: { app: name, version, recipe },
  };
  return { mode: 'create', type: AppVersions, object };
}
