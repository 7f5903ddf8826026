import { Annotations, Labels } from '@osmo/crds';
import type {
  AccessToken,
  App,
  AppVersion,
  Backend,
  Bucket,
  Dataset,
  DatasetVersion,
  Platform,
  Pool,
  Task,
  User,
  Workflow,
} from '@osmo/crds';
import { controllerUid, type Informer, type KubeObject, type Manager } from '@osmo/kube';
import { appSubmitters } from './apps/marks.ts';
import { digestOf } from './apps/digest.ts';
import {
  AccessTokens,
  Apps,
  AppVersions,
  Backends,
  Buckets,
  type ClusterRole,
  ClusterRoles,
  Datasets,
  DatasetVersions,
  Platforms,
  Pools,
  Tasks,
  Users,
  Workflows,
} from './kinds.ts';

/** All that the gateway reads without asking the apiserver. */
export interface Caches {
  readonly workflows: Informer<Workflow>;
  readonly tasks: Informer<Task>;
  readonly pools: Informer<Pool>;
  readonly platforms: Informer<Platform>;
  readonly backends: Informer<Backend>;
  /** Without their recipes. */
  readonly apps: Informer<App>;
  /** With digests instead of recipes. */
  readonly appVersions: Informer<AppVersion>;
  readonly buckets: Informer<Bucket>;
  readonly datasets: Informer<Dataset>;
  readonly datasetVersions: Informer<DatasetVersion>;
  readonly users: Informer<User>;
  readonly accessTokens: Informer<AccessToken>;
  /** Those that are roles of the gateway, without their rules. */
  readonly clusterRoles: Informer<ClusterRole>;
}

/** Names of the indexes. */
export const Indexes = {
  /** Tasks by the UID of their Workflow. */
  workflowUid: 'workflowUid',
  /** Workflows that were made of an app by who submitted them. */
  appSubmitter: 'appSubmitter',
  /** Workflows by who submitted them. */
  submitter: 'submitter',
  /** Workflows and Apps by their UID. */
  uid: 'uid',
  /** AppVersions by namespace and name of their App, as `namespace/name`. */
  app: 'app',
  /** AppVersions by who added them. */
  createdBy: 'createdBy',
  /** Datasets by namespace and name of their Bucket, as `namespace/name`. */
  bucket: 'bucket',
  /** Collections by namespace and name of a dataset in them. */
  member: 'member',
  /** DatasetVersions by namespace and name of their Dataset. */
  dataset: 'dataset',
  /** DatasetVersions by a version that they were made from, as `namespace/name`. */
  madeFrom: 'madeFrom',
  /** AccessTokens by their hash. */
  hash: 'hash',
  /** AccessTokens by whose they are. */
  user: 'user',
} as const;

/** Objects that may hold a recipe of a mebibyte, and are read whole before they are slimmed. */
const recipesPerPage = 20;

/** Asks the manager for every cache; they are filled once it starts. */
export function newCaches(manager: Manager): Caches {
  return {
    workflows: manager.informer({
      type: Workflows,
      indexes: {
        [Indexes.appSubmitter]: appSubmitters,
        [Indexes.submitter]: ({ metadata }) => [metadata.annotations?.[Annotations.submittedBy] ?? ''],
        [Indexes.uid]: ({ metadata }) => [metadata.uid ?? ''],
      },
      transform: slimWorkflow,
    }),
    tasks: manager.informer({ type: Tasks, indexes: { [Indexes.workflowUid]: controllerUid }, transform: slimTask }),
    pools: manager.informer({ type: Pools }),
    platforms: manager.informer({ type: Platforms }),
    backends: manager.informer({ type: Backends }),
    apps: manager.informer({
      type: Apps,
      indexes: { [Indexes.uid]: ({ metadata }) => [metadata.uid ?? ''] },
      transform: slimApp,
      pageSize: recipesPerPage,
    }),
    appVersions: manager.informer({
      type: AppVersions,
      indexes: {
        [Indexes.app]: ({ metadata, spec }) => [`${metadata.namespace}/${spec.app}`],
        [Indexes.createdBy]: ({ spec }) => (spec.createdBy === undefined ? [] : [spec.createdBy]),
      },
      transform: slimAppVersion,
      pageSize: recipesPerPage,
    }),
    buckets: manager.informer({ type: Buckets, transform: slim }),
    datasets: manager.informer({
      type: Datasets,
      indexes: {
        [Indexes.bucket]: ({ metadata, spec }) => [`${metadata.namespace}/${spec.bucket}`],
        [Indexes.member]: ({ metadata, spec }) =>
          (spec.members ?? []).map(({ dataset }) => `${metadata.namespace}/${dataset}`),
      },
      transform: slim,
    }),
    datasetVersions: manager.informer({
      type: DatasetVersions,
      indexes: {
        [Indexes.dataset]: ({ metadata, spec }) => [`${metadata.namespace}/${spec.dataset}`],
        [Indexes.madeFrom]: ({ metadata, spec }) =>
          (spec.provenance?.inputs ?? []).flatMap(({ dataset, version }) =>
            dataset === undefined ? [] : [`${metadata.namespace}/${dataset}.${version}`],
          ),
      },
      transform: slim,
    }),
    users: manager.informer({ type: Users, transform: slim }),
    accessTokens: manager.informer({
      type: AccessTokens,
      indexes: { [Indexes.hash]: ({ spec }) => [spec.hash], [Indexes.user]: ({ spec }) => [spec.user] },
      transform: slim,
    }),
    clusterRoles: manager.informer({
      type: ClusterRoles,
      labelSelector: `${Labels.role}=true`,
      transform: (role) => {
        delete role.rules;
        return slim(role);
      },
    }),
  };
}

/** What programs are given is by far the most of an object, and no list shows it; who asks for the spec gets it fresh. */
const bulky = ['files', 'args', 'env', 'podTemplate', 'variables'] as const;

/** A Workflow without what only its spec shows: template, files, arguments, environment. */
export function slimWorkflow(workflow: Workflow): Workflow {
  delete (workflow.metadata as { managedFields?: unknown }).managedFields;
  delete workflow.spec.source;
  for (const task of workflow.spec.tasks ?? []) dropBulky(task);
  for (const group of workflow.spec.groups ?? []) for (const task of group.tasks) dropBulky(task);
  return workflow;
}

/** A Task without what only its pod needs. */
export function slimTask(task: Task): Task {
  delete (task.metadata as { managedFields?: unknown }).managedFields;
  dropBulky(task.spec);
  return task;
}

/** An App without the recipe that it may declare. */
export function slimApp(app: App): App {
  delete (app.metadata as { managedFields?: unknown }).managedFields;
  // kubectl's copy of what it applied: the recipe once more.
  delete app.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  delete app.spec.recipe;
  return app;
}

/** An AppVersion with the digest of its recipe in the recipe's place. */
export function slimAppVersion(version: AppVersion): AppVersion {
  delete (version.metadata as { managedFields?: unknown }).managedFields;
  version.spec.recipe = digestOf(version.spec.recipe);
  return version;
}

/** Without what only appliers need. */
function slim<T extends KubeObject>(object: T): T {
  delete (object.metadata as { managedFields?: unknown }).managedFields;
  delete object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  return object;
}

function dropBulky(holder: object): void {
  for (const field of bulky) delete (holder as Record<string, unknown>)[field];
  (holder as { command?: readonly string[] }).command = noWords;
}

const noWords: readonly string[] = Object.freeze([]);
