import { describe, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import type { Workflow, WorkflowSpecInput } from '@osmo/crds';
import { after, backend, named, platform, pool, shape, task, workflow, world } from '../testing/objects.ts';
import { admitWorkflow } from './admit-workflow.ts';
import type { AdmissionWorld } from './types.ts';

const hello: WorkflowSpecInput = { tasks: [task('a')] };
const warningsOf = (spec: WorkflowSpecInput, more: Partial<AdmissionWorld> = {}): readonly string[] => {
  const { problems, warnings } = admitWorkflow(workflow(spec), world(more));
  expect(problems).toEqual([]);
  return warnings;
};

test('places that fit each other are taken in a pool with KAI', () => {
  const topologyKeys = [
    { key: 'zone', label: 'topology.kubernetes.io/zone' },
    { key: 'rack', label: 'example.com/rack' },
  ];
  const spec: WorkflowSpecInput = {
    resources: [
      { name: 'left', topology: [{ key: 'rack', group: 'l' }, { key: 'zone' }] },
      { name: 'right', topology: [{ key: 'zone' }, { key: 'rack', group: 'r', requirement: 'Preferred' }] },
    ],
    groups: [
      {
        name: 'g',
        tasks: [
          task('a', { lead: true, resource: 'left', count: 2 }),
          task('b', { resource: 'right' }),
          task('c', { resource: 'left' }),
        ],
      },
    ],
  };
  expect(warningsOf(spec, { pools: named(pool({ scheduler: { type: 'KAI' }, topologyKeys })) })).toEqual([]);
});

test('what is right is taken without a word', () => {
  const spec: WorkflowSpecInput = {
    labels: { team: 'vision' },
    timeouts: { execSeconds: 60 },
    resources: [
      { name: 'default', cpu: '500m' },
      { name: 'trainer', gpu: 8, platform: 'a100' },
    ],
    groups: [
      { name: 'prepare', tasks: [task('load', { image: 'registry.example.com:5000/team/x', files: [] })] },
      {
        name: 'train',
        count: 2,
        tasks: [
          {
            ...after('learner', 'load'),
            lead: true,
            resource: 'trainer',
            args: ['{{host:buffer}}', '{{input:load}}', '{{index}}', '{{ other }}', '{{unknown:x}}'],
            volumeMounts: [{ hostPath: '/data/x', mountPath: '/d' }],
            credentials: [
              { name: 'key', mountPath: '/keys' },
              { name: 'key2', env: [{ name: 'K', key: 'k' }] },
            ],
            files: [
              { path: '/osmo/data/output/seed', contents: 'aGk=\n', base64: true },
              { path: '/keys-too', contents: '' },
            ],
          },
          task('buffer', { image: 'ubuntu@sha256:' + 'a'.repeat(64) }),
        ],
      },
    ],
  };
  const policies = { labelPolicies: [{ key: 'team', required: true, allowed: ['vision'] }] };
  const answer = admitWorkflow(
    workflow(spec),
    world({
      pools: named(
        pool({ platforms: ['a100'], defaultPlatform: 'a100', timeouts: { maxExecSeconds: 60 }, ...policies }),
      ),
      platforms: named(platform({ nodeSelector: { gpu: 'a100' }, allowedMounts: ['/data'] }, 'a100')),
      backends: named(backend({ shapes: [shape('node', { gpu: 8 }, { gpu: 'a100' })] })),
      credentials: new Map([
        ['key', 'generic'],
        ['key2', 'generic'],
      ]),
    }),
  );
  expect(answer).toEqual({ problems: [], defaults: [], warnings: [] });
});

test.each(['ubuntu', 'ubuntu:22.04', 'localhost/app', 'Host/app:1', 'a.b/c__d/e-f.g:1_2', 'img:{{matrix.tag}}'])(
  '%s is an image',
  (image) =>
    expect(warningsOf({ tasks: [task('a', { image, matrix: [{ name: 'tag', values: ['1'] }] })] })).toEqual([]),
);

describe('what an administrator has to mend is said, and the workflow is taken', () => {
  const scaled = { platforms: ['a100'], defaultPlatform: 'a100' };
  const rule = (right: string) => ({
    resourceRules: [{ operator: 'LE' as const, left: 'USER_CPU', right, message: 'too many CPUs' }],
  });
  test.each<{ what: string; spec?: WorkflowSpecInput; more: Partial<AdmissionWorld>; want: string[] }>([
    {
      what: 'a pool that there is not',
      spec: { ...hello, pool: 'defualt' },
      more: {},
      want: ['spec.pool: there is no pool "defualt"; the workflow waits until that changes; did you mean "default"?'],
    },
    {
      what: 'a pool in maintenance',
      more: { pools: named(pool({ maintenance: true })) },
      want: ['spec.pool: pool "default" is in maintenance; the workflow waits until that changes'],
    },
    {
      what: 'a pool without its backend',
      more: { backends: new Map() },
      want: [
        'spec.pool: pool "default" belongs to backend "local", which does not exist; the workflow waits until that changes',
      ],
    },
    { what: 'nothing where backends are not known', more: { backends: undefined }, want: [] },
    {
      what: 'a backend that is away',
      more: {
        backends: named(
          backend({
            conditions: [
              {
                type: ConditionTypes.connected,
                status: 'False',
                reason: 'HeartbeatLost',
                message: '',
                lastTransitionTime: '2026-01-01T00:00:00Z',
              },
            ],
          }),
        ),
      },
      want: ['spec.pool: backend "local" of pool "default" is not connected; tasks start when it is back'],
    },
    {
      what: 'a platform that the pool lists and that there is not, once for all tasks',
      spec: {
        resources: [{ name: 'default', cpu: 1 }],
        tasks: [task('a'), task('b', { privileged: true })],
      },
      more: { pools: named(pool(scaled)) },
      want: [
        'spec.resources[0].platform: "a100": pool "default" lists this platform, and there is none of this name; an administrator has to make it',
      ],
    },
    {
      what: 'a task that no node has room for, where larger ones may come',
      spec: { resources: [{ name: 'default', gpu: 16 }], tasks: [task('a'), task('b')] },
      more: {
        pools: named(pool(scaled)),
        platforms: named(platform({}, 'a100')),
        backends: named(backend({ shapes: [shape('small', {}), shape('large', { gpu: 8 })] })),
      },
      want: [
        'spec.resources[0].gpu: 16: needs 16 GPUs, the largest node of platform "a100" has 8 (asked for by spec.tasks[0] and 1 more); the tasks wait until there is such a node',
      ],
    },
    {
      what: 'a rule that compares with nodes where none is known',
      more: { pools: named(pool(rule('K8_CPU'))), backends: named(backend({ shapes: [] })) },
      want: [
        'spec.tasks[0].resource: "default": no node of the platform is known, and it declares no nodeShapes (asked for by spec.tasks[0]); the workflow waits until there is one',
      ],
    },
    {
      what: 'a rule that cannot be read',
      more: { pools: named(pool(rule('8 * 2'))) },
      want: [
        `spec.tasks[0].resource: "default": the pool's spec.resourceRules[0].right: "8 * 2": allowed: a quantity, USER_CPU, K8_CPU, USER_GPU, K8_GPU, USER_MEMORY, K8_MEMORY, USER_STORAGE, K8_STORAGE, or a variable of the platform that is a quantity (asked for by spec.tasks[0]); the workflow waits until an administrator has mended the rule`,
      ],
    },
    {
      what: 'a label that the pool only asks for',
      more: { pools: named(pool({ labelPolicies: [{ key: 'team', required: true, enforcement: 'Warn' }] })) },
      want: ['spec.labels["team"]: pool "default" requires this label'],
    },
    {
      what: 'labels that say whose a pod is or where it goes',
      spec: { ...hello, labels: { 'osmo.submitted_by': 'ada', 'kai.scheduler/node-pool': 'b', team: 'arms' } },
      more: {},
      want: [
        'spec.labels["osmo.submitted_by"]: "ada": for OSMO or the pool to set, so that pods are without it; choose another key',
        'spec.labels["kai.scheduler/node-pool"]: "b": for OSMO or the pool to set, so that pods are without it; choose another key',
      ],
    },
    {
      what: 'time-outs that are cut',
      spec: { ...hello, timeouts: { execSeconds: 7200, queueSeconds: 60 } },
      more: { pools: named(pool({ timeouts: { maxExecSeconds: 3600, maxQueueSeconds: 60 } })) },
      want: ['spec.timeouts.execSeconds: 7200: pool "default" allows at most 3600, which it is cut to'],
    },
    {
      what: 'memory without a unit',
      spec: { ...hello, resources: [{ name: 'default', memory: 64 }] },
      more: {},
      want: ['spec.resources[0].memory: 64: are 64 bytes, too few to start a container; add a unit such as Mi or Gi'],
    },
  ])('$what', ({ spec = hello, more, want }) => expect(warningsOf(spec, more)).toEqual(want));

  test('GPUs above a quota that no queue keeps run', () => {
    const pools = named(pool({ gpuQuota: { guarantee: 1, maximum: 2 } }));
    const backends = named(backend({ shapes: [shape('node', { gpu: 8 })] }));
    const spec = { ...hello, resources: [{ name: 'default', gpu: 8 }] };
    expect(warningsOf(spec, { pools, backends })).toEqual([]);
  });

  test('Low work may go above the guarantee', () => {
    const pools = named(pool({ scheduler: { type: 'KAI' }, gpuQuota: { guarantee: 1 } }));
    const backends = named(backend({ shapes: [shape('node', { gpu: 8 })] }));
    const spec = { ...hello, priority: 'Low' as const, resources: [{ name: 'default', gpu: 8 }] };
    expect(warningsOf(spec, { pools, backends })).toEqual([]);
  });
});

describe('the answer', () => {
  test('has all problems, in the order of the object', () => {
    const { problems } = admitWorkflow(
      workflow({
        resources: [{ name: 'x', platform: 'gone' }],
        tasks: Array.from({ length: 12 }, (_, index) =>
          task(`t${index}`, { image: 'A', resource: 'x', privileged: index === 10, args: ['{{host:z}}'] }),
        ),
      }),
      world({ pools: named(pool({ platforms: ['cpu'] })) }),
    );
    const paths = problems.map(({ path }) => path);
    expect(paths).toHaveLength(25);
    expect(paths.slice(0, 3)).toEqual(['spec.resources[0].platform', 'spec.tasks[0].args[0]', 'spec.tasks[0].image']);
    expect(paths.slice(-2)).toEqual(['spec.tasks[11].args[0]', 'spec.tasks[11].image']);
  });

  test('has a hundred at most, and says how many more there are', () => {
    const tasks = Array.from({ length: 500 }, (_, index) => task(`t${index}`, { image: 'A' }));
    const { problems } = admitWorkflow(workflow({ tasks }), world());
    expect(problems).toHaveLength(100);
    expect(problems.at(-1)).toEqual({ path: 'spec', message: '401 more problems are not listed here' });
  });
});

describe('the pool of a workflow that names none', () => {
  const pools = named(pool(), pool({}, 'team'));
  test('is that of its namespace, and the rules are those of that pool', () => {
    const strict = named(pool(), pool({ labelPolicies: [{ key: 'team', required: true }] }, 'team'));
    const { defaults, problems } = admitWorkflow(workflow(hello), world({ pools: strict, defaultPool: 'team' }));
    expect(defaults).toEqual([{ op: 'replace', path: '/spec/pool', value: 'team' }]);
    expect(problems).toEqual([{ path: 'spec.labels["team"]', message: 'pool "team" requires this label' }]);
  });
  test.each<[string, string | undefined, string | undefined, string | undefined]>([
    ['a pool that is named stays', 'other', 'team', undefined],
    ['default stays without another', 'default', undefined, undefined],
    ['default stays where that is the default', 'default', 'default', undefined],
    ['default is replaced', 'default', 'team', 'team'],
  ])('%s', (_, named_, defaultPool, want) => {
    const { defaults } = admitWorkflow(workflow({ ...hello, pool: named_ }), world({ pools, defaultPool }));
    expect(defaults.map(({ value }) => value)).toEqual(want === undefined ? [] : [want]);
  });
});

describe('an update', () => {
  const old = workflow({ tasks: [after('a', 'gone')] });
  const changed = (spec: Partial<Workflow['spec']>, was: Workflow = old): Workflow => ({
    ...was,
    spec: { ...was.spec, ...spec },
  });
  const admitted = (now: Workflow, was: Workflow, more: Partial<AdmissionWorld> = {}) =>
    admitWorkflow(now, world({ ...more, old: was }));

  test('of what was wrong from the start is let through: it could not be mended', () => {
    expect(admitted(changed({ cancel: { force: true } }), old)).toEqual({ problems: [], defaults: [], warnings: [] });
  });
  test('of a restart must name tasks', () => {
    const was = workflow({ tasks: [task('train', { count: 2 })] });
    const { problems } = admitted(changed({ restart: { id: '1', tasks: ['train', 'train-1', 'trian'] } }, was), was);
    expect(problems).toEqual([
      {
        path: 'spec.restart.tasks[2]',
        value: 'trian',
        message: 'no task of this workflow; allowed: train; request again with another id; did you mean "train"?',
      },
    ]);
  });
  test('of the pool is judged by the new pool, and has no effect once it was started', () => {
    const was = workflow(hello);
    const now = changed({ pool: 'strict' }, was);
    const pools = named(pool(), pool({ platforms: ['a', 'b'] }, 'strict'));
    expect(admitted(now, was, { pools }).problems).toHaveLength(1);
    const started: Workflow = { ...was, status: { startTime: '2026-01-01T00:00:00Z' } as Workflow['status'] & object };
    expect(admitted(now, started, { pools })).toEqual({
      problems: [],
      defaults: [],
      warnings: ['spec.pool: the workflow was started in pool "default" and stays there: this has no effect'],
    });
  });
  test('that writes default over the namespace’s pool, as an apply does, keeps it', () => {
    const was = workflow({ ...hello, pool: 'team' });
    const { defaults } = admitted(workflow(hello), was, {
      pools: named(pool(), pool({}, 'team')),
      defaultPool: 'team',
    });
    expect(defaults).toEqual([{ op: 'replace', path: '/spec/pool', value: 'team' }]);
  });
  test('of what is on its way out is let through', () => {
    const going = workflow(hello, { metadata: { name: 'wf', deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(admitted(going, workflow(hello), { pools: new Map() }).problems).toEqual([]);
  });
});
