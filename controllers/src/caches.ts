import { Labels } from '@osmo/crds';
import type {
  App,
  AppVersion,
  Backend,
  Bucket,
  Dataset,
  DatasetVersion,
  Platform,
  Pool,
  Quota,
  QuotaUsage,
  Task,
  Workflow,
} from '@osmo/crds';
import { controllerUid, Lease, type Informer, type Manager } from '@osmo/kube';
import { slimApp, slimAppVersion } from './app/digest.ts';
import {
  Apps,
  AppVersions,
  Backends,
  Buckets,
  Datasets,
  DatasetVersions,
  Platforms,
  Pools,
  Quotas,
  QuotaUsages,
  Tasks,
  Workflows,
} from './kinds.ts';
import { isAlive, usagesOf } from './quota/alive.ts';
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
  readonly buckets: Informer<Bucket>;
  readonly datasets: Informer<Dataset>;
  /** Without their metadata, which nobody here asks for. */
  readonly datasetVersions: Informer<DatasetVersion>;
  readonly quotas: Informer<Quota>;
  readonly quotaUsages: Informer<QuotaUsage>;
  /** Of the namespace of heartbeats. */
  readonly leases: Informer<Lease>;
}

/** Names of the indexes. */
export const Indexes = {
  /** Workflows that have not ended, by the names of the QuotaUsages that they count in. */
  usage: 'usage',
  /** Tasks by the UID of their Workflow. */
  workflowUid: 'workflowUid',
  /** Pools by the name of their Backend. */
  backend: 'backend',
  /** Pools by the names of their Platforms. */
  platform: 'platform',
  /** AppVersions by namespace and name of their App, as `namespace/name`. */
  app: 'app',
  /** Buckets by namespace. */
  namespace: 'namespace',
  /** Datasets by namespace and name of their Bucket, as `namespace/name`. */
  bucket: 'bucket',
  /** DatasetVersions by namespace and name of their Dataset, as `namespace/name`. */
  dataset: 'dataset',
  /** DatasetVersions by what they were made for: see `originOf`. */
  origin: 'origin',
} as const;

/** Objects that may hold a recipe of a mebibyte, and are read whole before they are slimmed. */
const recipesPerPage = 20;

/** Asks the manager for every cache; they are filled once it starts. */
export function newCaches(manager: Manager, namespace: string): Caches {
  return {
    workflows: manager.informer({
      type: Workflows,
      indexes: { [Indexes.usage]: (workflow) => (isAlive(workflow) ? usagesOf(workflow) : []) },
    }),
    quotas: manager.informer({ type: Quotas }),
    quotaUsages: manager.informer({ type: QuotaUsages }),
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
    buckets: manager.informer({
      type: Buckets,
      indexes: { [Indexes.namespace]: ({ metadata }) => [metadata.namespace ?? ''] },
    }),
    datasets: manager.informer({
      type: Datasets,
      indexes: { [Indexes.bucket]: ({ metadata, spec }) => [`${metadata.namespace}/${spec.bucket}`] },
    }),
    datasetVersions: manager.informer({
      type: DatasetVersions,
      indexes: {
        [Indexes.dataset]: ({ metadata, spec }) => [`${metadata.namespace}/${spec.dataset}`],
        [Indexes.origin]: ({ metadata }) => {
          const origin = metadata.labels?.[Labels.origin];
          return origin === undefined ? [] : [origin];
        },
      },
      transform: slimVersion,
    }),
    leases: manager.informer({ type: Lease, namespace }),
  };
}

function slimVersion(version: DatasetVersion): DatasetVersion {
  const { metadata: _, ...spec } = version.spec;
  return { ...version, spec };
}
