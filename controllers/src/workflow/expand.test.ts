import { describe, expect, test } from '@jest/globals';
import type { GroupTemplate, Task, TaskTemplate, WorkflowSpec } from '@osmo/crds';
import { after, pool, template, workflow } from '../testing/objects.ts';
import { compileGraph, type Graph, problemsMessage } from '@osmo/workflow-spec/graph';
import { taskFor } from './tasks.ts';

const group = (name: string, tasks: TaskTemplate[], more: Partial<GroupTemplate> = {}): GroupTemplate => ({
  name,
  barrier: true,
  ignoreNonleadStatus: true,
  tasks,
  ...more,
});

function graphOf(spec: Partial<WorkflowSpec>): Graph {
  const { graph, problems } = compileGraph(workflow(spec).spec);
  if (graph === undefined) throw new Error(problemsMessage(problems, 4000));
  return graph;
}

function taskOf(spec: Partial<WorkflowSpec>, name: string): Task {
  const graph = graphOf(spec);
  const found = graph.taskByName.get(name);
  if (found === undefined) throw new Error(`no task ${name}: ${[...graph.taskByName.keys()].join()}`);
  return taskFor(found, { workflow: workflow(spec), graph, pool: pool(), platforms: new Map() });
}

const needs = (graph: Graph, of: string): string[] => {
  const name = (node: number): string[] =>
    node < graph.groups.length
      ? [graph.groups[node]?.name ?? '']
      : (graph.joins[node - graph.groups.length]?.upstream ?? []).flatMap(name);
  return (graph.groups[graph.taskByName.get(of)?.group ?? -1]?.upstream ?? []).flatMap(name);
};

describe('instances', () => {
  test('a task with count becomes groups of one, each with its number', () => {
    const graph = graphOf({ tasks: [template('sim', { count: 3 })] });
    expect(graph.groups.map(({ name, tasks }) => [name, tasks.map((task) => [task.name, task.lead])])).toEqual([
      ['sim-0-group', [['sim-0', true]]],
      ['sim-1-group', [['sim-1', true]]],
      ['sim-2-group', [['sim-2', true]]],
    ]);
    expect(graph.entryByName.get('sim')).toMatchObject({ size: 3, tasks: [0, 1, 2] });
  });

  test('within a group they are peers, and instance 0 of the lead leads', () => {
    const tasks = [template('learner', { lead: true }), template('actor', { count: 2 })];
    const [first] = graphOf({ groups: [group('train', tasks)] }).groups;
    expect(first?.tasks.map(({ name, lead }) => [name, lead])).toEqual([
      ['learner', true],
      ['actor-0', false],
      ['actor-1', false],
    ]);
    const [alone] = graphOf({ groups: [group('train', [template('rank', { count: 3 })])] }).groups;
    expect(alone?.tasks.map(({ name, lead }) => [name, lead])).toEqual([
      ['rank-0', true],
      ['rank-1', false],
      ['rank-2', false],
    ]);
  });

  test('a group with a matrix becomes a gang for each combination, the last axis changing first', () => {
    const matrix = [
      { name: 'lr', values: ['1', '2'] },
      { name: 'seed', values: ['a', 'b', 'c'] },
    ];
    const args = ['{{index}}/{{count}} {{matrix.lr}}{{matrix.seed}} {{group_index}}/{{group_count}}'];
    const tasks = [template('learner', { lead: true, args }), template('actor', { count: 2, args })];
    const spec = { groups: [group('train', tasks, { matrix })] };
    const graph = graphOf(spec);
    expect(graph.groups.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `train-${index}`));
    expect(graph.groups[4]?.tasks.map(({ name }) => name)).toEqual(['learner-4', 'actor-4-0', 'actor-4-1']);
    expect(taskOf(spec, 'learner-4').spec.args).toEqual(['4/6 2b 4/6']);
    expect(taskOf(spec, 'actor-4-1').spec.args).toEqual(['1/2 2b 4/6']);
    expect(taskOf(spec, 'actor-4-1').spec).toMatchObject({
      fanOut: { name: 'actor', index: 9 },
      group: { name: 'train-4', size: 3 },
      env: [
        { name: 'OSMO_INDEX', value: '1' },
        { name: 'OSMO_COUNT', value: '2' },
        { name: 'OSMO_GROUP_INDEX', value: '4' },
        { name: 'OSMO_GROUP_COUNT', value: '6' },
        { name: 'OSMO_MATRIX_LR', value: '2' },
        { name: 'OSMO_MATRIX_SEED', value: 'b' },
      ],
    });
  });

  test('a variable that the author sets stays as it is, and what stands for values is not replaced again', () => {
    const matrix = [{ name: 'text', values: ['{{index}}'] }];
    const env = [{ name: 'OSMO_INDEX', value: 'mine {{index}}' }];
    const { spec } = taskOf({ tasks: [template('a', { matrix, env, args: ['{{matrix.text}}'] })] }, 'a-0');
    expect(spec.env?.filter(({ name }) => name === 'OSMO_INDEX')).toEqual([{ name: 'OSMO_INDEX', value: 'mine 0' }]);
    expect(spec.args).toEqual(['{{index}}']);
  });

  test('a peer is named as its author wrote it, or in full', () => {
    const tasks = [
      template('learner', { lead: true }),
      template('actor', { count: 2, args: ['{{host:learner}} {{host:actor-1-0}}'] }),
    ];
    // Instance 0 of the group has no task actor-1-0, which is why it is refused: the names differ from gang to gang.
    expect(compileGraph(workflow({ groups: [group('train', tasks, { count: 2 })] }).spec).problems).toMatchObject([
      { path: 'spec.groups[0].tasks[1].args[0]', value: '"{{host:actor-1-0}}"' },
    ]);
    const plain = [tasks[0] ?? template('x'), template('actor', { count: 2, args: ['{{host:learner}}'] })];
    const spec = { groups: [group('train', plain, { count: 2 })] };
    const { subdomain, args } = taskOf(spec, 'actor-1-0').spec;
    expect(args).toEqual([`learner-1.${subdomain}.lab.svc.cluster.local`]);
  });
});

describe('inputs', () => {
  test('of a whole entry wait for all instances, and stay one item', () => {
    const spec = { tasks: [template('sim', { count: 3 }), after('gather', 'sim')] };
    expect(needs(graphOf(spec), 'gather')).toEqual(['sim-0-group', 'sim-1-group', 'sim-2-group']);
    expect(taskOf(spec, 'gather').spec.inputs).toEqual([{ task: { name: 'sim' } }]);
  });

  test('of the Same index wait for that instance only, and name it', () => {
    const inputs = [{ task: { name: 'sim', instances: 'Same' as const } }];
    const spec = { tasks: [template('sim', { count: 3 }), template('eval', { count: 3, inputs })] };
    expect(needs(graphOf(spec), 'eval-1')).toEqual(['sim-1-group']);
    expect(taskOf(spec, 'eval-1').spec.inputs).toEqual([{ task: { name: 'sim-1' } }]);
  });

  test('of the Same index go by the number of the gang where that has as many', () => {
    const inputs = [{ task: { name: 'shard', instances: 'Same' as const } }];
    const tasks = [template('learner', { lead: true }), template('actor', { count: 2, inputs })];
    const spec = {
      groups: [group('data', [template('shard')], { count: 3 }), group('train', tasks, { count: 3 })],
    };
    expect(needs(graphOf(spec), 'actor-2-1')).toEqual(['data-2']);
    expect(taskOf(spec, 'actor-2-1').spec.inputs).toEqual([{ task: { name: 'shard-2' } }]);
  });

  test('of instances within one gang wait for that gang', () => {
    const spec = { groups: [group('g', [template('rank', { count: 3 })]), group('h', [after('end', 'rank')])] };
    expect(needs(graphOf(spec), 'end')).toEqual(['g']);
    expect(graphOf(spec).joins).toEqual([]);
  });

  test('of one instance by its name wait for it', () => {
    expect(needs(graphOf({ tasks: [template('sim', { count: 3 }), after('b', 'sim-2')] }), 'b')).toEqual([
      'sim-2-group',
    ]);
  });

  test('between thousands cost an edge for each, not for each pair', () => {
    const names = ['a', 'b', 'c'];
    const one = (name: string, at: number) =>
      template(name, { count: 6000, inputs: names.slice(0, at).map((from) => ({ task: { name: from } })) });
    const graph = graphOf({ tasks: names.map(one) });
    const edges = [...graph.groups, ...graph.joins].reduce((sum, { upstream }) => sum + upstream.length, 0);
    // a before its join, b behind it; b before its join; c behind one join that stands behind both.
    expect(edges).toBe(6000 * 4 + 2);
    expect(needs(graph, 'c-7')).toHaveLength(12_000);
  });
});

type Case = { spec: Partial<WorkflowSpec>; want: string[] };
const numbers = (length: number): string[] => Array.from({ length }, (_, index) => String(index));

describe('what cannot be expanded is refused with path, value and what is allowed', () => {
  test.each<[string, Case]>([
    [
      'count beside matrix',
      {
        spec: { tasks: [template('a', { count: 2, matrix: [{ name: 'x', values: ['1'] }] })] },
        want: ['InvalidSpec spec.tasks[0].count 2 not allowed beside matrix; set one of the two'],
      },
    ],
    [
      'maxParallel of a single task',
      {
        spec: { tasks: [template('a', { maxParallel: 2 })] },
        want: [
          'InvalidSpec spec.tasks[0].maxParallel 2 allowed only beside count or matrix; spec.maxParallel limits the whole workflow',
        ],
      },
    ],
    [
      'maxParallel within a gang',
      {
        spec: { groups: [group('g', [template('a', { count: 2, maxParallel: 1 })])] },
        want: [
          'InvalidSpec spec.groups[0].tasks[0].maxParallel 1 the instances of a task in a group start together; set maxParallel on the group',
        ],
      },
    ],
    [
      'two axes of one name',
      {
        spec: {
          tasks: [
            template('a', {
              matrix: [
                { name: 'lr', values: ['1'] },
                { name: 'LR', values: ['1'] },
              ],
            }),
          ],
        },
        want: [
          'InvalidSpec spec.tasks[0].matrix[1].name "LR" another axis has this name; names must differ by more than case',
        ],
      },
    ],
    [
      'an axis of the group again',
      {
        spec: {
          groups: [
            group('g', [template('a', { matrix: [{ name: 'lr', values: ['1'] }] })], {
              matrix: [{ name: 'lr', values: ['1'] }],
            }),
          ],
        },
        want: [
          'InvalidSpec spec.groups[0].tasks[0].matrix[0].name "lr" the matrix of the group has an axis of this name; names must differ by more than case',
        ],
      },
    ],
    [
      'more combinations than one entry may have',
      {
        spec: {
          tasks: [
            template('a', {
              matrix: [
                { name: 'x', values: numbers(101) },
                { name: 'y', values: numbers(100) },
              ],
            }),
          ],
        },
        want: [
          'InvalidSpec spec.tasks[0].matrix 10100 the values make more than 10000 combinations; split it into several tasks, or take axes or values away',
        ],
      },
    ],
    [
      'more tasks than one workflow may have',
      {
        spec: { tasks: [template('a', { count: 10_000 }), template('b', { count: 10_000 }), template('c')] },
        want: ['InvalidSpec spec 20001 the workflow has so many tasks with all instances; at most 20000 are allowed'],
      },
    ],
    [
      'a larger gang than can start together',
      {
        spec: { groups: [group('g', [template('a', { lead: true }), template('b', { count: 1024 })])] },
        want: [
          'InvalidSpec spec.groups[0].tasks 1025 the group has so many tasks with all instances; at most 1024 can start together',
        ],
      },
    ],
    [
      'more than the store can hold',
      {
        spec: { tasks: [template('a', { count: 10_000, args: ['x'.repeat(30_000)] })] },
        want: [
          'InvalidSpec spec.tasks[0] "a" its 10000 instances would take 287 MiB; at most 26843 bytes each are allowed: move what is large into an image or into object storage',
        ],
      },
    ],
    [
      'no room for the variables of instances',
      {
        spec: {
          tasks: [template('a', { count: 2, env: numbers(510).map((value) => ({ name: `V${value}`, value })) })],
        },
        want: ['InvalidSpec spec.tasks[0].env 510 its instances get 4 more; at most 508 are allowed'],
      },
    ],
    [
      'a name that has no room for the number',
      {
        spec: { tasks: [template('x'.repeat(60), { count: 1001 })] },
        want: [
          `InvalidSpec spec.tasks[0].name "${'x'.repeat(60)}" too long for the numbers of its instances; at most 58 characters are allowed`,
        ],
      },
    ],
    [
      'a task named like an instance',
      {
        spec: { tasks: [template('a', { count: 3 }), template('A_2')] },
        want: [
          expect.stringContaining(
            'spec.tasks[1].name "A_2" the task clashes with the instance "a-2" at spec.tasks[0].name',
          ) as unknown as string,
          expect.stringContaining('spec.tasks[1].name "A_2-group" the group made') as unknown as string,
        ],
      },
    ],
    [
      'two entries of one name, told once',
      {
        spec: { tasks: [template('a', { count: 3 }), template('a', { count: 3 })] },
        want: [
          expect.stringContaining('spec.tasks[1].name "a-0" the instance clashes') as unknown as string,
          expect.stringContaining('spec.tasks[1].name "a" the task clashes') as unknown as string,
          expect.stringContaining('spec.tasks[1].name "a-0-group" the group made') as unknown as string,
        ],
      },
    ],
    [
      'Same between different numbers',
      {
        spec: {
          tasks: [
            template('a', { count: 3 }),
            template('b', { count: 2, inputs: [{ task: { name: 'a', instances: 'Same' } }] }),
            template('c', { inputs: [{ task: { name: 'a', instances: 'Same' } }] }),
            template('d', { count: 2, inputs: [{ task: { name: 'c', instances: 'Same' } }] }),
          ],
        },
        want: [
          'InvalidSpec spec.tasks[1].inputs[0].task.instances "Same" task "a" has 3 instances and this task has 2; Same is allowed between as many',
          'InvalidSpec spec.tasks[2].inputs[0].task.instances "Same" task "a" has 3 instances and this task is a single one; Same is allowed between as many',
          'InvalidSpec spec.tasks[3].inputs[0].task.instances "Same" the input is a single task; Same is allowed for tasks with count or matrix',
        ],
      },
    ],
    [
      'an entry that needs itself',
      {
        spec: { tasks: [template('a', { count: 3, inputs: [{ task: { name: 'a' } }] })] },
        want: [
          'InvalidSpec spec.tasks[0].inputs[0].task.name "a" a task cannot be its own input; name a task of an earlier group',
        ],
      },
    ],
    [
      'entries that need each other',
      {
        spec: {
          tasks: [
            template('a', { count: 300, inputs: [{ task: { name: 'b' } }] }),
            template('b', { count: 300, inputs: [{ task: { name: 'a' } }] }),
          ],
        },
        want: [
          'InvalidSpec spec.tasks[0] "a-0-group" groups wait for each other in a cycle: b-0-group → a-0-group → b-0-group; remove one of these inputs',
        ],
      },
    ],
    [
      'a value that the task does not have',
      {
        spec: {
          tasks: [
            template('a', { count: 3, args: ['{{matrix.lr}} {{index}}'] }),
            template('b', { args: ['{{index}}'] }),
          ],
        },
        want: [
          'InvalidSpec spec.tasks[0].args[0] "{{matrix.lr}}" the task has no such value; allowed: index, count, group_index, group_count',
        ],
      },
    ],
  ])('%s', (_, { spec, want }) => {
    const found = compileGraph(workflow(spec).spec).problems ?? [];
    expect(found.map(({ kind, path, value, detail }) => `${kind} ${path} ${value} ${detail}`)).toEqual(want);
  });
});
