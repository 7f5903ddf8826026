import { describe, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import type { WorkflowSpec } from '@osmo/crds';
import { findCondition } from '../conditions.ts';
import { after, backend, platform, pool, template, workflow } from '../testing/objects.ts';
import { Simulation } from '../testing/simulation.ts';

const simulate = (spec: Partial<WorkflowSpec>): Simulation => new Simulation(workflow(spec));
const names = (simulation: Simulation): string[] => [...simulation.tasks.keys()].toSorted();
const admitted = ({ workflow: { status } }: Simulation) => findCondition(status?.conditions, ConditionTypes.admitted);

describe('a workflow that cannot be admitted', () => {
  type Case = {
    spec?: Partial<WorkflowSpec>;
    set: (run: Simulation) => void;
    mend: (run: Simulation) => void;
    reason: string;
    message: string;
  };
  const ready = pool({ platforms: ['cpu'], defaultPlatform: 'cpu' });

  test.each<[string, Case]>([
    [
      'whose pool does not exist',
      {
        set: (run) => run.pools.clear(),
        mend: (run) => run.pools.set('default', pool()),
        reason: 'PoolNotFound',
        message: 'there is no pool "default"',
      },
    ],
    [
      'whose pool is in maintenance',
      {
        set: (run) => run.pools.set('default', pool({ maintenance: true })),
        mend: (run) => run.pools.set('default', { ...pool(), metadata: { name: 'default', resourceVersion: '2' } }),
        reason: 'PoolNotReady',
        message: 'pool "default" is in maintenance',
      },
    ],
    [
      'whose backend does not exist',
      {
        set: (run) => run.backends.clear(),
        mend: (run) => run.backends.set('local', backend()),
        reason: 'BackendNotFound',
        message: 'pool "default" belongs to backend "local", which does not exist',
      },
    ],
    [
      'whose platform is not of the pool',
      {
        spec: { resources: [{ name: 'default', platform: 'h100' }] },
        set: (run) => {
          run.pools.set('default', ready);
          run.platforms.set('cpu', platform());
        },
        mend: (run) => {
          run.pools.set('default', {
            ...pool({ platforms: ['cpu', 'h100'] }),
            metadata: { name: 'default', resourceVersion: '2' },
          });
          run.platforms.set('h100', platform({}, 'h100'));
        },
        reason: 'PlatformNotFound',
        message: 'spec.resources[0].platform: "h100": no platform of pool "default"; allowed: cpu',
      },
    ],
    [
      'whose platform is listed and does not exist',
      {
        set: (run) => run.pools.set('default', ready),
        mend: (run) => run.platforms.set('cpu', platform()),
        reason: 'PlatformNotFound',
        message:
          'spec.tasks[0].resource: "default": stands for platform "cpu": pool "default" lists this platform, and there is none of this name; an administrator has to make it',
      },
    ],
    [
      'that names no platform where there is no default',
      {
        set: (run) => run.pools.set('default', pool({ platforms: ['a', 'b'] })),
        mend: (run) => run.pools.set('default', { ...pool(), metadata: { name: 'default', resourceVersion: '2' } }),
        reason: 'PlatformNotFound',
        message:
          'spec.tasks[0].resource: "default": names no platform and pool "default" has no defaultPlatform; allowed: a, b; add an entry "default" with a platform to spec.resources',
      },
    ],
    [
      'where no node is known yet to compare with',
      {
        set: (run) => {
          run.pools.set(
            'default',
            pool({
              resourceRules: [{ operator: 'LE', left: '{{USER_CPU}}', right: '{{K8_CPU}}', message: 'too many CPUs' }],
            }),
          );
          run.backends.set('local', backend('local', { shapes: [] }));
        },
        mend: (run) => run.backends.set('local', { ...backend(), metadata: { name: 'local', resourceVersion: '2' } }),
        reason: 'PoolNotReady',
        message: 'no node of the platform is known, and it declares no nodeShapes',
      },
    ],
    [
      'where a rule of the pool cannot be evaluated',
      {
        set: (run) =>
          run.pools.set(
            'default',
            pool({ resourceRules: [{ operator: 'LE', left: '{{USER_CPU * 0.8}}', right: '4', message: 'm' }] }),
          ),
        mend: (run) => run.pools.set('default', { ...pool(), metadata: { name: 'default', resourceVersion: '2' } }),
        reason: 'Unsupported',
        message: `the pool's spec.resourceRules[0].left: "{{USER_CPU * 0.8}}": allowed: a quantity, USER_CPU, K8_CPU, USER_GPU, K8_GPU, USER_MEMORY, K8_MEMORY, USER_STORAGE, K8_STORAGE, or a variable of the platform that is a quantity`,
      },
    ],
  ])('%s waits, says why, and runs once that is mended', (_, { spec, set, mend, reason, message }) => {
    const run = simulate({ ...spec, tasks: [template('a')] });
    set(run);
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Pending', reason, message });
    expect(admitted(run)).toMatchObject({ status: 'False', reason, message });
    expect(run.events).toMatchObject([{ type: 'Warning', reason: 'NotAdmitted', note: `${reason}: ${message}` }]);
    expect(run.tasks.size).toBe(0);
    mend(run);
    run.settle();
    expect(names(run)).toEqual(['wf.a']);
    expect(admitted(run)?.status).toBe('True');
    expect(run.workflow.status?.reason).toBeUndefined();
  });

  test.each<
    [string, { spec: Partial<WorkflowSpec>; set?: (run: Simulation) => void; reason: string; message: string }]
  >([
    [
      'privileged',
      {
        spec: { tasks: [template('a', { privileged: true })] },
        reason: 'NotAllowed',
        message: 'spec.tasks[0].privileged: true: not allowed on platform "cpu"',
      },
    ],
    [
      'the network of the node',
      {
        spec: { tasks: [template('a', { hostNetwork: true })] },
        reason: 'NotAllowed',
        message: 'spec.tasks[0].hostNetwork: true: not allowed on platform "cpu"',
      },
    ],
    [
      'a folder outside of the allowed ones',
      {
        spec: {
          tasks: [
            template('a', {
              volumeMounts: [
                { hostPath: '/data', mountPath: '/d' },
                { hostPath: '/database', mountPath: '/e' },
              ],
            }),
          ],
        },
        reason: 'NotAllowed',
        message: 'spec.tasks[0].volumeMounts[1].hostPath: "/database": not allowed on platform "cpu"; allowed: /data',
      },
    ],
    [
      'a way out of an allowed folder',
      {
        spec: { tasks: [template('a', { volumeMounts: [{ hostPath: '/data/../etc', mountPath: '/d' }] })] },
        reason: 'NotAllowed',
        message: 'spec.tasks[0].volumeMounts[0].hostPath: "/data/../etc": must not contain ".."',
      },
    ],
    [
      'a folder that it has anyway',
      {
        spec: { tasks: [template('a', { volumeMounts: [{ hostPath: '/dev/shm', mountPath: '/d' }] })] },
        reason: 'NotAllowed',
        message:
          'spec.tasks[0].volumeMounts[0].hostPath: "/dev/shm": every task on platform "cpu" has it already; remove it',
      },
    ],
    [
      'more than the pool gives',
      {
        spec: { resources: [{ name: 'default', cpu: '2500m' }], tasks: [template('a')] },
        reason: 'ResourceRule',
        message: 'spec.tasks[0]: at most two: USER_CPU (2500m) must be at most 2',
      },
    ],
    [
      'more than any node has',
      {
        spec: { resources: [{ name: 'default', memory: '9Gi' }], tasks: [template('a')] },
        reason: 'ResourceRule',
        message:
          'spec.tasks[0]: no room: USER_MEMORY (9Gi) must be less than K8_MEMORY (8Gi); this holds on none of 1 kinds of nodes',
      },
    ],
    [
      'more than any node that can be started has',
      {
        spec: { resources: [{ name: 'default', gpu: 16, cpu: 1 }], tasks: [template('a')] },
        set: (run) => {
          run.pools.set('default', pool({ platforms: ['big'], defaultPlatform: 'big' }));
          const nodeShapes = [{ name: 'dgx', cpu: 96, memory: '1Ti', gpu: 8 }];
          run.platforms.set('big', platform({ nodeSelector: { size: 'big' }, nodeShapes }, 'big'));
        },
        reason: 'ResourceRule',
        message: 'spec.tasks[0]: needs 16 GPUs, the largest node of platform "big" has 8',
      },
    ],
    [
      'more GPUs at once than the scheduler will ever give it',
      {
        spec: { resources: [{ name: 'default', gpu: 8 }], tasks: [template('a')] },
        set: (run) => {
          const gpuQuota = { guarantee: 4, maximum: 16, weight: 1 };
          run.pools.set('default', pool({ scheduler: { type: 'KAI' }, gpuQuota }));
        },
        reason: 'ResourceRule',
        message:
          'spec.tasks[0]: "a": the group needs 8 GPUs; at most 4 are guaranteed to Normal work of pool "default": ask for less, or submit it with priority Low',
      },
    ],
  ])('since it asks for %s fails for good', (_, { spec, set, reason, message }) => {
    const run = simulate(spec);
    run.pools.set(
      'default',
      pool({
        platforms: ['cpu'],
        defaultPlatform: 'cpu',
        resourceRules: [
          { operator: 'LE', left: 'USER_CPU', right: '2', message: 'at most two' },
          { operator: 'LT', left: '{{USER_MEMORY}}', right: '{{K8_MEMORY}}', message: 'no room' },
        ],
      }),
    );
    run.platforms.set('cpu', platform({ allowedMounts: ['/data'], defaultMounts: ['/dev/shm'] }));
    set?.(run);
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason, message });
    expect(run.tasks.size).toBe(0);
    expect(run.statuses).toHaveLength(1);
  });

  test('what no node that is there has room for waits in the queue: a larger one may come', () => {
    const run = simulate({ resources: [{ name: 'default', cpu: 900 }], tasks: [template('a')] });
    run.settle();
    expect(names(run)).toEqual(['wf.a']);
  });

  test('a node that can be started counts like one that is there', () => {
    const run = simulate({ resources: [{ name: 'default', cpu: 64 }], tasks: [template('a')] });
    run.pools.set(
      'default',
      pool({
        platforms: ['big'],
        defaultPlatform: 'big',
        resourceRules: [{ operator: 'LE', left: 'USER_CPU', right: 'K8_CPU', message: 'm' }],
      }),
    );
    run.platforms.set(
      'big',
      platform({ nodeSelector: { size: 'big' }, nodeShapes: [{ name: 'metal', cpu: 96, memory: '1Ti' }] }, 'big'),
    );
    run.settle();
    expect(names(run)).toEqual(['wf.a']);
  });

  test('a spec that contradicts itself fails with all that is wrong with it', () => {
    const run = simulate({
      tasks: [after('a', 'b'), after('b', 'a'), template('c', { outputs: [{ url: { url: 's3://b/p' } }] })],
    });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'InvalidSpec' });
    expect(run.workflow.status?.message).toMatch(
      /^spec\.tasks\[0\]: "a-group": groups wait for each other in a cycle: .*; spec\.tasks\[2\]\.outputs\[0\]\.url\.url: /,
    );
    expect(run.events).toMatchObject([{ reason: 'Failed' }]);
  });

  test('a running workflow goes on in maintenance and waits when its pool is gone', () => {
    const run = simulate({ tasks: [template('a'), after('b', 'a'), after('c', 'b')] });
    run.settle();
    run.pools.set('default', { ...pool({ maintenance: true }), metadata: { name: 'default', resourceVersion: '2' } });
    run.setTask('wf.a', { phase: 'Completed' });
    run.settle();
    expect(names(run)).toEqual(['wf.a', 'wf.b']);
    run.pools.clear();
    run.setTask('wf.b', { phase: 'Completed' });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Running', reason: 'PoolNotFound' });
    run.pools.set('default', pool());
    run.settle();
    expect(names(run)).toEqual(['wf.a', 'wf.b', 'wf.c']);
  });

  test('the pool can be changed until the first Task exists, and not after', () => {
    const run = simulate({ pool: 'lost', tasks: [template('a'), after('b', 'a')] });
    run.settle();
    run.workflow = {
      ...run.workflow,
      metadata: { ...run.workflow.metadata, generation: 2 },
      spec: { ...run.workflow.spec, pool: 'default' },
    };
    run.settle();
    expect(run.tasks.get('wf.a')?.spec.pool).toBe('default');
    run.pools.set('other', pool({}, 'other'));
    run.workflow = {
      ...run.workflow,
      metadata: { ...run.workflow.metadata, generation: 3 },
      spec: { ...run.workflow.spec, pool: 'other' },
    };
    run.setTask('wf.a', { phase: 'Completed' });
    run.settle();
    expect(run.tasks.get('wf.b')?.spec.pool).toBe('default');
    expect(admitted(run)?.message).toBe(
      'runs in pool "default", where it was started; that spec.pool was changed to "other" since has no effect',
    );
  });
});
