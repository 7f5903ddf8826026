import { Api } from '../constants.ts';

/** A manifest that must be refused, by the apiserver and by the validators alike. */
export interface WrongManifest {
  /** What is wrong, as the name of a test. */
  readonly title: string;
  readonly object: Manifest;
  /** The path that both must name. */
  readonly field: string;
  /** What the apiserver must say is allowed. */
  readonly allowed: RegExp;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec: unknown;
}

const manifest = (kind: string, name: string, spec: unknown): Manifest => ({
  apiVersion: Api.apiVersion,
  kind,
  metadata: { name },
  spec,
});

/** A task that is right, with what `more` says on top. */
export const task = (more: object = {}) => ({
  name: 'train',
  image: 'busybox',
  command: ['sh', '-c', 'true'],
  ...more,
});

export const workflow = (spec: object, name = 'flow') => manifest('Workflow', name, spec);
/** A Workflow of one task that is right but for `more`. */
export const oneTask = (more: object, name?: string) => workflow({ tasks: [task(more)] }, name);
/** A Workflow that is right but for one entry of `resources`. */
export const oneResource = (more: object, name?: string) =>
  workflow({ resources: [{ name: 'default', ...more }], tasks: [task()] }, name);
export const pool = (spec: object, name = 'lab') => manifest('Pool', name, { backend: 'default', ...spec });
export const platform = (spec: object, name = 'l40') => manifest('Platform', name, spec);
export const backend = (spec: object, name = 'on-prem') => manifest('Backend', name, spec);

export const app = (spec: object, name = 'recipes') => manifest('App', name, spec);
export const appVersion = (more: object = {}, name = 'recipes.1') =>
  manifest('AppVersion', name, { app: 'recipes', version: 1, recipe: 'workflow: {}', ...more });

export const bucket = (spec: object = {}, name = 'robots') =>
  manifest('Bucket', name, { url: 's3://robots/datasets', ...spec });
export const dataset = (spec: object = {}, name = 'robots.scenes') =>
  manifest('Dataset', name, { bucket: 'robots', name: 'scenes', ...spec });
export const credential = (spec: object = {}, name = 'generic-wandb') =>
  manifest('Credential', name, { type: 'Generic', name: 'wandb', ...spec });
export const user = (spec: object = {}, name = 'ada-0123456789') =>
  manifest('User', name, { user: 'ada@example.com', ...spec });
export const accessToken = (more: object = {}, name = 'ada-0123456789.ci-0123456789') =>
  manifest('AccessToken', name, {
    ...{ user: 'ada@example.com', name: 'ci', hash: '0'.repeat(64), expirationTime: '2027-01-31T00:00:00Z' },
    ...more,
  });
export const quota = (more: object = {}, name = 'each-user') =>
  manifest('Quota', name, { subjects: [{ kind: 'EachUser' }], limits: { workflows: 50 }, ...more });
export const quotaUsage = (more: object = {}, name = 'namespace.lab') =>
  manifest('QuotaUsage', name, { kind: 'Namespace', name: 'lab', ...more });
/** Digest of a manifest, as repositories give them. */
export const digest = `blake3:${'0123456789abcdef'.repeat(4)}`;
export const datasetVersion = (more: object = {}, name = 'robots.scenes.1') =>
  manifest('DatasetVersion', name, {
    ...{ dataset: 'robots.scenes', version: 1, manifest: digest, files: 3, logicalBytes: 10, storedBytes: 4 },
    ...more,
  });

/** The spec of a Task that is right, with what `more` says on top. */
export const taskSpec = (more: object = {}) => ({
  workflow: { name: 'flow', uid: '4c3b9f0e-0000-4000-8000-000000000000' },
  taskName: 'train',
  lead: true,
  group: { name: 'train-group', size: 1, barrier: true, ignoreNonleadStatus: true },
  backend: 'default',
  pool: 'default',
  priority: 'Normal',
  scheduling: { type: 'Default' },
  resources: { cpu: '1', memory: '1Gi', gpu: 0 },
  image: 'busybox',
  command: ['true'],
  ...more,
});
export const taskObject = (more: object = {}, name = 'flow.train') => manifest('Task', name, taskSpec(more));
