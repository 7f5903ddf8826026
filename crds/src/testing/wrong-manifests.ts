import {
  accessToken,
  app,
  appVersion,
  backend,
  bucket,
  credential,
  dataset,
  datasetVersion,
  oneResource,
  oneTask,
  platform,
  pool,
  task,
  taskObject,
  user,
  type WrongManifest,
  workflow,
} from './manifests.ts';

const of = (title: string, field: string, allowed: RegExp, object: WrongManifest['object']): WrongManifest => ({
  title,
  field,
  allowed,
  object,
});

const first = 'spec.tasks[0]';

const ofWorkflows: WrongManifest[] = [
  of('neither tasks nor groups', 'spec', /exactly one of tasks and groups/, workflow({})),
  of(
    'an app that nothing has filled in',
    'spec.app',
    /must be filled in by the webhooks/,
    workflow({ app: { name: 'greet' } }),
  ),
  of(
    'a value of an app that no template can name',
    'spec.app.values[0].name',
    /\[a-zA-Z_\]/,
    workflow({ app: { name: 'greet', values: [{ name: 'a-b', value: 'x' }] }, tasks: [task()] }),
  ),
  of(
    'tasks and groups at once',
    'spec',
    /exactly one of tasks and groups/,
    workflow({ tasks: [task()], groups: [{ name: 'pair', tasks: [task()] }] }),
  ),
  of('no tasks in the list', 'spec.tasks', /at least 1 items/, workflow({ tasks: [] })),
  of(
    'more tasks than fit',
    'spec.tasks',
    /at most 5000 items/,
    workflow({ tasks: Array.from({ length: 5001 }, () => task()) }),
  ),
  of(
    'a group without tasks',
    'spec.groups[0].tasks',
    /at least 1 items/,
    workflow({ groups: [{ name: 'pair', tasks: [] }] }),
  ),
  of(
    'a group of two without a lead',
    'spec.groups[0].tasks',
    /exactly one task must have lead: true/,
    workflow({ groups: [{ name: 'pair', tasks: [task(), task({ name: 'peer' })] }] }),
  ),
  of(
    'a group of two with two leads',
    'spec.groups[0].tasks',
    /exactly one task must have lead: true/,
    workflow({ groups: [{ name: 'pair', tasks: [task({ lead: true }), task({ name: 'peer', lead: true })] }] }),
  ),
  of('a name that starts with a digit', `${first}.name`, /\^\[a-zA-Z\]/, oneTask({ name: '1st' })),
  of('a name that ends with a dash', `${first}.name`, /\[a-zA-Z0-9\]\)\?\$/, oneTask({ name: 'train-' })),
  of('a name of 65 characters', `${first}.name`, /64/, oneTask({ name: 'a'.repeat(65) })),
  of('a workflow with a dotted name', 'metadata.name', /\^\[a-z0-9\]\(\[-a-z0-9\]\*/, oneTask({}, 'a.b')),
  of('a workflow with a name of 64 characters', 'metadata.name', /63/, oneTask({}, 'a'.repeat(64))),
  of('no image', `${first}.image`, /Required/, oneTask({ image: undefined })),
  of('an empty image', `${first}.image`, /at least 1 chars/, oneTask({ image: '' })),
  of('an image with a blank', `${first}.image`, /should match/, oneTask({ image: 'ubuntu 24.04' })),
  of('no command', `${first}.command`, /Required/, oneTask({ command: undefined })),
  of('an empty command', `${first}.command`, /at least 1 items/, oneTask({ command: [] })),
  of('a command in one string', `${first}.command`, /array/, oneTask({ command: 'sleep 5' })),
  of(
    "upstream's spelling of a priority",
    'spec.priority',
    /"High", "Normal", "Low"/,
    workflow({ priority: 'HIGH', tasks: [task()] }),
  ),
  of('a pool with capitals', 'spec.pool', /\^\[a-z0-9\]/, workflow({ pool: 'Lab', tasks: [task()] })),
  of(
    'a time-out of nothing',
    'spec.timeouts.execSeconds',
    /greater than or equal to 1/,
    workflow({ timeouts: { execSeconds: 0 }, tasks: [task()] }),
  ),
  of(
    'a time-out of ten years',
    'spec.timeouts.queueSeconds',
    /31622400/,
    workflow({ timeouts: { queueSeconds: 315360000 }, tasks: [task()] }),
  ),
  of(
    'a label key with a blank',
    'spec.labels',
    /keys must be label keys/,
    workflow({ labels: { 'cost centre': 'a' }, tasks: [task()] }),
  ),
  of(
    'a label without a value',
    'spec.labels.team',
    /at least 1 chars/,
    workflow({ labels: { team: '' }, tasks: [task()] }),
  ),
  of(
    'a label value with a slash',
    'spec.labels.team',
    /should match/,
    workflow({ labels: { team: 'a/b' }, tasks: [task()] }),
  ),
  of(
    '17 labels',
    'spec.labels',
    /at most 16 items/,
    workflow({ labels: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`l${i}`, 'x'])), tasks: [task()] }),
  ),
];

const ofTasks: WrongManifest[] = [
  of(
    'an environment name with a digit first',
    `${first}.env[0].name`,
    /\^\[-\._a-zA-Z\]/,
    oneTask({ env: [{ name: '1A', value: '' }] }),
  ),
  of(
    'the same variable twice',
    `${first}.env[1]`,
    /Duplicate value/,
    oneTask({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
  ),
  of('a variable that is no string', `${first}.env[0].value`, /string/, oneTask({ env: [{ name: 'A', value: true }] })),
  of(
    'a file with a relative path',
    `${first}.files[0].path`,
    /\^\\\//,
    oneTask({ files: [{ path: 'run.sh', contents: '' }] }),
  ),
  of(
    "a file in the product's own folder",
    `${first}.files[0].path`,
    /osmo\\\/data\\\/output/,
    oneTask({ files: [{ path: '/osmo/bin/x', contents: '' }] }),
  ),
  of('a file without contents', `${first}.files[0].contents`, /Required/, oneTask({ files: [{ path: '/run.sh' }] })),
  of(
    'the same file twice',
    `${first}.files[1]`,
    /Duplicate value/,
    oneTask({
      files: [
        { path: '/run.sh', contents: 'a' },
        { path: '/run.sh', contents: 'b' },
      ],
    }),
  ),
  of('an input that says nothing', `${first}.inputs[0]`, /at least 1 properties/, oneTask({ inputs: [{}] })),
  of(
    'an input that says two things',
    `${first}.inputs[0]`,
    /at most 1 item/,
    oneTask({ inputs: [{ task: { name: 'prep' }, url: { url: 's3://bucket/a' } }] }),
  ),
  of(
    'an input from the web',
    `${first}.inputs[0].url.url`,
    /s3\|gs\|azure\|tos\|swift/,
    oneTask({ inputs: [{ url: { url: 'https://example.com' } }] }),
  ),
  of('an input task without a name', `${first}.inputs[0].task.name`, /Required/, oneTask({ inputs: [{ task: {} }] })),
  of(
    'an output that says two things',
    `${first}.outputs[0]`,
    /at most 1 item/,
    oneTask({ outputs: [{ url: { url: 's3://b/a' }, dataset: { name: 'scenes' } }] }),
  ),
  of(
    'a dataset name with a dot',
    `${first}.outputs[0].dataset.name`,
    /should match/,
    oneTask({ outputs: [{ dataset: { name: 'a.b' } }] }),
  ),
  of(
    'a credential that goes nowhere',
    `${first}.credentials[0]`,
    /at least 2 properties/,
    oneTask({ credentials: [{ name: 'hub' }] }),
  ),
  of(
    'a credential that goes two ways',
    `${first}.credentials[0]`,
    /at most 2 items/,
    oneTask({ credentials: [{ name: 'hub', mountPath: '/x', env: [{ name: 'A', key: 'a' }] }] }),
  ),
  of(
    'a relative mount',
    `${first}.volumeMounts[0].mountPath`,
    /\^\\\//,
    oneTask({ volumeMounts: [{ hostPath: '/data', mountPath: 'data' }] }),
  ),
  of(
    'an unknown exit action',
    `${first}.exitActions[0].action`,
    /"Complete", "Fail", "Reschedule"/,
    oneTask({ exitActions: [{ action: 'Restart', exitCodes: '1' }] }),
  ),
  of(
    'exit codes that are no range',
    `${first}.exitActions[0].exitCodes`,
    /should match/,
    oneTask({ exitActions: [{ action: 'Fail', exitCodes: '1-' }] }),
  ),
  of(
    'a checkpoint all the time',
    `${first}.checkpoints[0].frequencySeconds`,
    /greater than or equal to 1/,
    oneTask({ checkpoints: [{ path: '/m', url: 's3://b/m', frequencySeconds: 0 }] }),
  ),
  of(
    'a way of downloading that is gone',
    `${first}.downloadType`,
    /"Download"/,
    oneTask({ downloadType: 'Mountpoint' }),
  ),
  of('a cache of more than all', `${first}.cacheSize`, /should match/, oneTask({ cacheSize: '120%' })),
];

const ofResources: WrongManifest[] = [
  of('negative CPUs', 'spec.resources[0].cpu', /should match/, oneResource({ cpu: '-1' })),
  of('a negative number of CPUs', 'spec.resources[0].cpu', /greater than or equal to 0/, oneResource({ cpu: -1 })),
  of('a million CPUs', 'spec.resources[0].cpu', /less than or equal to 99999/, oneResource({ cpu: 1_000_000 })),
  of('milli-bytes of memory', 'spec.resources[0].memory', /should match/, oneResource({ memory: '100m' })),
  of('memory in a unit that is none', 'spec.resources[0].memory', /should match/, oneResource({ memory: '1GiB' })),
  of('absurd memory', 'spec.resources[0].memory', /should match/, oneResource({ memory: '5000Ti' })),
  of('absurd storage', 'spec.resources[0].storage', /should match/, oneResource({ storage: '999Pi' })),
  of('negative GPUs', 'spec.resources[0].gpu', /greater than or equal to 0/, oneResource({ gpu: -1 })),
  of('too many GPUs', 'spec.resources[0].gpu', /less than or equal to 1024/, oneResource({ gpu: 1025 })),
  of('half a GPU', 'spec.resources[0].gpu', /type int32/, oneResource({ gpu: 0.5 })),
  of('a topology without a key', 'spec.resources[0].topology[0].key', /Required/, oneResource({ topology: [{}] })),
  of(
    'the same resources twice',
    'spec.resources[1]',
    /Duplicate value/,
    workflow({ resources: [{ name: 'default' }, { name: 'default' }], tasks: [task()] }),
  ),
];

const ofOtherKinds: WrongManifest[] = [
  of('a Pool without a backend', 'spec.backend', /Required/, pool({ backend: undefined })),
  of(
    'a default platform that the pool lacks',
    'spec.defaultPlatform',
    /one of platforms \(l40, h100\), is a100/,
    pool({ platforms: ['l40', 'h100'], defaultPlatform: 'a100' }),
  ),
  of('the same platform twice', 'spec.platforms[1]', /Duplicate value/, pool({ platforms: ['l40', 'l40'] })),
  of(
    'an unknown scheduler',
    'spec.scheduler.type',
    /"Default", "KAI", "RunAI", "Kueue", "Volcano"/,
    pool({ scheduler: { type: 'kai' } }),
  ),
  of(
    'a guarantee above the maximum',
    'spec.gpuQuota.guarantee',
    /not be greater than maximum/,
    pool({ gpuQuota: { guarantee: 8, maximum: 4 } }),
  ),
  of(
    'a guarantee below no limit',
    'spec.gpuQuota.guarantee',
    /greater than or equal to -1/,
    pool({ gpuQuota: { guarantee: -2 } }),
  ),
  of(
    'a default time-out above the longest',
    'spec.timeouts.defaultExecSeconds',
    /not be greater than maxExecSeconds/,
    pool({ timeouts: { defaultExecSeconds: 60, maxExecSeconds: 30 } }),
  ),
  of(
    'an unknown operator',
    'spec.resourceRules[0].operator',
    /"GT", "GE", "LT", "LE", "EQ"/,
    pool({ resourceRules: [{ operator: 'NE', left: '1', right: '2', message: 'no' }] }),
  ),
  of(
    'a toleration of an unknown effect',
    'spec.tolerations[0].effect',
    /"NoSchedule"/,
    platform({ tolerations: [{ effect: 'Never' }] }),
  ),
  of(
    'a selector with a key that is none',
    'spec.nodeSelector',
    /keys must be label keys/,
    platform({ nodeSelector: { '/a': 'b' } }),
  ),
  of('a relative folder of the node', 'spec.allowedMounts[0]', /\^\\\//, platform({ allowedMounts: ['data'] })),
  of(
    'a shape without memory',
    'spec.nodeShapes[0].memory',
    /Required/,
    platform({ nodeShapes: [{ name: 'big', cpu: 64 }] }),
  ),
  of('a dashboard that is no web page', 'spec.dashboardURL', /https\?/, backend({ dashboardURL: 'ftp://x' })),
  of('a Backend with a dotted name', 'metadata.name', /should match/, backend({}, 'a.b')),
  of('a Task without a dot in its name', 'metadata.name', /should match/, taskObject({}, 'train')),
  of(
    'a Task of an empty group',
    'spec.group.size',
    /greater than or equal to 1/,
    taskObject({ group: { name: 'g', size: 0, barrier: true, ignoreNonleadStatus: true } }),
  ),
];

const ofApps: WrongManifest[] = [
  of('an App with an upper-case name', 'metadata.name', /should match/, app({}, 'Recipes')),
  of('an App with an empty recipe', 'spec.recipe', /at least 1 chars/, app({ recipe: '' })),
  of('an App whose recipe is no text', 'spec.recipe', /string/, app({ recipe: 7 })),
  of('an App that keeps nothing', 'spec.historyLimit', /greater than or equal to 1/, app({ historyLimit: 0 })),
  of('an App that keeps too much', 'spec.historyLimit', /less than or equal to 1000/, app({ historyLimit: 1001 })),
  of('an App with an endless description', 'spec.description', /Too long/, app({ description: 'x'.repeat(5000) })),
  of('an AppVersion of no App', 'spec.app', /Required/, appVersion({ app: undefined })),
  of('an AppVersion 0', 'spec.version', /greater than or equal to 1/, appVersion({ version: 0 })),
  of('an AppVersion without a recipe', 'spec.recipe', /Required/, appVersion({ recipe: undefined })),
  of('an AppVersion without a number in its name', 'metadata.name', /should match/, appVersion({}, 'recipes')),
];

const ofUsers: WrongManifest[] = [
  of('a Credential of no type', 'spec.type', /Required/, credential({ type: undefined })),
  of('a Credential of another type', 'spec.type', /"Registry", "Data", "Generic"/, credential({ type: 'generic' })),
  of('a Credential with a blank in its name', 'spec.name', /should match/, credential({ name: 'w b' })),
  of('a Credential of a Secret that can not be', 'spec.secretName', /should match/, credential({ secretName: 'A_B' })),
  of('a User without a name', 'spec.user', /Required/, user({ user: undefined })),
  of('a User of the cluster itself', 'spec.user', /must not begin with/, user({ user: 'system:admin' })),
  of('a User with a line break', 'spec.user', /should match/, user({ user: 'ada\nroot' })),
  of('a User with a pool that can not be', 'spec.pool', /should match/, user({ pool: 'No Pool' })),
  of('a User with no address', 'spec.email', /should match/, user({ email: 'ada' })),
  of('an AccessToken of nobody', 'spec.user', /Required/, accessToken({ user: undefined })),
  of('an AccessToken of a service account', 'spec.user', /must not begin with/, accessToken({ user: 'system:node:a' })),
  of('an AccessToken without an end', 'spec.expirationTime', /Required/, accessToken({ expirationTime: undefined })),
  of('an AccessToken that is in the clear', 'spec.hash', /should match/, accessToken({ hash: 'secret' })),
  of('an AccessToken with a blank in its name', 'spec.name', /should match/, accessToken({ name: 'c i' })),
];

const ofDatasets: WrongManifest[] = [
  of('a Bucket without a place', 'spec.url', /Required/, bucket({ url: undefined })),
  of('a Bucket on the web', 'spec.url', /s3\|gs\|azure\|tos\|swift/, bucket({ url: 'https://example.com/b' })),
  of('a Bucket in a relative folder', 'spec.url', /file/, bucket({ url: 'file://data' })),
  of('a Bucket of an unknown mode', 'spec.mode', /"ReadWrite", "ReadOnly"/, bucket({ mode: 'read-only' })),
  of('a Bucket with a dot in its name', 'metadata.name', /should match/, bucket({}, 'a.b')),
  of('a Dataset of no bucket', 'metadata.name', /should match/, dataset({}, 'scenes')),
  of('a Dataset that bears another name', 'metadata.name', /must be spec.bucket, a dot/, dataset({ name: 'Others' })),
  of('a Dataset whose name ends with a dash', 'spec.name', /should match/, dataset({ name: 'scenes-' })),
  of('a tag of digits', 'spec.tags[0].name', /should match/, dataset({ tags: [{ name: '12', version: 1 }] })),
  of('the tag latest', 'spec.tags', /'latest' is the newest/, dataset({ tags: [{ name: 'latest', version: 1 }] })),
  of(
    'the same tag twice',
    'spec.tags[1]',
    /Duplicate value/,
    dataset({
      tags: [
        { name: 'a', version: 1 },
        { name: 'a', version: 2 },
      ],
    }),
  ),
  of('a collection of nothing', 'spec.members', /members must be set/, dataset({ type: 'Collection' })),
  of('members of what is none', 'spec.members', /for no other/, dataset({ members: [] })),
  of('a DatasetVersion 0', 'spec.version', /greater than or equal to 1/, datasetVersion({ version: 0 })),
  of(
    'a DatasetVersion that bears another number',
    'metadata.name',
    /must be spec.dataset/,
    datasetVersion({ version: 2 }),
  ),
  of('a DatasetVersion without contents', 'spec.manifest', /Required/, datasetVersion({ manifest: undefined })),
  of('a digest of no algorithm', 'spec.manifest', /should match/, datasetVersion({ manifest: 'abc' })),
  of('a DatasetVersion of a negative size', 'spec.files', /greater than or equal to 0/, datasetVersion({ files: -1 })),
];

/** Manifests that are wrong in one way each. */
export const wrongManifests: readonly WrongManifest[] = [
  ...ofWorkflows,
  ...ofTasks,
  ...ofResources,
  ...ofOtherKinds,
  ...ofApps,
  ...ofUsers,
  ...ofDatasets,
];
