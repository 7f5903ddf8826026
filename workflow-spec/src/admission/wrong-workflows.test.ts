import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { WorkflowSpecInput } from '@osmo/crds';
import { after, backend, named, platform, pool, shape, task, workflow, world } from '../testing/objects.ts';
import { admitWorkflow } from './admit-workflow.ts';
import type { AdmissionWorld } from './types.ts';

type Case = [what: string, spec: WorkflowSpecInput, want: string[], world?: Partial<AdmissionWorld>];

const one = (more: Parameters<typeof task>[1]): WorkflowSpecInput => ({ tasks: [task('a', more)] });
const resource = (more: object, ...tasks: string[]): WorkflowSpecInput => ({
  resources: [{ name: 'default', ...more }],
  tasks: (tasks.length > 0 ? tasks : ['a']).map((name) => task(name)),
});
const group = (...tasks: ReturnType<typeof task>[]): WorkflowSpecInput => ({ groups: [{ name: 'g', tasks }] });
const many = (count: number, make: (index: number) => ReturnType<typeof task>) =>
  Array.from({ length: count }, (_, index) => make(index));

const a100 = platform({ nodeSelector: { gpu: 'a100' }, allowedMounts: ['/data'], defaultMounts: ['/dev/shm'] }, 'a100');
const scaled = platform(
  {
    nodeSelector: { gpu: 'h100' },
    nodeShapes: [{ name: 'dgx', cpu: 96, memory: '1Ti', storage: '2Ti', gpu: 8 }],
  },
  'h100',
);
/** A pool with two platforms: one whose nodes are there, one whose nodes are started when they are needed. */
const lab = (spec: Parameters<typeof pool>[0] = {}): Partial<AdmissionWorld> => ({
  pools: named(pool({ platforms: ['a100', 'h100'], defaultPlatform: 'a100', ...spec })),
  platforms: named(a100, scaled),
  backends: named(backend({ shapes: [shape('node', { gpu: 8 }, { gpu: 'a100' })] })),
});

const withPlaces = lab({
  scheduler: { type: 'KAI' },
  topologyKeys: [
    { key: 'zone', label: 'topology.kubernetes.io/zone' },
    { key: 'rack', label: 'example.com/rack' },
  ],
});
/** A group of two, each with its own wish for a place. */
const inPlaces = (a: object[], b: object[]): WorkflowSpecInput => ({
  ...group(task('a', { lead: true, resource: 'a' }), task('b', { resource: 'b' })),
  resources: [
    { name: 'a', topology: a },
    { name: 'b', topology: b },
  ] as never,
});

const graph: Case[] = [
  [
    'a cycle',
    { tasks: [after('a', 'c'), after('b', 'a'), after('c', 'b')] },
    [
      'spec.tasks[0]: "a-group": groups wait for each other in a cycle: b-group → c-group → a-group → b-group; remove one of these inputs',
    ],
  ],
  [
    'a task that needs itself',
    { tasks: [after('a', 'a')] },
    ['spec.tasks[0].inputs[0].task.name: "a": a task cannot be its own input; name a task of an earlier group'],
  ],
  [
    'an input with a slip',
    { tasks: [task('prepare'), after('train', 'prpare')] },
    [
      'spec.tasks[1].inputs[0].task.name: "prpare": no task of this workflow; allowed: prepare, train; did you mean "prepare"?',
    ],
  ],
  [
    'an input that is nothing like a task',
    { tasks: [task('prepare'), after('train', 'zzz')] },
    ['spec.tasks[1].inputs[0].task.name: "zzz": no task of this workflow; allowed: prepare, train'],
  ],
  [
    'an input from the own group',
    group(task('a', { lead: true }), after('b', 'a')),
    [
      'spec.groups[0].tasks[1].inputs[0].task.name: "a": the task is in the same group, which runs together; allowed: tasks of other groups',
    ],
  ],
  [
    'Same of a single task',
    { tasks: [task('a'), task('b', { count: 2, inputs: [{ task: { name: 'a', instances: 'Same' } }] })] },
    [
      'spec.tasks[1].inputs[0].task.instances: "Same": the input is a single task; Same is allowed for tasks with count or matrix',
    ],
  ],
  [
    'Same of another number',
    {
      tasks: [task('a', { count: 3 }), task('b', { count: 2, inputs: [{ task: { name: 'a', instances: 'Same' } }] })],
    },
    [
      'spec.tasks[1].inputs[0].task.instances: "Same": task "a" has 3 instances and this task has 2; Same is allowed between as many',
    ],
  ],
  [
    'two tasks of one name',
    { tasks: [task('a'), task('a')] },
    [
      'spec.tasks[1].name: "a": the task clashes with the task "a" at spec.tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
      'spec.tasks[1].name: "a-group": the group made for this task clashes with the group made for this task "a-group" at spec.tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
    ],
  ],
  [
    'names that differ by case and hyphen',
    {
      groups: [
        { name: 'One', tasks: [task('Load_A')] },
        { name: 'two', tasks: [task('load-a')] },
      ],
    },
    [
      'spec.groups[1].tasks[0].name: "load-a": the task clashes with the task "Load_A" at spec.groups[0].tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
    ],
  ],
  [
    'a group named as a task',
    { groups: [{ name: 'a', tasks: [task('a')] }] },
    [
      'spec.groups[0].name: "a": the group clashes with the task "a" at spec.groups[0].tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
    ],
  ],
  [
    'an instance named as a task',
    { tasks: [task('a', { count: 2 }), task('a-1')] },
    [
      'spec.tasks[1].name: "a-1": the task clashes with the instance "a-1" at spec.tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
      'spec.tasks[1].name: "a-1-group": the group made for this task clashes with the group made for this task "a-1-group" at spec.tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
    ],
  ],
  [
    'a reserved name',
    { tasks: [task('OSMO_ctrl')] },
    [
      'spec.tasks[0].name: "OSMO_ctrl": reserved for a container of the system; any name but osmo-ctrl, osmo-init, preflight-test is allowed',
    ],
  ],
  [
    'a name without room for its numbers',
    { tasks: [task('n'.repeat(60), { count: 1000 })] },
    [
      `spec.tasks[0].name: "${'n'.repeat(60)}": too long for the numbers of its instances; at most 59 characters are allowed`,
    ],
  ],
  [
    'count beside matrix',
    one({ count: 2, matrix: [{ name: 'x', values: ['1'] }] }),
    ['spec.tasks[0].count: 2: not allowed beside matrix; set one of the two'],
  ],
  [
    'maxParallel of a single task',
    one({ maxParallel: 2 }),
    ['spec.tasks[0].maxParallel: 2: allowed only beside count or matrix; spec.maxParallel limits the whole workflow'],
  ],
  [
    'two axes of one name',
    one({
      matrix: [
        { name: 'x', values: ['1'] },
        { name: 'X', values: ['2'] },
      ],
    }),
    ['spec.tasks[0].matrix[1].name: "X": another axis has this name; names must differ by more than case'],
  ],
  [
    'a matrix of too many',
    one({
      matrix: ['x', 'y'].map((name) => ({ name, values: Array.from({ length: 200 }, (_, index) => String(index)) })),
    }),
    [
      'spec: 40000: the workflow has so many tasks with all instances; at most 20000 are allowed',
      'spec.tasks[0].matrix: 40000: the values make more than 10000 combinations; split it into several tasks, or take axes or values away',
    ],
  ],
  [
    'a group of too many',
    group(task('a', { lead: true }), task('b', { count: 1024 })),
    ['spec.groups[0].tasks: 1025: the group has so many tasks with all instances; at most 1024 can start together'],
  ],
  [
    'too many tasks',
    { tasks: many(3, (index) => task(`t${index}`, { count: 9000 })) },
    ['spec: 27000: the workflow has so many tasks with all instances; at most 20000 are allowed'],
  ],
  [
    'an unknown resource with a slip',
    { resources: [{ name: 'trainer' }], tasks: [task('a', { resource: 'trainr' })] },
    [
      'spec.tasks[0].resource: "trainr": no entry of spec.resources has this name; allowed: trainer, default; did you mean "trainer"?',
    ],
  ],
  [
    'a host of another group',
    { tasks: [task('a'), task('b', { args: ['{{host:a}}'] })] },
    ['spec.tasks[1].args[0]: "{{host:a}}": no task of the same group; allowed: b'],
  ],
  [
    'a host with a slip',
    group(task('leader', { lead: true }), task('peer', { env: [{ name: 'L', value: '{{host:laeder}}' }] })),
    [
      'spec.groups[0].tasks[1].env[0].value: "{{host:laeder}}": no task of the same group; allowed: leader, peer; did you mean "leader"?',
    ],
  ],
  [
    'the number of an input that there is not',
    { tasks: [task('a'), { ...after('b', 'a'), args: ['{{input:1}}'] }] },
    ['spec.tasks[1].args[0]: "{{input:1}}": the task has no such input; allowed: a number below 1, or one of: a'],
  ],
  [
    'an axis that there is not',
    one({ matrix: [{ name: 'lr', values: ['1'] }], args: ['{{matrix.rl}}'] }),
    [
      'spec.tasks[0].args[0]: "{{matrix.rl}}": the task has no such value; allowed: index, count, group_index, group_count, matrix.lr',
    ],
  ],
  [
    'a range of exit codes backwards',
    one({ exitActions: [{ action: 'Fail', exitCodes: '1,20-10' }] }),
    ['spec.tasks[0].exitActions[0].exitCodes: "1,20-10": the range 20-10 ends before it begins; write 10-20'],
  ],
  [
    'an exit code that no task has',
    one({ exitActions: [{ action: 'Complete', exitCodes: '5000' }] }),
    ['spec.tasks[0].exitActions[0].exitCodes: "5000": no task ends with 5000; allowed: 0 to 4000'],
  ],
  [
    'a pause above the longest',
    one({ retryPolicy: { backoffSeconds: 60, maxBackoffSeconds: 30 } }),
    ['spec.tasks[0].retryPolicy.backoffSeconds: 60: not allowed above maxBackoffSeconds, which is 30'],
  ],
];

const body: Case[] = [
  [
    'an image in capitals',
    one({ image: 'Ubuntu:22.04' }),
    [
      "spec.tasks[0].image: \"Ubuntu:22.04\": no image reference: a repository has lower-case letters, digits and single '.', '_', '-', '/' between them; did you mean \"ubuntu:22.04\"?",
    ],
  ],
  [
    'an image with an empty part',
    one({ image: 'registry.example.com//app' }),
    [
      "spec.tasks[0].image: \"registry.example.com//app\": no image reference: a repository has lower-case letters, digits and single '.', '_', '-', '/' between them",
    ],
  ],
  [
    'a tag that is none',
    one({ image: 'app:-1' }),
    [
      "spec.tasks[0].image: \"app:-1\": no image reference: a tag has letters, digits, '_', '.' and '-', at most 128, and doesn't begin with '.' or '-'",
    ],
  ],
  [
    'a digest that is cut',
    one({ image: 'app@sha256:abc' }),
    [
      "spec.tasks[0].image: \"app@sha256:abc\": no image reference: behind '@' a digest such as 'sha256:…' of 64 hexadecimal digits is allowed",
    ],
  ],
  [
    'a registry that is no host',
    one({ image: 'my_registry.example.com:5000/app' }),
    [
      'spec.tasks[0].image: "my_registry.example.com:5000/app": no image reference: \'my_registry.example.com:5000\' is no host of a registry',
    ],
  ],
  [
    'an image with a name too long',
    one({ image: `${'a'.repeat(256)}:1` }),
    [`spec.tasks[0].image: "${'a'.repeat(256)}…": no image reference: at most 255 characters are allowed`],
  ],
  [
    'two files at one place',
    one({
      files: [
        { path: '/etc/a.yaml', contents: '' },
        { path: '/etc//x/../a.yaml', contents: '' },
      ],
    }),
    [
      'spec.tasks[0].files[1].path: "/etc//x/../a.yaml": spec.tasks[0].files[0].path is at /etc/a.yaml too; each place can be taken once',
    ],
  ],
  [
    'a file below a file',
    one({
      files: [
        { path: '/a/b', contents: '' },
        { path: '/a/b/c', contents: '' },
      ],
    }),
    ['spec.tasks[0].files[1].path: "/a/b/c": spec.tasks[0].files[0].path is a file; place it outside of /a/b'],
  ],
  [
    'a file below a credential',
    one({
      credentials: [{ name: 'key', mountPath: '/keys' }],
      files: [{ path: '/keys/own', contents: '' }],
    }),
    [
      'spec.tasks[0].files[0].path: "/keys/own": spec.tasks[0].credentials[0].mountPath is a credential, which nothing can be added to; place it outside of /keys',
    ],
  ],
  [
    'a file without a name',
    one({ files: [{ path: '/data/', contents: '' }] }),
    ['spec.tasks[0].files[0].path: "/data/": names a folder; add the name of the file'],
  ],
  [
    'a file that gets to the product by a detour',
    one({ files: [{ path: '/tmp/../osmo/bin/x', contents: '' }] }),
    [
      'spec.tasks[0].files[0].path: "/tmp/../osmo/bin/x": /osmo belongs to the product; below /osmo/data/output/ files are allowed',
    ],
  ],
  [
    'contents that are no base64',
    one({ files: [{ path: '/a', contents: 'hello, world!', base64: true }] }),
    ['spec.tasks[0].files[0].contents: "hello, w…": not base64, as base64: true says; encode it, or leave base64 out'],
  ],
  [
    'files of more than a mebibyte',
    one({ files: [0, 1].map((index) => ({ path: `/f${index}`, contents: 'ä'.repeat(300_000) })) }),
    [
      'spec.tasks[0].files: 1200000: so many bytes in all; at most 1048576 are allowed: move what is large into an image or into object storage',
    ],
  ],
  [
    'a credential over the inputs',
    one({ credentials: [{ name: 'key', mountPath: '/osmo/data/input/' }] }),
    [
      'spec.tasks[0].credentials[0].mountPath: "/osmo/data/input/": the task has its inputs and outputs there; take another folder',
    ],
  ],
  [
    'a credential at the root',
    one({ credentials: [{ name: 'key', mountPath: '/' }] }),
    [
      'spec.tasks[0].credentials[0].mountPath: "/": the root folder can not be replaced; name a folder or file below it',
    ],
  ],
  [
    'two credentials in one folder',
    one({
      credentials: [
        { name: 'one', mountPath: '/keys' },
        { name: 'two', mountPath: '/keys/' },
      ],
    }),
    [
      'spec.tasks[0].credentials[1].mountPath: "/keys/": spec.tasks[0].credentials[0].mountPath is at /keys too; each place can be taken once',
    ],
  ],
  [
    'a credential that does not exist, with a slip',
    one({ credentials: [{ name: 'ngc-kye', env: [{ name: 'K', key: 'key' }] }] }),
    [
      'spec.tasks[0].credentials[0].name: "ngc-kye": no credential of this namespace; allowed: ngc-key; did you mean "ngc-key"?',
    ],
    { credentials: new Map([['ngc-key', 'generic']]) },
  ],
  [
    'a credential where there is none',
    one({ credentials: [{ name: 'wandb', env: [{ name: 'K', key: 'key' }] }] }),
    [
      'spec.tasks[0].credentials[0].name: "wandb": no credential of this namespace; allowed: none; make it first: a Secret with the label osmo.dev/credential-type=generic',
    ],
    { credentials: new Map() },
  ],
  [
    'a login of a registry as a credential',
    one({ credentials: [{ name: 'nvcr', env: [{ name: 'K', key: 'key' }] }] }),
    [
      'spec.tasks[0].credentials[0].name: "nvcr": a credential of type "registry", which applies by itself; remove it. Allowed are those of type "generic": key',
    ],
    {
      credentials: new Map([
        ['nvcr', 'registry'],
        ['key', 'generic'],
      ]),
    },
  ],
  [
    'a credential of a type that there is not',
    one({ credentials: [{ name: 'odd', env: [{ name: 'K', key: 'key' }] }] }),
    [
      'spec.tasks[0].credentials[0].name: "odd": a credential of type "Generic"; allowed are those of type "generic": none',
    ],
    { credentials: new Map([['odd', 'Generic']]) },
  ],
];

const inPool: Case[] = [
  [
    'a platform with a slip',
    resource({ platform: 'a10' }),
    ['spec.resources[0].platform: "a10": no platform of pool "default"; allowed: a100, h100; did you mean "a100"?'],
    lab(),
  ],
  [
    'no platform where there is no default',
    resource({ cpu: 1 }),
    ['spec.resources[0]: "default": names no platform and pool "default" has no defaultPlatform; allowed: a100, h100'],
    { ...lab(), pools: named(pool({ platforms: ['a100', 'h100'] })) },
  ],
  [
    'no resources where there is no default platform',
    one({}),
    [
      'spec.tasks[0].resource: "default": names no platform and pool "default" has no defaultPlatform; allowed: a100, h100; add an entry "default" with a platform to spec.resources',
    ],
    { ...lab(), pools: named(pool({ platforms: ['a100', 'h100'] })) },
  ],
  ['privileged', one({ privileged: true }), ['spec.tasks[0].privileged: true: not allowed on platform "a100"'], lab()],
  [
    'the network of the node',
    one({ hostNetwork: true }),
    ['spec.tasks[0].hostNetwork: true: not allowed on the pool, which has no platform'],
  ],
  [
    'a folder of the node',
    one({ volumeMounts: [{ hostPath: '/database', mountPath: '/d' }] }),
    ['spec.tasks[0].volumeMounts[0].hostPath: "/database": not allowed on platform "a100"; allowed: /data'],
    lab(),
  ],
  [
    'a way out of an allowed folder',
    one({ volumeMounts: [{ hostPath: '/data/../etc', mountPath: '/d' }] }),
    ['spec.tasks[0].volumeMounts[0].hostPath: "/data/../etc": must not contain ".."'],
    lab(),
  ],
  [
    'a folder that it has anyway',
    one({ volumeMounts: [{ hostPath: '/dev/shm', mountPath: '/d' }] }),
    ['spec.tasks[0].volumeMounts[0].hostPath: "/dev/shm": every task on platform "a100" has it already; remove it'],
    lab(),
  ],
  [
    'two mounts in one place',
    one({
      volumeMounts: [
        { hostPath: '/data/a', mountPath: '/d' },
        { hostPath: '/data/b', mountPath: '/d' },
      ],
    }),
    [
      'spec.tasks[0].volumeMounts[1].mountPath: "/d": spec.tasks[0].volumeMounts[0].mountPath is at /d too; each place can be taken once',
    ],
    lab(),
  ],
  [
    'what a rule of the administrator refuses',
    resource({ cpu: '2500m' }),
    [
      'spec.resources[0]: {"cpu":"2500m","memory":"1Gi","storage":"1Gi","gpu":0}: at most two: USER_CPU (2500m) must be at most 2 (asked for by spec.tasks[0])',
    ],
    {
      pools: named(pool({ resourceRules: [{ operator: 'LE', left: 'USER_CPU', right: '2', message: 'at most two' }] })),
    },
  ],
  [
    'equal amounts that a rule asks for',
    resource({ gpu: 2 }),
    [
      'spec.resources[0]: {"cpu":"1","memory":"1Gi","storage":"1Gi","gpu":2}: all or nothing: USER_GPU (2) must be equal to 8 (asked for by spec.tasks[0])',
    ],
    { ...lab({ resourceRules: [{ operator: 'EQ', left: '{{USER_GPU}}', right: '8', message: 'all or nothing' }] }) },
  ],
  [
    'too little for a rule',
    resource({ memory: '1Gi' }),
    [
      'spec.resources[0]: {"cpu":"1","memory":"1Gi","storage":"1Gi","gpu":0}: no room for CUDA: USER_MEMORY (1Gi) must be at least LEAST (8589934592) (asked for by spec.tasks[0])',
    ],
    {
      ...lab({ resourceRules: [{ operator: 'GE', left: 'USER_MEMORY', right: 'LEAST', message: 'no room for CUDA' }] }),
      platforms: named(platform({ variables: [{ name: 'LEAST', value: '8Gi' }] }, 'a100'), scaled),
    },
  ],
  [
    'more than a node has, where a rule compares with nodes',
    resource({ memory: '65Gi' }, 'a', 'b', 'c'),
    [
      'spec.resources[0]: {"cpu":"1","memory":"65Gi","storage":"1Gi","gpu":0}: no room: USER_MEMORY (65Gi) must be less than K8_MEMORY (64Gi); this holds on none of 1 kinds of nodes (asked for by spec.tasks[0] and 2 more)',
    ],
    lab({ resourceRules: [{ operator: 'LT', left: 'USER_MEMORY', right: 'K8_MEMORY', message: 'no room' }] }),
  ],
  [
    'more GPUs than a node that can be started has',
    resource({ gpu: 16, platform: 'h100' }),
    [
      'spec.resources[0].gpu: 16: needs 16 GPUs, the largest node of platform "h100" has 8 (asked for by spec.tasks[0])',
    ],
    lab(),
  ],
  [
    'more memory than a node that can be started has',
    resource({ memory: '1025Gi', platform: 'h100' }),
    [
      'spec.resources[0].memory: "1025Gi": needs 1025Gi of memory, the largest node of platform "h100" has 1Ti (asked for by spec.tasks[0])',
    ],
    lab(),
  ],
  [
    'what two kinds of nodes have only together',
    resource({ gpu: 8, cpu: 128, platform: 'mixed' }),
    [
      'spec.resources[0]: "default": needs 8 GPUs, 128 CPUs, 1Gi of memory, 1Gi of storage on one node, and none of platform "mixed" has all of it (asked for by spec.tasks[0])',
    ],
    {
      pools: named(pool({ platforms: ['mixed'] })),
      platforms: named(
        platform(
          {
            nodeSelector: { kind: 'mixed' },
            nodeShapes: [
              { name: 'gpus', cpu: 64, memory: '1Ti', gpu: 8 },
              { name: 'cpus', cpu: 256, memory: '1Ti' },
            ],
          },
          'mixed',
        ),
      ),
    },
  ],
  [
    'more GPUs than the pool may use at once',
    { ...group(task('a', { lead: true }), task('b', { count: 4 })), resources: [{ name: 'default', gpu: 4 }] },
    ['spec.groups[0]: "a": the group needs 20 GPUs; pool "default" may use at most 16'],
    lab({ scheduler: { type: 'RunAI' }, gpuQuota: { guarantee: 4, maximum: 16 } }),
  ],
  [
    'more GPUs than Normal work is guaranteed',
    resource({ gpu: 8 }),
    [
      'spec.tasks[0]: "a": the group needs 8 GPUs; at most 4 are guaranteed to Normal work of pool "default": ask for less, or submit it with priority Low',
    ],
    lab({ scheduler: { type: 'KAI' }, gpuQuota: { guarantee: 4 } }),
  ],
  [
    'a topology key with a slip',
    resource({ topology: [{ key: 'rakc' }] }),
    [
      'spec.resources[0].topology[0].key: "rakc": no topology key of pool "default"; allowed: zone, rack; did you mean "rack"?',
    ],
    withPlaces,
  ],
  [
    'topology in a pool whose scheduler knows no places',
    resource({ topology: [{ key: 'rack' }] }),
    [
      'spec.resources[0].topology: [{"key":"rack","group":"default","requirement":"Required"}]: pool "default" has the scheduler Default, and only KAI places tasks close to each other; name a pool with KAI in spec.pool, or leave it out',
    ],
    lab({ topologyKeys: [{ key: 'rack', label: 'example.com/rack' }] }),
  ],
  [
    'the same topology key twice',
    resource({ topology: [{ key: 'rack' }, { key: 'rack', group: 'other' }] }),
    ['spec.resources[0].topology[1].key: "rack": the key is there already; a task has one place for each key'],
    withPlaces,
  ],
  [
    'tasks of a group with different topology keys',
    inPlaces([{ key: 'zone' }, { key: 'rack' }], [{ key: 'zone' }]),
    [
      'spec.groups[0]: "b": the tasks of a group ask for places by the same topology keys: "a" by zone, rack, this one by zone',
    ],
    withPlaces,
  ],
  [
    'one rack in two zones',
    inPlaces([{ key: 'rack' }, { key: 'zone', group: 'x' }], [{ key: 'zone', group: 'y' }, { key: 'rack' }]),
    [
      'spec.groups[0]: "b": topology group "default" of key rack is another one for task "a" (Required, zone x) than for this one (Required, zone y); make them alike, or name two groups',
    ],
    withPlaces,
  ],
  [
    'one place that is required and preferred',
    inPlaces([{ key: 'rack' }], [{ key: 'rack', requirement: 'Preferred' }]),
    [
      'spec.groups[0]: "b": topology group "default" of key rack is another one for task "a" (Required) than for this one (Preferred); make them alike, or name two groups',
    ],
    withPlaces,
  ],
  [
    'a label that the pool requires',
    one({}),
    ['spec.labels["team"]: pool "default" requires this label; allowed: robotics, vision: we charge by team'],
    lab({
      labelPolicies: [{ key: 'team', required: true, allowed: ['robotics', 'vision'], message: 'we charge by team' }],
    }),
  ],
  [
    'a label with a value that the pool does not allow',
    { ...one({}), labels: { team: 'robotcs' } },
    [
      'spec.labels["team"]: "robotcs": pool "default" doesn\'t allow this value; allowed: robotics, vision; did you mean "robotics"?',
    ],
    lab({ labelPolicies: [{ key: 'team', allowed: ['robotics', 'vision'] }] }),
  ],
];

const lines = (spec: WorkflowSpecInput, more: Partial<AdmissionWorld> = {}): string[] =>
  admitWorkflow(workflow(spec), world(more)).problems.map(
    ({ path, value, message }) => `${path}: ${value === undefined ? '' : `${JSON.stringify(value)}: `}${message}`,
  );

const cases = [...graph, ...body, ...inPool].map(([what, spec, want, more = {}]) => ({ what, spec, want, more }));

test.each(cases)('refuses $what', ({ spec, want, more }) => {
  expect(lines(spec, more)).toEqual(want);
});

test('every message is in the documentation', () => {
  const page = readFileSync(new URL('../../../docs/validation.md', import.meta.url), 'utf8');
  const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // Every other piece between backticks is code.
  const code = page.split('\n').flatMap((line) => line.split('`').filter((_, index) => index % 2 === 1));
  const known = code
    .filter((text) => text.includes(' '))
    .map((text) => new RegExp(`^${text.split('…').map(literal).join('.+')}`));
  const messages = cases.flatMap(({ spec, more }) =>
    admitWorkflow(workflow(spec), world(more)).problems.map(({ message }) => message),
  );
  const said = messages.filter((message) => !known.some((pattern) => pattern.test(message)));
  expect(said).toEqual([]);
});
