import { describe, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import type { Task, TaskStatus, Workflow, WorkflowSpec } from '@osmo/crds';
import fc from 'fast-check';
import { findCondition } from '../conditions.ts';
import { anySpec, fanOut } from '../testing/graphs.ts';
import { after, backend, platform, pool, template, workflow } from '../testing/objects.ts';
import { isEmpty, Simulation } from '../testing/simulation.ts';
import { batchLimit } from './batch.ts';
import { compileGraph } from './graph.ts';
import type { Graph } from './graph-shape.ts';
import { refuseTask } from './progress.ts';

const simulate = (spec: Partial<WorkflowSpec>): Simulation => new Simulation(workflow(spec));
const names = (simulation: Simulation): string[] => [...simulation.tasks.keys()].toSorted();
const admitted = ({ workflow: { status } }: Simulation) => findCondition(status?.conditions, ConditionTypes.admitted);

describe('the life of a workflow of one task', () => {
  test('takes one Task and two status writes when it starts at once', () => {
    const run = simulate({ tasks: [template('hello')] });
    run.reconcile();
    expect(names(run)).toEqual(['wf.hello']);
    run.advance(600);
    run.setTask('wf.hello', { phase: 'Running' });
    run.settle();
    run.advance(5000);
    run.setTask('wf.hello', { phase: 'Completed', exitCode: 0 });
    run.settle();
    expect(run.statuses.map(({ phase }) => phase)).toEqual(['Running', 'Completed']);
    expect(run.workflow.status).toMatchObject({
      startTime: '2026-01-01T12:00:00Z',
      completionTime: '2026-01-01T12:00:05Z',
      taskCounts: { total: 1, waiting: 0, active: 0, completed: 1, failed: 0, upstream: 0 },
      recentTasks: [{ name: 'hello', group: 'hello-group', phase: 'Completed', exitCode: 0 }],
    });
    expect(run.events.map(({ type, reason, note }) => [type, reason, note])).toEqual([
      ['Normal', 'Completed', 'Completed 1 of 1 tasks'],
    ]);
  });

  test('says that it is admitted and queued when no node is found for a while', () => {
    const run = simulate({ tasks: [template('hello')] });
    const { wakeAt } = run.reconcile();
    expect(run.statuses).toEqual([]);
    expect(wakeAt).toEqual(new Date('2026-01-01T12:00:02Z'));
    run.now = wakeAt ?? run.now;
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Pending', taskCounts: { active: 1 } });
    expect(admitted(run)).toMatchObject({ status: 'True' });
    run.advance(60_000);
    run.setTask('wf.hello', { phase: 'Scheduling' });
    run.settle();
    run.setTask('wf.hello', { phase: 'Running' });
    run.settle();
    run.setTask('wf.hello', { phase: 'Failed', reason: 'Error', exitCode: 3, message: 'no such file' });
    run.settle();
    expect(run.statuses.map(({ phase }) => phase)).toEqual(['Pending', 'Running', 'Failed']);
    expect(run.workflow.status).toMatchObject({
      reason: 'Error',
      message: '1 of 1 groups failed; task "hello": Error (exit code 3): no such file',
    });
    expect(run.events).toMatchObject([{ type: 'Warning', reason: 'Failed' }]);
  });
});

describe('what the Task says', () => {
  function specOf(task: string, spec: Partial<WorkflowSpec>, set?: (run: Simulation) => void): Task['spec'] {
    const run = simulate(spec);
    set?.(run);
    run.reconcile();
    const found = run.tasks.get(`wf.${task}`)?.spec;
    if (found === undefined) throw new Error(JSON.stringify(run.workflow.status));
    return found;
  }

  test('resources come from the workflow, else the platform, else the pool', () => {
    const set = (run: Simulation): void => {
      run.pools.set('default', pool({ platforms: ['gpu', 'cpu'], defaultPlatform: 'gpu' }));
      run.platforms.set(
        'gpu',
        platform({ defaultResources: { memory: '8Gi', gpu: 1 }, nodeSelector: { gpu: 'yes' } }, 'gpu'),
      );
      run.platforms.set('cpu', platform({}, 'cpu'));
    };
    const spec = specOf('a', { resources: [{ name: 'default', cpu: 2 }], tasks: [template('a')] }, set);
    expect(spec.resources).toEqual({ cpu: 2, memory: '8Gi', storage: '1Gi', gpu: 1 });
    expect(spec).toMatchObject({ platform: 'gpu', scheduling: { type: 'Default', nodeSelector: { gpu: 'yes' } } });
    const other = specOf(
      'a',
      { resources: [{ name: 'r', platform: 'cpu' }], tasks: [template('a', { resource: 'r' })] },
      set,
    );
    expect(other).toMatchObject({ platform: 'cpu', resources: { cpu: '1', memory: '1Gi', storage: '1Gi', gpu: 0 } });
  });

  test.each<[string, { scheduler: Parameters<typeof pool>[0]; want: object }]>([
    [
      'KAI',
      {
        scheduler: { scheduler: { type: 'KAI' } },
        want: {
          type: 'KAI',
          schedulerName: 'kai-scheduler',
          queue: 'osmo-pool-lab-default',
          priorityClassName: 'osmo-high',
        },
      },
    ],
    [
      'RunAI',
      {
        scheduler: { scheduler: { type: 'RunAI' } },
        want: {
          type: 'RunAI',
          schedulerName: 'runai-scheduler',
          queue: 'osmo-pool-lab-default',
          priorityClassName: 'osmo-high',
        },
      },
    ],
    [
      'KAI with its own queue',
      {
        scheduler: { scheduler: { type: 'KAI', name: 'mine', queue: 'q' } },
        want: { type: 'KAI', schedulerName: 'mine', queue: 'q', priorityClassName: 'osmo-high' },
      },
    ],
    ['Default', { scheduler: { scheduler: { type: 'Default' } }, want: { type: 'Default' } }],
    ['Kueue', { scheduler: { scheduler: { type: 'Kueue', queue: 'team' } }, want: { type: 'Kueue', queue: 'team' } }],
  ])('a pool of scheduler %s', (_, { scheduler, want }) => {
    const set = (run: Simulation): unknown => run.pools.set('default', pool(scheduler));
    const spec = specOf('a', { priority: 'High', tasks: [template('a')] }, (run) => void set(run));
    expect(spec.scheduling).toEqual(want);
  });

  test('tokens are replaced in every string, and other braces are left alone', () => {
    const peers = [
      template('Lead_1', { lead: true, env: [{ name: 'PEER', value: 'tcp://{{host:peer}}:29500' }] }),
      template('peer', {
        args: [
          '{{workflow_id}}',
          '{{output}}/x',
          '{{input:0}}',
          '{{input:prep}}',
          '{{ output }}',
          '{{uuid}}',
          '{{.Values}}',
        ],
        inputs: [{ task: { name: 'prep' } }],
        files: [{ path: '/f', contents: 'host={{host:Lead_1}}', base64: false }],
      }),
    ];
    const run = simulate({
      groups: [
        { name: 'p', barrier: true, ignoreNonleadStatus: true, tasks: [template('prep')] },
        { name: 'g', barrier: true, ignoreNonleadStatus: true, tasks: peers },
      ],
    });
    run.reconcile();
    run.setTask('wf.prep', { phase: 'Completed' });
    run.reconcile();
    const [lead, peer] = ['wf.lead-1', 'wf.peer'].map((name) => run.tasks.get(name)?.spec);
    expect(lead?.hostname).toBe('lead-1');
    expect(peer?.hostname).toBe('peer');
    expect(lead?.subdomain).toBe(peer?.subdomain);
    expect(lead?.subdomain).toMatch(/^osmo-[0-9a-f]{16}$/);
    const domain = `${lead?.subdomain}.lab.svc.cluster.local`;
    expect(lead?.env).toEqual([{ name: 'PEER', value: `tcp://peer.${domain}:29500` }]);
    expect(peer?.files?.[0]?.contents).toBe(`host=lead-1.${domain}`);
    expect(peer?.args).toEqual([
      'wf',
      '/osmo/data/output/x',
      '/osmo/data/input/0',
      '/osmo/data/input/0',
      '{{ output }}',
      '{{uuid}}',
      '{{.Values}}',
    ]);
    expect(peer?.group).toEqual({ name: 'g', size: 2, barrier: true, ignoreNonleadStatus: true });
  });

  test('time-outs default to the pool and are cut to its maximum', () => {
    const timeouts = { defaultExecSeconds: 100, maxExecSeconds: 200, maxQueueSeconds: 50 };
    const set = (run: Simulation): void => void run.pools.set('default', pool({ timeouts }));
    expect(specOf('a', { tasks: [template('a')] }, set).timeouts).toEqual({ execSeconds: 100, queueSeconds: 50 });
    const asked = { execSeconds: 1000, queueSeconds: 10 };
    expect(specOf('a', { timeouts: asked, tasks: [template('a')] }, set).timeouts).toEqual({
      execSeconds: 200,
      queueSeconds: 10,
    });
  });

  test('the pool adds exit actions behind the task own, the platform adds its mounts and its template', () => {
    const set = (run: Simulation): void => {
      run.pools.set(
        'default',
        pool({
          platforms: ['cpu'],
          defaultPlatform: 'cpu',
          defaultExitActions: [{ action: 'Reschedule', exitCodes: '3001' }],
          podTemplate: { spec: { containers: [{ name: 'u', env: [{ name: 'A', value: '1' }] }], hostIPC: false } },
        }),
      );
      run.platforms.set(
        'cpu',
        platform({
          defaultMounts: ['/dev/shm'],
          variables: [{ name: 'X', value: 'y' }],
          podTemplate: { spec: { containers: [{ name: 'u', env: [{ name: 'B', value: '2' }] }], hostIPC: true } },
        }),
      );
    };
    const spec = specOf(
      'a',
      { tasks: [template('a', { exitActions: [{ action: 'Complete', exitCodes: '7' }] })] },
      set,
    );
    expect(spec.exitActions).toEqual([
      { action: 'Complete', exitCodes: '7' },
      { action: 'Reschedule', exitCodes: '3001' },
    ]);
    expect(spec.volumeMounts).toEqual([{ hostPath: '/dev/shm', mountPath: '/dev/shm' }]);
    expect(spec.variables).toEqual([{ name: 'X', value: 'y' }]);
    expect(spec.podTemplate).toEqual({
      spec: {
        containers: [
          {
            name: 'u',
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
          },
        ],
        hostIPC: true,
      },
    });
  });
});

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
        message: 'spec.resources "default": platform "h100" is not one of pool "default"; allowed: cpu',
      },
    ],
    [
      'whose platform is listed and does not exist',
      {
        set: (run) => run.pools.set('default', ready),
        mend: (run) => run.platforms.set('cpu', platform()),
        reason: 'PlatformNotFound',
        message: 'spec.tasks[0]: platform "cpu" of pool "default" does not exist',
      },
    ],
    [
      'that names no platform where there is no default',
      {
        set: (run) => run.pools.set('default', pool({ platforms: ['a', 'b'] })),
        mend: (run) => run.pools.set('default', { ...pool(), metadata: { name: 'default', resourceVersion: '2' } }),
        reason: 'PlatformNotFound',
        message: 'spec.tasks[0]: names no platform and pool "default" has no defaultPlatform; allowed: a, b',
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
      /^spec\.tasks\[0\]: "a-group": groups wait for each other in a cycle: .*; spec\.tasks\[2\]\.outputs: /,
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

describe('a Task that has the name already', () => {
  const strange = (owner?: Partial<Workflow['metadata']>): Task => {
    const other = simulate({ tasks: [template('a')] });
    other.workflow = { ...other.workflow, metadata: { ...other.workflow.metadata, ...owner } };
    other.reconcile();
    const task = other.tasks.get('wf.a');
    if (task === undefined) throw new Error('no task');
    const ownerReferences = owner === undefined ? [] : (task.metadata.ownerReferences ?? []);
    return { ...task, metadata: { ...task.metadata, uid: 'old', ownerReferences } };
  };

  test('and belongs to an earlier workflow of the same name is deleted by its UID and never adopted', () => {
    const run = simulate({ tasks: [template('a')] });
    run.tasks.set('wf.a', strange({ uid: 'uid-of-earlier' }));
    const plan = run.plan();
    expect(plan.apply).toEqual([]);
    expect(plan.remove).toMatchObject([{ name: 'wf.a', namespace: 'lab', uid: 'old' }]);
    expect(plan.status?.message).toBe('waits until Task "wf.a" of an earlier workflow (UID uid-of-earlier) is deleted');
    run.settle();
    expect(run.tasks.get('wf.a')?.metadata.ownerReferences?.[0]?.uid).toBe('uid-of-wf');
  });

  test('and belongs to nobody is left alone, and the workflow says so', () => {
    const run = simulate({ tasks: [template('a')] });
    run.tasks.set('wf.a', strange());
    run.settle();
    expect(run.tasks.get('wf.a')?.metadata.uid).toBe('old');
    expect(run.workflow.status?.message).toBe(
      'a Task named "wf.a" exists that belongs to no Workflow; delete it, or give this workflow another name',
    );
    run.putTask('wf.a', undefined);
    run.settle();
    expect(run.tasks.get('wf.a')?.metadata.uid).not.toBe('old');
  });
});

describe('a Task that the API refuses', () => {
  test('fails its group, frees what the group has, and lets the rest run', () => {
    const run = simulate({
      groups: [
        { name: 'g', barrier: true, ignoreNonleadStatus: true, tasks: [template('a', { lead: true }), template('b')] },
        { name: 'h', barrier: true, ignoreNonleadStatus: true, tasks: [template('c')] },
      ],
    });
    run.reconcile();
    run.putTask('wf.b', undefined);
    const { compiled } = run.records.recordOf(run.workflow);
    if ('problems' in compiled) throw new Error('unexpected');
    const [, b] = compiled.graph.tasks;
    if (b === undefined) throw new Error('no b');
    refuseTask(compiled.progress, b, 'Refused', 'the object is too large', run.now.getTime());
    run.settle();
    expect(names(run)).toEqual(['wf.c']);
    run.setTask('wf.c', { phase: 'Completed' });
    run.settle();
    expect(run.workflow.status).toMatchObject({
      phase: 'Failed',
      reason: 'Refused',
      groupCounts: { completed: 1, failed: 1 },
    });
    expect(run.workflow.status?.message).toBe('1 of 2 groups failed; task "b": Refused: the object is too large');
  });
});

describe('a status that cannot be stored', () => {
  test('is cut first, then told by one Event and tried again later', () => {
    const run = simulate({ tasks: [template('a')] });
    run.reconcile();
    run.setTask('wf.a', { phase: 'Running' });
    const record = run.records.recordOf(run.workflow);
    record.status = { room: 'compact' };
    expect(run.plan().status).toMatchObject({ phase: 'Running' });
    expect(run.plan().status).not.toHaveProperty('recentTasks');
    const retryAt = new Date('2026-01-01T12:10:00Z');
    record.status = { room: 'none', retryAt };
    const plan = run.plan();
    expect(plan.status).toBeUndefined();
    expect(plan).toMatchObject({ wakeAt: retryAt, events: [{ type: 'Warning', reason: 'StatusNotStored' }] });
    record.status = { room: 'none', retryAt, told: true };
    expect(run.plan().events).toBeUndefined();
  });
});

test('a wide workflow is created in batches, each followed by the next at once', () => {
  const run = simulate(fanOut(250));
  run.settle();
  run.setTask('wf.first', { phase: 'Completed' });
  const sizes: number[] = [];
  for (let plan = run.reconcile(); (plan.apply ?? []).length > 0; plan = run.reconcile()) {
    sizes.push((plan.apply ?? []).length);
    if (sizes.at(-1) === batchLimit) expect(plan.wakeAt).toEqual(run.now);
  }
  expect(sizes).toEqual([100, 100, 50]);
});

test('while only numbers move the status is written once a second, whatever the number of tasks', () => {
  const run = simulate(fanOut(200));
  run.settle();
  run.setTask('wf.first', { phase: 'Completed' });
  run.settle();
  const before = run.statuses.length;
  for (let index = 0; index < 200; index++) {
    run.advance(50);
    run.setTask(`wf.mid-${index}`, { phase: 'Completed' });
    run.reconcile();
  }
  expect(run.statuses.length - before).toBeLessThanOrEqual(11);
});

type Outcome = 'Completed' | 'Failed' | 'Upstream';

/** What must come out, straight from the rules: slow, and without anything that the product uses. */
function expected(graph: Graph, fails: (task: string) => boolean): Outcome[] {
  const outcomes: (Outcome | undefined)[] = graph.groups.map(() => undefined);
  const decide = (index: number): Outcome => {
    const group = graph.groups[index];
    if (group === undefined) throw new Error('no group');
    const upstream = group.upstream.map((each) => (outcomes[each] ??= decide(each)));
    if (upstream.some((outcome) => outcome !== 'Completed')) return 'Upstream';
    const counted = group.ignoreNonleadStatus ? group.tasks.filter((task) => task.lead) : group.tasks;
    return counted.some((task) => fails(task.name)) ? 'Failed' : 'Completed';
  };
  return graph.groups.map((_, index) => (outcomes[index] ??= decide(index)));
}

const progressOf = (phase: TaskStatus['phase'] | undefined): TaskStatus['phase'] | 'end' =>
  phase === undefined || phase === 'Pending' ? 'Scheduling' : phase === 'Scheduling' ? 'Running' : 'end';

test('a random graph with random failures, restarts and pauses ends as the rules say, whatever the order', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('task', 'task', 'task', 'reconcile', 'restart', 'wait'), fc.nat()), {
    minLength: 20,
    maxLength: 200,
  });
  fc.assert(
    fc.property(anySpec(), fc.array(fc.nat(2), { minLength: 40, maxLength: 40 }), steps, (spec, dice, script) => {
      const run = simulate(spec);
      const { graph } = compileGraph(run.workflow.spec);
      if (graph === undefined) throw new Error('no graph');
      const fails = (name: string): boolean => dice[(graph.taskByName.get(name)?.index ?? 0) % dice.length] === 0;
      const active = (): string[] =>
        [...run.tasks.values()]
          .filter(isOpen(run))
          .map((task) => task.metadata.name)
          .toSorted();
      const move = (pick: number): void => {
        const open = active();
        const name = open[pick % open.length];
        if (name === undefined) return;
        const task = run.tasks.get(name);
        const next = progressOf(task?.status?.phase);
        if (next !== 'end') return run.setTask(name, { phase: next });
        const failed = fails(task?.spec.taskName ?? '');
        run.setTask(
          name,
          failed ? { phase: 'Failed', reason: 'Error', exitCode: 1 } : { phase: 'Completed', exitCode: 0 },
        );
      };
      for (const [step, pick] of script) {
        if (step === 'task') move(pick);
        else if (step === 'restart') run.restart();
        else if (step === 'wait') run.advance((pick % 50) * 100);
        else run.reconcile();
      }
      for (let round = 0; round < 500 && run.workflow.status?.completionTime === undefined; round++) {
        run.reconcile();
        run.advance(300);
        move(round);
      }
      const want = expected(graph, fails);
      const count = (outcome: Outcome): number => want.filter((each) => each === outcome).length;
      expect(run.workflow.status?.groupCounts).toEqual({
        total: want.length,
        waiting: 0,
        active: 0,
        completed: count('Completed'),
        failed: count('Failed'),
        upstream: count('Upstream'),
      });
      expect(run.workflow.status?.phase).toBe(count('Failed') === 0 ? 'Completed' : 'Failed');
      const ran = graph.groups.filter((_, index) => want[index] !== 'Upstream').flatMap((group) => group.tasks);
      expect(run.tasks.size).toBe(ran.length);
      expect(isEmpty(run.plan())).toBe(true);
    }),
    { numRuns: 300 },
  );
});

// A backend starts a group only when all its Tasks are there.
function isOpen(run: Simulation): (task: Task) => boolean {
  const sizes = new Map<string, number>();
  for (const task of run.tasks.values()) sizes.set(task.spec.group.name, (sizes.get(task.spec.group.name) ?? 0) + 1);
  return (task) =>
    task.status?.phase !== 'Completed' &&
    task.status?.phase !== 'Failed' &&
    sizes.get(task.spec.group.name) === task.spec.group.size;
}

test('once done, a plan is empty, and time alone changes no condition and no phase', () => {
  const moves = fc.array(
    fc.tuple(fc.nat(), fc.constantFrom<TaskStatus['phase']>('Scheduling', 'Running', 'Completed', 'Failed')),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(anySpec(), moves, fc.nat(100_000), (spec, script, pause) => {
      const run = simulate(spec);
      run.settle();
      for (const [pick, phase] of script) {
        const name = names(run)[pick % run.tasks.size];
        if (name !== undefined) run.setTask(name, { phase, ...(phase === 'Failed' && { reason: 'Error' }) });
        run.settle();
        expect(isEmpty(run.plan())).toBe(true);
      }
      run.advance(60_000);
      run.settle();
      const before = run.workflow.status;
      run.advance(pause);
      run.restart();
      run.settle();
      expect(run.workflow.status).toEqual(before);
    }),
    { numRuns: 150 },
  );
});
