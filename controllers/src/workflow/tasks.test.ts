import { describe, expect, test } from '@jest/globals';
import type { Task, WorkflowSpec } from '@osmo/crds';
import { platform, pool, template, workflow } from '../testing/objects.ts';
import { Simulation } from '../testing/simulation.ts';

const simulate = (spec: Partial<WorkflowSpec>): Simulation => new Simulation(workflow(spec));

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

  test('places go to the Task with their labels, from coarse to fine as the pool has them', () => {
    const run = simulate({
      resources: [
        {
          name: 'default',
          topology: [
            { key: 'rack', group: 'x', requirement: 'Preferred' },
            { key: 'zone', group: 'default', requirement: 'Required' },
          ],
        },
      ],
      tasks: [template('a')],
    });
    const topologyKeys = ['zone', 'row', 'rack'].map((key) => ({ key, label: `example.com/${key}` }));
    run.pools.set('default', pool({ scheduler: { type: 'KAI' }, topologyKeys }));
    run.settle();
    expect(run.tasks.get('wf.a')?.spec.scheduling.topology).toEqual([
      { key: 'zone', label: 'example.com/zone', group: 'default', requirement: 'Required' },
      { key: 'rack', label: 'example.com/rack', group: 'x', requirement: 'Preferred' },
    ]);
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
    [
      'KAI with topology keys that nobody asks for',
      {
        scheduler: {
          scheduler: { type: 'KAI', queue: 'q' },
          topologyKeys: [{ key: 'rack', label: 'example.com/rack' }],
        },
        want: { type: 'KAI', schedulerName: 'kai-scheduler', queue: 'q', priorityClassName: 'osmo-high' },
      },
    ],
    [
      'Default',
      {
        scheduler: { scheduler: { type: 'Default' } },
        want: { type: 'Default', priorityClassName: 'osmo-high' },
      },
    ],
    [
      'Kueue',
      {
        scheduler: { scheduler: { type: 'Kueue', queue: 'team' } },
        want: { type: 'Kueue', queue: 'team', priorityClassName: 'osmo-high' },
      },
    ],
    [
      'Volcano',
      {
        scheduler: { scheduler: { type: 'Volcano' } },
        want: { type: 'Volcano', schedulerName: 'volcano', priorityClassName: 'osmo-high' },
      },
    ],
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
    const timeouts = {
      defaultExecSeconds: 300,
      maxExecSeconds: 200,
      maxQueueSeconds: 50,
      defaultStartSeconds: 9,
      maxUploadSeconds: 60,
    };
    const set = (run: Simulation): void => void run.pools.set('default', pool({ timeouts }));
    expect(specOf('a', { tasks: [template('a')] }, set).timeouts).toEqual({
      execSeconds: 200,
      queueSeconds: 50,
      startSeconds: 9,
      uploadSeconds: 60,
    });
    const asked = { execSeconds: 100, queueSeconds: 100, startSeconds: 100, uploadSeconds: 30 };
    expect(specOf('a', { timeouts: asked, tasks: [template('a')] }, set).timeouts).toEqual({
      execSeconds: 100,
      queueSeconds: 50,
      startSeconds: 100,
      uploadSeconds: 30,
    });
    expect(specOf('a', { tasks: [template('a')] }).timeouts).toBeUndefined();
  });

  test('the pool adds its exit actions, the platform adds its mounts and its template', () => {
    const set = (run: Simulation): void => {
      run.pools.set(
        'default',
        pool({
          platforms: ['cpu'],
          defaultPlatform: 'cpu',
          defaultExitActions: [{ action: 'Complete', exitCodes: '7' }],
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
    const spec = specOf('a', { tasks: [template('a')] }, set);
    expect(spec.exitActions).toEqual([{ action: 'Complete', exitCodes: '7' }]);
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
