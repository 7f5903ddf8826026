import {
  accessToken,
  app,
  appVersion,
  backend,
  bucket,
  credential,
  dataset,
  datasetVersion,
  digest,
  type Manifest,
  oneResource,
  oneTask,
  platform,
  pool,
  quota,
  quotaUsage,
  task,
  taskObject,
  user,
  workflow,
} from './manifests.ts';

/** A manifest that must be accepted, and part of what must come back, with defaults filled in. */
export interface RightManifest {
  readonly title: string;
  readonly object: Manifest;
  readonly stored: object;
}

const everything = {
  args: ['--epochs', '3'],
  lead: true,
  resource: 'big',
  env: [
    { name: 'A', value: 'b' },
    { name: 'B.c-d', value: '' },
  ],
  files: [
    { path: '/run.sh', contents: 'echo' },
    { path: '/osmo/data/output/readme.txt', contents: 'aGk=', base64: true },
    { path: '/osmosis/x', contents: '' },
  ],
  inputs: [
    { task: { name: 'prep', regex: '.*\\.png$' } },
    { task: { name: 'prep', workflow: 'other-7' } },
    { task: { name: 'prep', instances: 'Same' } },
    { url: { url: 's3://bucket/path/{{workflow_id}}', credential: 'lab-store' } },
    { dataset: { name: 'bucket/scenes:latest', path: 'a' } },
  ],
  outputs: [
    { url: { url: 'gs://bucket/out', regex: '.*' } },
    { dataset: { name: 'scenes', path: 'a', metadata: ['m.yaml'], labels: ['l.yaml'] } },
    { updateDataset: { name: 'scenes:3', paths: ['a', 'b'] } },
  ],
  credentials: [
    { name: 'hub', env: [{ name: 'TOKEN', key: 'token' }] },
    { name: 'ssh', mountPath: '/keys' },
  ],
  volumeMounts: [{ hostPath: '/mnt/data', mountPath: '/data' }],
  privileged: true,
  hostNetwork: true,
  exitActions: [
    { action: 'Complete', exitCodes: '0,10-20' },
    { action: 'Reschedule', exitCodes: '3001,3006' },
  ],
  retryPolicy: { maxRetries: 2, maxInfrastructureRetries: 5, backoffSeconds: 10, maxBackoffSeconds: 60 },
  count: 8,
  matrix: [{ name: 'rate', values: ['0.1', '0.01'] }],
  maxParallel: 4,
  checkpoints: [
    { path: '/tmp/models', url: 'azure://account/container/models', frequencySeconds: 60, credential: 'a.b' },
  ],
  downloadType: 'Download',
  cacheSize: '90%',
  kpis: [{ index: 'loss', path: 'loss.json' }],
};

/** Manifests that are right; together they use every field of every spec. */
export const rightManifests: readonly RightManifest[] = [
  {
    title: 'the shortest workflow',
    object: oneTask({}, 'shortest'),
    stored: {
      spec: {
        pool: 'default',
        priority: 'Normal',
        tasks: [{ lead: false, resource: 'default', privileged: false, hostNetwork: false }],
      },
    },
  },
  {
    title: 'a task that says all that a task can say',
    object: workflow(
      {
        pool: 'lab',
        priority: 'Low',
        labels: { team: 'perception', 'example.com/cost-centre': '42' },
        timeouts: { execSeconds: 3600, queueSeconds: 60, startSeconds: 600 },
        maxParallel: 10,
        suspend: true,
        cancel: { by: 'ada', reason: 'wrong data', force: true },
        restart: { id: '1', tasks: ['prep'], pinned: true, by: 'ada' },
        ttlSecondsAfterFinished: 86400,
        resources: [
          {
            ...{ name: 'big', cpu: 8, memory: '64Gi', storage: '999.999Ti', gpu: 8, platform: 'h100' },
            nodesExcluded: ['node-7.example.com'],
            topology: [{ key: 'rack' }, { key: 'zone', group: 'all', requirement: 'Preferred' }],
          },
        ],
        tasks: [task({ name: 'prep' }), task(everything)],
        source: { template: 'workflow: {{ name }}', values: [{ name: 'name', value: 'x' }] },
      },
      'everything',
    ),
    stored: {
      spec: {
        resources: [{ cpu: 8, topology: [{ group: 'default', requirement: 'Required' }, { group: 'all' }] }],
        tasks: [{ name: 'prep' }, { files: [{ base64: false }, { base64: true }, { base64: false }] }],
      },
    },
  },
  {
    title: 'groups, of one and of several',
    object: workflow(
      {
        groups: [
          { name: 'alone', count: 3, tasks: [task()] },
          {
            ...{ name: 'together', barrier: false, ignoreNonleadStatus: false },
            tasks: [task({ name: 'leader', lead: true }), task({ name: 'follower' })],
          },
        ],
      },
      'groups',
    ),
    stored: {
      spec: {
        groups: [
          { barrier: true, ignoreNonleadStatus: true },
          { barrier: false, ignoreNonleadStatus: false },
        ],
      },
    },
  },
  {
    title: 'a name of 63 characters, a task name of 64',
    object: oneTask({ name: `A${'_-'.repeat(31)}z` }, 'w'.repeat(63)),
    stored: { spec: { tasks: [{ name: `A${'_-'.repeat(31)}z` }] } },
  },
  {
    title: 'quantities in every form',
    object: oneResource({ cpu: '0.5', memory: 1073741824 }, 'plain'),
    stored: { spec: { resources: [{ cpu: '0.5', memory: 1073741824 }] } },
  },
  {
    title: 'quantities of nothing',
    object: oneResource({ cpu: '500m', memory: '0', gpu: 0 }, 'nothing'),
    stored: { spec: { resources: [{ gpu: 0 }] } },
  },
  {
    title: 'the shortest Pool',
    object: pool({}, 'shortest'),
    stored: {
      spec: {
        ...{ platforms: [], maintenance: false, scheduler: { type: 'Default' } },
        defaultResources: { cpu: '1', memory: '1Gi', storage: '1Gi', gpu: 0 },
      },
    },
  },
  {
    title: 'a Pool with all that it can have',
    object: pool(
      {
        description: 'For the lab',
        platforms: ['l40', 'h100'],
        defaultPlatform: 'h100',
        maintenance: true,
        scheduler: { type: 'KAI', name: 'kai-scheduler', queue: 'lab' },
        gpuQuota: { guarantee: 8 },
        timeouts: {
          ...{ defaultExecSeconds: 60, maxExecSeconds: 60, defaultQueueSeconds: 1, maxQueueSeconds: 5 },
          ...{ defaultStartSeconds: 60, maxStartSeconds: 600 },
        },
        retryPolicy: { maxRetries: 1 },
        defaultExitActions: [{ action: 'Reschedule', exitCodes: '3006' }],
        defaultResources: { cpu: 2 },
        podTemplate: {
          metadata: { labels: { a: 'b' } },
          spec: { runtimeClassName: 'nvidia', volumes: [{ name: 'x', emptyDir: {} }] },
        },
        resourceRules: [{ operator: 'LE', left: '{{USER_CPU}}', right: '{{K8_CPU}}', message: 'too many CPUs' }],
        topologyKeys: [{ key: 'rack', label: 'example.com/rack' }],
      },
      'full',
    ),
    stored: {
      spec: {
        gpuQuota: { guarantee: 8, maximum: -1, weight: 1 },
        defaultResources: { cpu: 2, memory: '1Gi' },
        podTemplate: { spec: { runtimeClassName: 'nvidia', volumes: [{ name: 'x', emptyDir: {} }] } },
      },
    },
  },
  {
    title: 'the shortest Platform',
    object: platform({}, 'shortest'),
    stored: { spec: { privilegedAllowed: false, hostNetworkAllowed: false } },
  },
  {
    title: 'a Platform with all that it can have',
    object: platform(
      {
        description: 'H100',
        nodeSelector: { 'nvidia.com/gpu.product': 'NVIDIA-H100', plain: '' },
        tolerations: [
          { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
          { tolerationSeconds: 5, effect: 'NoExecute', value: 'x' },
        ],
        podTemplate: { spec: { hostIPC: true } },
        defaultResources: { cpu: 1, memory: '1Gi', storage: '1Gi', gpu: 1 },
        variables: [{ name: 'USER_CACHE', value: '10Gi' }],
        allowedMounts: ['/mnt/data'],
        defaultMounts: ['/mnt/cache'],
        privilegedAllowed: true,
        hostNetworkAllowed: true,
        nodeShapes: [{ name: 'big', cpu: 128, memory: '2Ti', storage: '10Ti', gpu: 8 }],
      },
      'full',
    ),
    stored: { spec: { nodeShapes: [{ gpu: 8 }], podTemplate: { spec: { hostIPC: true } } } },
  },
  { title: 'the shortest Backend', object: backend({}, 'shortest'), stored: { spec: {} } },
  {
    title: 'a Backend with all that it can have',
    object: backend(
      {
        ...{ description: 'On site', dashboardURL: 'https://k8s.example.com', grafanaURL: 'http://grafana' },
        nodeConditions: { rules: [{ type: 'GpuHealthy', status: 'True|Unknown' }] },
      },
      'full',
    ),
    stored: { spec: { nodeConditions: { rules: [{ status: 'True|Unknown' }] } } },
  },
  {
    title: 'a Task as controllers write it',
    object: taskObject({
      ...{ platform: 'h100', submittedBy: 'ada@example.com', labels: { team: 'a' }, timeouts: { execSeconds: 5 } },
      scheduling: {
        ...{
          type: 'KAI',
          schedulerName: 'kai-scheduler',
          queue: 'osmo-pool-default-lab',
          priorityClassName: 'osmo-low',
        },
        nodeSelector: { a: 'b' },
        tolerations: [{ operator: 'Exists' }],
      },
      variables: [{ name: 'USER_CACHE', value: '1Gi' }],
      fanOut: { name: 'train', index: 7 },
      run: 2,
      hold: true,
      cancel: {},
      pinnedImage: 'docker.io/library/busybox@sha256:0123',
      data: {
        keep: true,
        inputs: [
          { index: 0, manifest: digest, workflowUID: 'other', task: 'prep', folder: 'prep-3', path: 'a', regex: '.*' },
          {
            ...{ index: 1, manifest: digest, url: 's3://robots/datasets', credential: 'robots' },
            dataset: { bucket: 'robots', name: 'Scenes_2', version: 7 },
          },
        ],
        outputs: [
          {
            ...{ index: 2, url: 's3://robots/datasets', credential: 'robots', base: digest, baseVersion: 7 },
            dataset: { bucket: 'robots', name: 'Scenes_2', tag: 'golden' },
          },
        ],
      },
      podTemplate: { spec: { x: 1 } },
    }),
    stored: { spec: { privileged: false, hostNetwork: false, podTemplate: { spec: { x: 1 } } } },
  },
  { title: 'the shortest App', object: app({}, 'shortest'), stored: { spec: { historyLimit: 100 } } },
  {
    title: 'an App with all that it can have',
    object: app({ description: 'Trains.', recipe: 'workflow: {name: "{{ name }}"}', historyLimit: 3 }, 'full'),
    stored: { spec: { historyLimit: 3 } },
  },
  {
    title: 'an AppVersion',
    object: appVersion({ createdBy: 'ada@example.com' }),
    stored: { spec: { version: 1, createdBy: 'ada@example.com' } },
  },
  {
    title: 'the shortest Credential',
    object: credential(),
    stored: { spec: { type: 'Generic', name: 'wandb', keys: [] } },
  },
  {
    title: 'a Credential with all that it can have',
    object: credential(
      {
        ...{ type: 'Data', name: 'Lab_store', user: 'ada@example.com', profile: 's3://robots' },
        ...{ keys: ['access_key', 'access_key_id'], secretName: 'lab.store' },
      },
      'lab',
    ),
    stored: { spec: { user: 'ada@example.com', secretName: 'lab.store' } },
  },
  { title: 'the shortest User', object: user(), stored: { spec: { user: 'ada@example.com' } } },
  {
    title: 'a User with all that it can have',
    object: user(
      { user: 'systematic ada', pool: 'lab', email: 'ada@example.com', notifications: { email: true, slack: false } },
      'full',
    ),
    stored: { spec: { pool: 'lab', notifications: { email: true, slack: false } } },
  },
  { title: 'the shortest AccessToken', object: accessToken(), stored: { spec: { groups: [] } } },
  {
    title: 'an AccessToken with all that it can have',
    object: accessToken(
      { description: 'nightly', groups: ['oidc:lab'], roles: ['osmo-user'], createdBy: 'grace' },
      'full.ci',
    ),
    stored: { spec: { groups: ['oidc:lab'], roles: ['osmo-user'] } },
  },
  { title: 'the shortest Quota', object: quota(), stored: { spec: { limits: { workflows: 50 } } } },
  {
    title: 'a Quota with all that it can have',
    object: quota(
      {
        subjects: [
          { kind: 'User', name: 'ada@example.com' },
          { kind: 'Group', name: 'lab' },
          { kind: 'EachNamespace' },
        ],
        limits: { workflows: 0, tasks: 1000 },
      },
      'full',
    ),
    stored: { spec: { limits: { workflows: 0, tasks: 1000 } } },
  },
  { title: 'a QuotaUsage', object: quotaUsage(), stored: { spec: { kind: 'Namespace' } } },
  { title: 'the shortest Bucket', object: bucket(), stored: { spec: { mode: 'ReadWrite', default: false } } },
  {
    title: 'a Bucket with all that it can have',
    object: bucket(
      { url: 'file:///mnt/lab', credential: 'lab-store', mode: 'ReadOnly', description: 'Recordings.', default: true },
      'full',
    ),
    stored: { spec: { mode: 'ReadOnly', default: true } },
  },
  { title: 'the shortest Dataset', object: dataset(), stored: { spec: { type: 'Dataset' } } },
  {
    title: 'a Dataset with all that it can have',
    object: dataset(
      {
        name: 'Scenes_2',
        labels: { robot: 'spot', sensors: { lidar: 2, cameras: [1, 'two'] } },
        tags: [
          { name: 'golden', version: 3 },
          { name: 'v1.2', version: 1 },
        ],
      },
      'robots.scenes-2',
    ),
    stored: { spec: { labels: { sensors: { cameras: [1, 'two'] } } } },
  },
  {
    title: 'a collection',
    object: dataset({ type: 'Collection', members: [{ dataset: 'robots.other', version: 2 }] }),
    stored: { spec: { type: 'Collection' } },
  },
  { title: 'the shortest DatasetVersion', object: datasetVersion(), stored: { spec: { version: 1 } } },
  {
    title: 'a DatasetVersion with all that it can have',
    object: datasetVersion(
      {
        version: 12,
        createdBy: 'ada@example.com',
        tag: 'golden',
        labels: { robot: 'spot' },
        metadata: { description: 'Night drives', frames: 12, nested: { a: [true, null] } },
        provenance: {
          workflow: { name: 'flow', uid: '4c3b9f0e-0000-4000-8000-000000000000' },
          ...{ task: 'train', taskUID: 'abc', run: 1, attempt: 2, output: 0, outcome: 'Failed' },
          ...{ image: 'busybox', imageID: 'busybox@sha256:0123' },
          inputs: [
            { dataset: 'robots.scenes', version: 11, manifest: digest },
            { workflowUID: 'abc', task: 'prep', manifest: digest },
            { url: 's3://lab/raw', readBy: 'prep' },
          ],
        },
      },
      'robots.scenes.12',
    ),
    stored: { spec: { provenance: { outcome: 'Failed' }, metadata: { nested: { a: [true, null] } } } },
  },
];
