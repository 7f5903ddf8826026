import { describe, expect, test } from '@jest/globals';
import type { Task, TaskData, TaskTemplate, WorkflowSpec } from '@osmo/crds';
import { bucket, dataset, leaving, manifestOf, version, wrote } from '../../testing/data.ts';
import { after, pool, template, workflow } from '../../testing/objects.ts';
import { Simulation } from '../../testing/simulation.ts';
import { compileGraph, type GraphTask } from '@osmo/workflow-spec/graph';
import type { Archived } from '../../archive/archived-outputs.ts';
import { observeWorkflow } from '../observe.ts';
import { emptyCatalog } from './catalog.ts';
import { resolveData, type ResolvedData } from './resolve.ts';

const simulate = (spec: Partial<WorkflowSpec>): Simulation => {
  const run = new Simulation(workflow(spec));
  run.buckets.set('robots', bucket());
  return run;
};
const put = (run: Simulation, ...objects: (ReturnType<typeof dataset> | ReturnType<typeof version>)[]): void => {
  for (const object of objects) {
    if (object.kind === 'Dataset') run.datasets.set(object.metadata.name, object);
    else run.versions.set(object.metadata.name, object);
  }
};
const dataOf = (run: Simulation, task: string): TaskData | undefined => run.tasks.get(`wf.${task}`)?.spec.data;
const reading = (name: string, text: string, more: object = {}): TaskTemplate =>
  template(name, { inputs: [{ dataset: { name: text, ...more } }] });
const writing = (name: string, text: string, more: Partial<TaskTemplate> = {}): TaskTemplate =>
  template(name, { outputs: [{ dataset: { name: text } }], ...more });

describe('whether an output folder is kept', () => {
  test.each<[string, { task?: Partial<TaskTemplate>; mentioned?: boolean; downstream?: boolean; want: boolean }]>([
    ['by default', { want: true }],
    ['of a task that declares outputs: no', { task: { outputs: [{ url: { url: 's3://bucket/x' } }] }, want: false }],
    [
      'of a task that declares outputs and that another one reads',
      { task: { outputs: [{ url: { url: 's3://bucket/x' } }] }, downstream: true, want: true },
    ],
    ['of a pool that keeps what is mentioned: no', { mentioned: true, want: false }],
    ['mentioned by a token', { task: { args: ['{{output}}/x'] }, mentioned: true, want: true }],
    [
      'mentioned in a file',
      {
        task: { files: [{ path: '/f', contents: 'cd /osmo/data/output', base64: false }] },
        mentioned: true,
        want: true,
      },
    ],
    ['of a pool that keeps what is mentioned, read by another one', { mentioned: true, downstream: true, want: true }],
  ])('%s', (_, { task = {}, mentioned, downstream, want }) => {
    const run = simulate({ tasks: [template('a', task), ...(downstream ? [after('b', 'a')] : [])] });
    if (mentioned) run.pools.set('default', pool({ keepOutputs: 'Mentioned' }));
    run.settle();
    expect(dataOf(run, 'a')?.keep ?? false).toBe(want);
  });

  const kpis = [
    { index: 'speed', path: 'kpi.json' },
    { index: 'again', path: 'kpi.json' },
    { index: 'loss', path: 'train/loss.json' },
  ];
  const paths = ['kpi.json', 'train/loss.json'];
  const outputs = [{ url: { url: 's3://bucket/x' } }];
  test.each<[string, { task: Partial<TaskTemplate>; downstream?: boolean; mentioned?: boolean; want: object }]>([
    ['alone, where the rest goes elsewhere', { task: { kpis, outputs }, want: { keep: true, keepPaths: paths } }],
    [
      'alone, where the pool keeps nothing more',
      { task: { kpis }, mentioned: true, want: { keep: true, keepPaths: paths } },
    ],
    ['with all the rest, by default', { task: { kpis }, want: { keep: true } }],
    ['with all the rest, for who reads it', { task: { kpis, outputs }, downstream: true, want: { keep: true } }],
  ])('key figures are kept %s', (_, { task, downstream, mentioned, want }) => {
    const run = simulate({ tasks: [template('a', task), ...(downstream ? [after('b', 'a')] : [])] });
    if (mentioned) run.pools.set('default', pool({ keepOutputs: 'Mentioned' }));
    run.settle();
    expect(dataOf(run, 'a')).toEqual(want);
  });
});

describe('outputs of tasks', () => {
  test('are found when the task that reads them is created, with its filter', () => {
    const run = simulate({
      tasks: [template('a'), template('b', { inputs: [{ task: { name: 'a', regex: '.*png' } }] })],
    });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', data: leaving('a') });
    run.settle();
    expect(dataOf(run, 'b')).toEqual({
      keep: true,
      inputs: [{ index: 0, manifest: manifestOf('a'), task: 'a', regex: '.*png' }],
    });
  });

  test('that are empty are no input', () => {
    const run = simulate({ tasks: [template('a'), after('b', 'a')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', data: {} });
    run.settle();
    expect(dataOf(run, 'b')).toEqual({ keep: true });
  });

  test('of all instances lie side by side, that of the same one lies alone', () => {
    const run = simulate({
      tasks: [
        template('part', { count: 3 }),
        template('all', { inputs: [{ task: { name: 'part' } }] }),
        template('each', { count: 3, inputs: [{ task: { name: 'part', instances: 'Same' } }] }),
      ],
    });
    run.settle();
    for (const index of [0, 1, 2]) run.setTask(`wf.part-${index}`, { phase: 'Completed', data: leaving(`p${index}`) });
    run.settle();
    expect(dataOf(run, 'all')?.inputs).toEqual(
      [0, 1, 2].map((index) => ({
        ...{ index: 0, manifest: manifestOf(`p${index}`) },
        ...{ task: `part-${index}`, folder: `part-${index}` },
      })),
    );
    expect(dataOf(run, 'each-1')?.inputs).toEqual([{ index: 0, manifest: manifestOf('p1'), task: 'part-1' }]);
  });

  test('of another workflow are waited for, and then taken', () => {
    const run = simulate({ tasks: [template('b', { inputs: [{ task: { name: 'a', workflow: 'other' } }] })] });
    run.settle();
    expect(run.workflow.status).toMatchObject({
      phase: 'Pending',
      reason: 'DataNotFound',
      message: expect.stringContaining('spec.tasks[0].inputs[0].task.workflow: "other" is no Workflow'),
    });
    const other = new Simulation(workflow({ tasks: [template('a')] }, 'other'));
    other.settle();
    run.others.set('other', other.workflow);
    run.advance(60_000);
    run.settle();
    expect(run.workflow.status?.message).toContain('has no Task "a"');
    const made = other.tasks.get('other.a') as Task;
    run.tasks.set('other.a', made);
    run.advance(60_000);
    run.settle();
    expect(run.workflow.status?.message).toContain('task "a" of workflow "other" has not ended');
    run.tasks.set('other.a', { ...made, status: { conditions: [], phase: 'Failed', attempt: 0, data: leaving('o') } });
    run.settle();
    expect(dataOf(run, 'b')?.inputs).toEqual([
      { index: 0, manifest: manifestOf('o'), workflowUID: 'uid-of-other', task: 'a' },
    ]);
  });
});

describe('outputs of a workflow that has left the cluster', () => {
  const outputs = new Map([
    ['a', manifestOf('a')],
    ['part-0', manifestOf('p0')],
    ['part-1', undefined],
    ['part-2', manifestOf('p2')],
  ]);
  const waiting = (task: string, archive: Map<string, Archived> = new Map()): Simulation => {
    const run = simulate({
      tasks: [template('b', { inputs: [{ task: { name: task, workflow: 'other', regex: '.*' } }] })],
    });
    run.archive = archive;
    return run;
  };

  test.each<[string, { task: string; folder?: string }[]]>([
    ['a', [{ task: 'a' }]],
    [
      'part',
      [
        { task: 'part-0', folder: 'part-0' },
        { task: 'part-2', folder: 'part-2' },
      ],
    ],
  ])('are taken from its record: %s', (task, want) => {
    const run = waiting(task, new Map([['other', { kind: 'found', uid: 'uid-of-other', outputs }]]));
    run.settle();
    expect(dataOf(run, 'b')?.inputs).toEqual(
      want.map((each) => ({
        ...{ index: 0, manifest: outputs.get(each.task), workflowUID: 'uid-of-other', regex: '.*' },
        ...each,
      })),
    );
  });

  test.each<[string, string, Archived, string]>([
    [
      'of a name that nobody has',
      'a',
      { kind: 'none' },
      '"other" is no Workflow of this namespace, neither in the cluster nor',
    ],
    [
      'of a task that it hadn’t',
      'c',
      { kind: 'found', uid: 'u', outputs },
      'task.name: workflow "other", which is archived, has no Task "c"',
    ],
  ])('are waited for %s', (_, task, answer, message) => {
    const run = waiting(task, new Map([['other', answer]]));
    run.settle();
    expect(run.workflow.status).toMatchObject({ reason: 'DataNotFound', message: expect.stringContaining(message) });
  });

  test('are looked for again when the archive could not be asked', () => {
    const archive = new Map<string, Archived>();
    const run = waiting('a', archive);
    expect(run.plan().wakeAt).toEqual(new Date(run.now.getTime() + 1000));
    const retryAt = new Date(run.now.getTime() + 30_000);
    archive.set('other', { kind: 'failed', why: 'nobody answers', retryAt });
    run.settle();
    expect(run.workflow.status?.message).toContain("the archive can't be asked: nobody answers");
    expect(run.plan().wakeAt).toEqual(retryAt);
    archive.set('other', { kind: 'found', uid: 'u', outputs });
    run.settle();
    expect(dataOf(run, 'b')?.inputs).toHaveLength(1);
  });
});

test('ten thousand instances fit into the Task that reads them all', () => {
  const of = workflow({ tasks: [template('train', { count: 10_000 }), after('all', 'train')] });
  const { graph } = compileGraph(of.spec);
  if (graph === undefined) throw new Error('no graph');
  const find = ({ name }: GraphTask) =>
    ({
      spec: { taskName: name, workflow: { name: 'wf', uid: of.metadata.uid } },
      status: { data: leaving(name) },
    }) as Task;
  const reader = graph.taskByName.get('all') as GraphTask;
  const data = resolveData(reader, { workflow: of, graph, catalog: emptyCatalog, find }) as ResolvedData;
  expect(data.inputs).toHaveLength(10_000);
  // Less than what etcd takes by default of a whole object.
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(1_450_000);
});

describe('datasets', () => {
  const three = [
    dataset('scenes', {
      tags: [
        { name: 'golden', version: 1 },
        { name: 'gone', version: 9 },
      ],
    }),
    version('scenes', 1),
    version('scenes', 2),
    version('scenes', 3, { provenance: { outcome: 'Failed' } }),
  ];
  test.each<[string, number]>([
    ['scenes', 2],
    ['scenes:latest', 2],
    ['robots/scenes', 2],
    ['Robots/Scenes:golden', 1],
    ['scenes:3', 3],
  ])('%s is version %i', (name, number) => {
    const run = simulate({ tasks: [reading('a', name, { path: 'left', regex: '.*png' })] });
    put(run, ...three);
    run.settle();
    expect(dataOf(run, 'a')?.inputs).toEqual([
      {
        index: 0,
        manifest: manifestOf(`robots.scenes.${number}`),
        url: 's3://robots/datasets',
        ...{ path: 'left', regex: '.*png', folder: 'scenes' },
        dataset: { bucket: 'robots', name: 'scenes', version: number },
      },
    ]);
  });

  test.each<[string, string]>([
    ['other', 'there is no dataset "robots.other"'],
    ['scenes:4', 'dataset "robots.scenes" has no version 4'],
    ['scenes:gone', 'dataset "robots.scenes" has no version 9'],
    ['scenes:silver', 'dataset "robots.scenes" has no tag "silver"; its tags are golden, gone'],
    ['attic/scenes', 'the namespace has no Bucket "attic"'],
  ])('%s is waited for, and said: %s', (name, message) => {
    const run = simulate({ tasks: [reading('a', name), template('other')] });
    put(run, ...three);
    run.settle();
    expect(run.workflow.status).toMatchObject({ reason: 'DataNotFound' });
    expect(run.workflow.status?.message).toBe(
      `spec.tasks[0].inputs[0].dataset.name: ${name.startsWith('attic') ? '"attic/scenes": ' : ''}${message}`,
    );
    // What misses nothing isn't held up.
    expect([...run.tasks.keys()]).toEqual(['wf.other']);
  });

  test('without a bucket are in the default one, and in none where that is not clear', () => {
    const run = simulate({ tasks: [reading('a', 'scenes')] });
    put(run, ...three);
    run.buckets.set('attic', bucket('attic'));
    run.settle();
    expect(run.workflow.status?.message).toContain('names no bucket, and none of the namespace is the default');
    run.buckets.set('robots', bucket('robots', { default: true, credential: 'keys' }));
    run.settle();
    expect(dataOf(run, 'a')?.inputs).toMatchObject([{ url: 's3://robots/datasets', credential: 'keys' }]);
  });

  test('that are collections are all of their members', () => {
    const run = simulate({ tasks: [reading('a', 'all')] });
    put(run, ...three, dataset('Maps'), version('Maps', 7));
    const members = [
      { dataset: 'robots.scenes', version: 1 },
      { dataset: 'robots.maps', version: 7 },
    ];
    put(run, dataset('all', { type: 'Collection', members }));
    run.settle();
    expect(dataOf(run, 'a')?.inputs?.map(({ folder, dataset: of }) => [folder, of?.version])).toEqual([
      ['scenes', 1],
      ['Maps', 7],
    ]);
  });
});

test.each<[string, TaskTemplate[], string[]]>([
  ['a dataset', [reading('a', 'robots/other')], ['dataset lab/robots.other', 'buckets lab']],
  ['a bucket', [reading('a', 'attic/x')], ['buckets lab']],
  [
    'two datasets',
    [reading('a', 'robots/x'), reading('b', 'robots/y')],
    ['dataset lab/robots.x', 'buckets lab', 'dataset lab/robots.y'],
  ],
  [
    'a member of a collection',
    [reading('a', 'all')],
    ['dataset lab/robots.gone', 'buckets lab', 'dataset lab/robots.all'],
  ],
  ['another workflow', [template('a', { inputs: [{ task: { name: 'x', workflow: 'other' } }] })], ['tasks lab/other']],
  [
    'an update of nothing',
    [template('a', { outputs: [{ updateDataset: { name: 'x' } }] })],
    ['buckets lab', 'dataset lab/robots.x'],
  ],
  ['nothing', [template('a')], []],
])('who misses %s is woken by news of that', (_, tasks, awaits) => {
  const run = simulate({ tasks });
  put(run, dataset('all', { type: 'Collection', members: [{ dataset: 'robots.gone', version: 1 }] }));
  run.settle();
  const world = observeWorkflow({ namespace: 'lab', name: 'wf' }, run.now, run.sources, run.records);
  expect(world?.awaits).toEqual(awaits);
});

test('who has written a version waits for its dataset', () => {
  const run = simulate({ tasks: [writing('a', 'scenes')] });
  run.settle();
  run.setTask('wf.a', { phase: 'Completed', data: wrote('v') });
  const world = observeWorkflow({ namespace: 'lab', name: 'wf' }, run.now, run.sources, run.records);
  expect(world?.awaits).toEqual(['dataset lab/robots.scenes']);
});

describe('versions that tasks write', () => {
  test('are recorded with what made them, and the next task reads them as the latest', () => {
    const run = simulate({
      tasks: [
        {
          ...writing('make', 'scenes:golden'),
          inputs: [{ dataset: { name: 'scenes:1' } }, { url: { url: 's3://lab/raw' } }],
        },
        template('use', { inputs: [{ task: { name: 'make' } }, { dataset: { name: 'scenes' } }] }),
      ],
    });
    put(run, dataset('scenes'), version('scenes', 1));
    run.settle();
    expect(dataOf(run, 'make')?.outputs).toEqual([
      { index: 0, url: 's3://robots/datasets', dataset: { bucket: 'robots', name: 'scenes', tag: 'golden' } },
    ]);
    const data = wrote('new', { metadata: { frames: 7 }, labels: { robot: 'spot' } });
    run.setTask('wf.make', { phase: 'Completed', imageID: 'busybox@sha256:1', data });
    const plan = run.reconcile();
    // Its record comes before anything that may read it.
    expect(plan.apply?.map(({ object }) => object.metadata.name)).toEqual(['robots.scenes.2']);
    run.settle();
    expect(run.versions.get('robots.scenes.2')).toMatchObject({
      metadata: {
        labels: {
          'osmo.dev/bucket': 'robots',
          'osmo.dev/dataset': 'scenes',
          'osmo.dev/workflow': 'wf',
          'osmo.dev/workflow-uid': 'uid-of-wf',
          'osmo.dev/origin': 'task-1.0.0.0',
        },
        ownerReferences: [{ kind: 'Dataset', name: 'robots.scenes', uid: 'uid-of-robots.scenes' }],
      },
      spec: {
        ...{ dataset: 'robots.scenes', version: 2, manifest: manifestOf('new'), tag: 'golden' },
        ...{ files: 2, logicalBytes: 20, storedBytes: 5, metadata: { frames: 7 }, labels: { robot: 'spot' } },
        provenance: {
          workflow: { name: 'wf', uid: 'uid-of-wf' },
          ...{ task: 'make', taskUID: 'task-1', run: 0, attempt: 0, output: 0, outcome: 'Completed' },
          ...{ image: 'busybox', imageID: 'busybox@sha256:1' },
          inputs: [
            { dataset: 'robots.scenes', version: 1, manifest: manifestOf('robots.scenes.1') },
            { url: 's3://lab/raw' },
          ],
        },
      },
    });
    expect(dataOf(run, 'use')?.inputs?.at(-1)?.dataset?.version).toBe(2);
  });

  test('of a dataset that there is not make it first, and the workflow ends after that', () => {
    const run = simulate({ tasks: [writing('a', 'New_Scenes')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', data: wrote('v1') });
    run.reconcile();
    expect(run.datasets.get('robots.new-scenes')?.spec).toEqual({
      bucket: 'robots',
      name: 'New_Scenes',
      type: 'Dataset',
    });
    expect(run.workflow.status?.phase).not.toBe('Completed');
    run.settle();
    expect(run.versions.get('robots.new-scenes.1')?.spec.manifest).toBe(manifestOf('v1'));
    expect(run.workflow.status?.phase).toBe('Completed');
  });

  test('are recorded of failed tasks too, and are never the latest', () => {
    const run = simulate({ tasks: [writing('a', 'scenes')] });
    put(run, dataset('scenes'), version('scenes', 1));
    run.settle();
    run.setTask('wf.a', { phase: 'Failed', reason: 'Error', exitCode: 1, data: wrote('half') });
    run.settle();
    expect(run.versions.get('robots.scenes.2')?.spec.provenance?.outcome).toBe('Failed');
    expect(run.workflow.status?.phase).toBe('Failed');
    const next = simulate({ tasks: [reading('b', 'scenes')] });
    for (const [name, each] of run.versions) next.versions.set(name, each);
    put(next, dataset('scenes'));
    next.settle();
    expect(dataOf(next, 'b')?.inputs).toMatchObject([{ dataset: { version: 1 } }]);
  });

  test('by two tasks at once have two numbers, above all that were ever given', () => {
    const run = simulate({ tasks: [writing('a', 'scenes'), writing('b', 'scenes')] });
    put(run, { ...dataset('scenes'), status: { conditions: [], lastVersion: 4 } });
    run.settle();
    for (const name of ['a', 'b']) run.setTask(`wf.${name}`, { phase: 'Completed', data: wrote(name) });
    run.settle();
    expect([...run.versions.keys()].toSorted()).toEqual(['robots.scenes.5', 'robots.scenes.6']);
  });

  test('exactly once, wherever the controllers die', () => {
    for (let writes = 0; writes < 12; writes++) {
      const run = simulate({
        tasks: [
          writing('a', 'scenes'),
          template('b', { inputs: [{ task: { name: 'a' } }, { dataset: { name: 'scenes' } }] }),
        ],
      });
      run.settle();
      run.setTask('wf.a', { phase: 'Completed', data: wrote('v1') });
      while (run.crash(writes % 3)) if (writes % 3 === 0) break;
      run.settle();
      expect([...run.versions.keys()]).toEqual(['robots.scenes.1']);
      expect(dataOf(run, 'b')?.inputs).toMatchObject([{ dataset: { version: 1 } }]);
      run.restart();
      run.setTask('wf.b', { phase: 'Completed' });
      run.settle();
      expect([...run.versions.keys()]).toEqual(['robots.scenes.1']);
    }
  });

  test('as updates of another version say which', () => {
    const run = simulate({ tasks: [template('a', { outputs: [{ updateDataset: { name: 'scenes:golden' } }] })] });
    put(run, dataset('scenes', { tags: [{ name: 'golden', version: 1 }] }), version('scenes', 1), version('scenes', 2));
    run.settle();
    expect(dataOf(run, 'a')?.outputs).toEqual([
      {
        ...{ index: 0, url: 's3://robots/datasets', base: manifestOf('robots.scenes.1'), baseVersion: 1 },
        dataset: { bucket: 'robots', name: 'scenes' },
      },
    ]);
    run.setTask('wf.a', { phase: 'Completed', data: wrote('more') });
    run.settle();
    expect(run.versions.get('robots.scenes.3')?.spec.provenance?.inputs).toEqual([
      { dataset: 'robots.scenes', version: 1, manifest: manifestOf('robots.scenes.1') },
    ]);
  });

  test.each<[string, TaskTemplate, string]>([
    ['a bucket that is ReadOnly', writing('a', 'attic/scenes'), 'bucket "attic" is ReadOnly'],
    ['a collection', writing('a', 'robots/all'), 'is a collection, which has no versions of its own'],
    [
      'an update of nothing',
      template('a', { outputs: [{ updateDataset: { name: 'robots/x' } }] }),
      'there is no dataset "robots.x" to update',
    ],
  ])('to %s is waited for', (_, task, message) => {
    const run = simulate({ tasks: [task] });
    run.buckets.set('attic', bucket('attic', { mode: 'ReadOnly' }));
    put(run, dataset('all', { type: 'Collection', members: [] }));
    run.settle();
    expect(run.workflow.status).toMatchObject({ reason: 'DataNotFound', message: expect.stringContaining(message) });
  });
});

describe('a restart', () => {
  const spec: Partial<WorkflowSpec> = {
    tasks: [template('a'), template('b', { inputs: [{ task: { name: 'a' } }, { dataset: { name: 'scenes' } }] })],
  };
  const ended = (): Simulation => {
    const run = simulate(spec);
    put(run, dataset('scenes'), version('scenes', 1));
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', imageID: 'a@sha256:1', data: leaving('first') });
    run.settle();
    run.setTask('wf.b', { phase: 'Failed', reason: 'Error', exitCode: 1, imageID: 'b@sha256:1' });
    run.settle();
    put(run, version('scenes', 2));
    return run;
  };
  const manifests = (run: Simulation): (string | undefined)[] =>
    dataOf(run, 'b')?.inputs?.map(({ manifest }) => manifest) ?? [];

  test('of one task reads the outputs of the others again, and what is the latest now', () => {
    const run = ended();
    run.edit({ restart: { id: '1' } });
    run.settle();
    expect(run.tasks.get('wf.b')?.spec).toMatchObject({ run: 1, hold: false });
    expect(manifests(run)).toEqual([manifestOf('first'), manifestOf('robots.scenes.2')]);
  });

  test('that is pinned reads exactly the versions that were read before', () => {
    const run = ended();
    run.edit({ restart: { id: '1', pinned: true } });
    run.settle();
    expect(run.tasks.get('wf.b')?.spec).toMatchObject({ run: 1, hold: false });
    expect(manifests(run)).toEqual([manifestOf('first'), manifestOf('robots.scenes.1')]);
  });

  test('of what others read hands them what it writes then, or that it wrote nothing', () => {
    const run = ended();
    run.edit({ restart: { id: '1', tasks: ['a'] } });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', data: leaving('second') });
    run.settle();
    expect(manifests(run)).toEqual([manifestOf('second'), manifestOf('robots.scenes.2')]);
    run.setTask('wf.b', { phase: 'Completed' });
    run.settle();
    run.edit({ restart: { id: '2', tasks: ['a'] } });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', data: {} });
    run.settle();
    expect(manifests(run)).toEqual([manifestOf('robots.scenes.2')]);
  });

  test('that is pinned updates the version that was updated before', () => {
    const run = simulate({ tasks: [template('a', { outputs: [{ updateDataset: { name: 'scenes' } }] })] });
    put(run, dataset('scenes'), version('scenes', 1));
    run.settle();
    run.setTask('wf.a', { phase: 'Failed', reason: 'Error', exitCode: 1, imageID: 'a@sha256:1' });
    run.settle();
    put(run, version('scenes', 2));
    run.edit({ restart: { id: '1', pinned: true } });
    run.settle();
    expect(dataOf(run, 'a')?.outputs).toMatchObject([{ base: manifestOf('robots.scenes.1'), baseVersion: 1 }]);
    run.setTask('wf.a', { phase: 'Failed', reason: 'Error', exitCode: 1, imageID: 'a@sha256:1' });
    run.settle();
    run.edit({ restart: { id: '2' } });
    run.settle();
    expect(dataOf(run, 'a')?.outputs).toMatchObject([{ base: manifestOf('robots.scenes.2'), baseVersion: 2 }]);
  });

  test('waits until what the last run wrote is on record', () => {
    const run = simulate({ tasks: [writing('a', 'scenes')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Failed', reason: 'Error', exitCode: 1, data: wrote('first') });
    run.edit({ restart: { id: '1', tasks: ['a'] } });
    run.settle();
    expect([...run.versions.keys()]).toEqual(['robots.scenes.1']);
    run.setTask('wf.a', { phase: 'Completed', data: wrote('second') });
    run.settle();
    expect([...run.versions.values()].map(({ spec: { manifest } }) => manifest)).toEqual([
      manifestOf('first'),
      manifestOf('second'),
    ]);
  });
});

test('the way back leads through outputs that are no versions, to all that was read', () => {
  const run = simulate({
    tasks: [
      template('raw', { inputs: [{ dataset: { name: 'scenes' } }, { url: { url: 's3://lab/raw' } }] }),
      after('middle', 'raw'),
      { ...writing('end', 'trained'), inputs: [{ task: { name: 'middle' } }, { task: { name: 'raw' } }] },
    ],
  });
  put(run, dataset('scenes'), version('scenes', 4));
  for (const name of ['raw', 'middle', 'end']) {
    run.settle();
    run.setTask(`wf.${name}`, { phase: 'Completed', data: { ...leaving(name), ...wrote(name) } });
  }
  run.settle();
  const output = (task: string) => ({ task, workflowUID: 'uid-of-wf', manifest: manifestOf(task) });
  expect(run.versions.get('robots.trained.1')?.spec.provenance?.inputs).toEqual([
    output('middle'),
    output('raw'),
    { ...output('raw'), readBy: 'middle' },
    { dataset: 'robots.scenes', version: 4, manifest: manifestOf('robots.scenes.4'), readBy: 'raw' },
    { url: 's3://lab/raw', readBy: 'raw' },
  ]);
});

test('who submitted the workflow made its versions', () => {
  const run = simulate({ tasks: [writing('a', 'scenes')] });
  const { metadata } = run.workflow;
  run.workflow = {
    ...run.workflow,
    metadata: { ...metadata, annotations: { 'osmo.dev/submitted-by': 'ada' } },
  };
  run.settle();
  run.setTask('wf.a', { phase: 'Completed', data: wrote('v') });
  run.settle();
  expect(run.versions.get('robots.scenes.1')?.spec.createdBy).toBe('ada');
});
