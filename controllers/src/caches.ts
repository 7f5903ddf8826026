import type { App, AppVersion, Backend, Platform, Pool, Task, Workflow } from '@osmo/crds';
import { controllerUid, Lease, type Informer, type Manager } from '@osmo/kube';
import { slimApp, slimAppVersion } from './app/digest.ts';
import { Apps, AppVersions, Backends, Platforms, Pools, Tasks, Workflows } from './kinds.ts';
import { taskSlimmer } from './slim-task.ts';

/** All that the controllers read. */
export interface Caches {
  readonly workflows: Informer<Workflow>;
  /** Without what they run: see `taskSlimmer`. */
  readonly tasks: Informer<Task>;
  readonly pools: Informer<Pool>;
  readonly platforms: Informer<Platform>;
  readonly backends: Informer<Backend>;
  /** With digests instead of recipes: see `slimApp`. */
  readonly apps: Informer<App>;
  /** With digests instead of recipes. */
  readonly appVersions: Informer<AppVersion>;
  /** Of the namespace of heartbeats. */
  readonly leases: Informer<Lease>;
}

/** Names of the indexes. */
export const Indexes = {
  /** Tasks by the UID of their Workflow. */
  workflowUid: 'workflowUid',
  /** Pools by the name of their Backend. */
  backend: 'backend',
  /** Pools by the names of their Platforms. */
  platform: 'platform',
  /** AppVersions by namespace and name of their App, as `namespace/name`. */
  app: 'app',
} as const;

/** Objects that may hold a recipe of a mebibyte, and are read whole before they are slimmed. */
const recipesPerPage = 20;

/** Asks the manager for every cache; they are filled once it starts. */
export function newCaches(manager: Manager, namespace: string): Caches {
  return {
    workflows: manager.informer({ type: Workflows }),
    tasks: manager.informer({
      type: Tasks,
      indexes: { [Indexes.workflowUid]: controllerUid },
      transform: taskSlimmer(),
    }),
    pools: manager.informer({
      type: Pools,
      indexes: {
        [Indexes.backend]: (pool) => [pool.spec.backend],
        [Indexes.platform]: (pool) => pool.spec.platforms,
      },
    }),
    platforms: manager.informer({ type: Platforms }),
    backends: manager.informer({ type: Backends }),
    apps: manager.informer({ type: Apps, transform: slimApp, pageSize: recipesPerPage }),
    appVersions: manager.informer({
      type: AppVersions,
      indexes: { [Indexes.app]: ({ metadata, spec }) => [`${metadata.namespace}/${spec.app}`] },
      transform: slimAppVersion,
      pageSize: recipesPerPage,
    }),
    leases: manager.informer({ type: Lease, namespace }),
  };
}
