import { describe, expect, test } from '@jest/globals';
import type { TaskTemplate, WorkflowSpec } from '@osmo/crds';
import fc from 'fast-check';
import { after, template } from '../testing/objects.ts';
import { compileGraph, type Graph, problemsMessage } from '@osmo/workflow-spec/graph';

const spec = (more: Partial<WorkflowSpec>): WorkflowSpec => ({ pool: 'default', priority: 'Normal', ...more });

function graphOf(more: Partial<WorkflowSpec>): Graph {
  const { graph, problems } = compileGraph(spec(more));
  if (graph === undefined) throw new Error(problemsMessage(problems, 4000));
  return graph;
}

const found = (more: Partial<WorkflowSpec>): string[] =>
  (compileGraph(spec(more)).problems ?? []).map(
    ({ kind, path, value, detail }) => `${kind} ${path} ${value} ${detail}`,
  );

describe('a valid spec', () => {
  test('flat tasks become groups of one, in any order of declaration', () => {
    const graph = graphOf({ tasks: [after('c', 'a', 'b'), after('b', 'a'), template('a')] });
    expect(graph.groups.map(({ name, upstream, downstream }) => [name, upstream, downstream])).toEqual([
      ['c-group', [1, 2], []],
      ['b-group', [2], [0]],
      ['a-group', [], [0, 1]],
    ]);
    expect(graph.tasks.map((task) => task.lead)).toEqual([true, true, true]);
  });

  test('a group depends on what any of its tasks needs, once', () => {
    const train = [
      template('lead', { lead: true, inputs: [{ task: { name: 'prep' } }] }),
      after('peer', 'prep', 'data'),
    ];
    const graph = graphOf({
      groups: [
        { name: 'one', barrier: true, ignoreNonleadStatus: true, tasks: [template('prep')] },
        { name: 'two', barrier: true, ignoreNonleadStatus: true, tasks: [template('data')] },
        { name: 'train', barrier: false, ignoreNonleadStatus: false, tasks: train },
      ],
    });
    expect(graph.groups[2]).toMatchObject({ upstream: [0, 1], barrier: false, ignoreNonleadStatus: false });
    expect(graph.groups[2]?.tasks.map(({ name, lead, path }) => [name, lead, path])).toEqual([
      ['lead', true, 'spec.groups[2].tasks[0]'],
      ['peer', false, 'spec.groups[2].tasks[1]'],
    ]);
  });

  test('a task may rely on the default resource without anyone defining it', () => {
    expect(graphOf({ tasks: [template('a')] }).tasks).toHaveLength(1);
  });

  test('a chain as long as a spec can hold compiles without overflowing the stack', () => {
    const tasks = Array.from({ length: 5000 }, (_, i) => (i === 0 ? template('t0') : after(`t${i}`, `t${i - 1}`)));
    expect(graphOf({ tasks }).groups[4999]?.upstream).toEqual([4998]);
  });
});

type Case = { reason: string; spec: Partial<WorkflowSpec>; want: string[] };
const group = (name: string, ...tasks: TaskTemplate[]) => ({ name, barrier: true, ignoreNonleadStatus: true, tasks });

describe('a spec that cannot run is refused with path, value and what is allowed', () => {
  test.each<[string, Case]>([
    [
      'the same name twice',
      {
        reason: 'Task objects are named after tasks',
        spec: { tasks: [template('a'), template('a')] },
        want: [
          'InvalidSpec spec.tasks[1].name "a" the task clashes with the task "a" at spec.tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
          'InvalidSpec spec.tasks[1].name "a-group" the group made for this task clashes with the group made for this task "a-group" at spec.tasks[0].name; names of tasks and groups must differ by more than case, "_" and "-"',
        ],
      },
    ],
    [
      'names that differ in case and underscore only',
      {
        reason: 'object names have neither',
        spec: { groups: [group('g', template('Train_A', { lead: true }), template('train-a'))] },
        want: [
          expect.stringContaining(
            'spec.groups[0].tasks[1].name "train-a" the task clashes with the task "Train_A"',
          ) as unknown as string,
        ],
      },
    ],
    [
      'a task named like a group',
      {
        reason: 'tasks and groups share one namespace',
        spec: { groups: [group('a', template('b')), group('c', template('A'))] },
        want: [
          expect.stringContaining('spec.groups[0].name "a" the group clashes with the task "A"') as unknown as string,
        ],
      },
    ],
    [
      'a flat task named like the group made for another',
      {
        reason: 'both would be a-group',
        spec: { tasks: [template('a'), template('a-group')] },
        want: [
          expect.stringContaining(
            'spec.tasks[0].name "a-group" the group made for this task clashes',
          ) as unknown as string,
        ],
      },
    ],
    [
      'names that are equal once they are cut to a container name',
      {
        reason: 'container names have 63 characters',
        spec: { tasks: [template(`${'x'.repeat(63)}a`), template(`${'x'.repeat(63)}b`)] },
        want: [
          expect.stringContaining('clashes with the task') as unknown as string,
          expect.any(String) as unknown as string,
          expect.any(String) as unknown as string,
        ],
      },
    ],
    [
      'a reserved name',
      {
        reason: 'it is a container of the pod',
        spec: { tasks: [template('OSMO_ctrl')] },
        want: [
          'InvalidSpec spec.tasks[0].name "OSMO_ctrl" reserved for a container of the system; any name but osmo-ctrl, osmo-init, preflight-test is allowed',
        ],
      },
    ],
    [
      'an input that is no task',
      {
        reason: 'a typo must not become a missing dependency',
        spec: { tasks: [template('prep'), after('train', 'perp')] },
        want: [
          'InvalidSpec spec.tasks[1].inputs[0].task.name "perp" no task of this workflow; allowed: prep, train; did you mean "prep"?',
        ],
      },
    ],
    [
      'a task that needs itself',
      {
        reason: 'it would wait for ever',
        spec: { tasks: [after('a', 'a')] },
        want: [
          'InvalidSpec spec.tasks[0].inputs[0].task.name "a" a task cannot be its own input; name a task of an earlier group',
        ],
      },
    ],
    [
      'an input from a peer of the same group',
      {
        reason: 'a group starts as a whole',
        spec: { groups: [group('g', template('a', { lead: true }), after('b', 'a'))] },
        want: [
          'InvalidSpec spec.groups[0].tasks[1].inputs[0].task.name "a" the task is in the same group, which runs together; allowed: tasks of other groups',
        ],
      },
    ],
    [
      'a cycle, and a second one, with a task behind it that is not to blame',
      {
        reason: 'each cycle is one mistake',
        spec: {
          tasks: [after('a', 'c'), after('b', 'a'), after('c', 'b'), after('d', 'a'), after('x', 'y'), after('y', 'x')],
        },
        want: [
          'InvalidSpec spec.tasks[0] "a-group" groups wait for each other in a cycle: b-group → c-group → a-group → b-group; remove one of these inputs',
          'InvalidSpec spec.tasks[4] "x-group" groups wait for each other in a cycle: y-group → x-group → y-group; remove one of these inputs',
        ],
      },
    ],
    [
      'a resource that nobody defines',
      {
        reason: 'the task would silently get the defaults',
        spec: { resources: [{ name: 'small' }], tasks: [template('a', { resource: 'big' })] },
        want: [
          'InvalidSpec spec.tasks[0].resource "big" no entry of spec.resources has this name; allowed: small, default',
        ],
      },
    ],
    [
      'a group of several without a lead',
      {
        reason: 'nobody would decide when the group ends',
        spec: { groups: [group('g', template('a'), template('b'))] },
        want: ['InvalidSpec spec.groups[0].tasks [] exactly one task of a group of several must have lead: true'],
      },
    ],
    [
      'a group with two leads',
      {
        reason: 'they could contradict each other',
        spec: { groups: [group('g', template('a', { lead: true }), template('b', { lead: true }))] },
        want: [
          'InvalidSpec spec.groups[0].tasks ["a","b"] exactly one task of a group of several must have lead: true',
        ],
      },
    ],
    [
      'tokens that name nothing',
      {
        reason: 'the command would get the braces',
        spec: {
          tasks: [
            template('a', { args: ['{{host:b}}', '{{input:0}}', '{{input:x}}', '{{ host:b }}', '{{other}}'] }),
            template('b'),
          ],
        },
        want: [
          'InvalidSpec spec.tasks[0].args[0] "{{host:b}}" no task of the same group; allowed: a',
          'InvalidSpec spec.tasks[0].args[1] "{{input:0}}" the task has no such input; allowed: a number below 0, or one of: none',
          'InvalidSpec spec.tasks[0].args[2] "{{input:x}}" the task has no such input; allowed: a number below 0, or one of: none',
        ],
      },
    ],
    [
      'no task at all',
      {
        reason: 'there is nothing to run',
        spec: {},
        want: ['InvalidSpec spec {} one of tasks or groups is required, with at least one task'],
      },
    ],
  ])('%s', (_, { spec: given, want }) => {
    expect(found(given)).toEqual(want);
  });
});

test('all problems are found at once, and the message says how many did not fit', () => {
  const tasks = Array.from({ length: 200 }, (_, i) => after(`t${i}`, 'nobody'));
  const { problems } = compileGraph(spec({ tasks }));
  expect(problems).toHaveLength(200);
  const message = problemsMessage(problems ?? [], 1000);
  expect(message.length).toBeLessThanOrEqual(1000);
  const shown = message.split('; spec.').length;
  expect(message).toMatch(new RegExp(`\\(and ${200 - shown} more\\)$`));
});

test('a graph compiles exactly when its edges have no cycle', () => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 20 });
  fc.assert(
    fc.property(edges, (pairs) => {
      const proper = pairs.filter(([from, to]) => from !== to);
      const inputsOf = (to: number): string[] => [
        ...new Set(proper.filter((pair) => pair[1] === to).map(([from]) => `t${from}`)),
      ];
      const tasks = Array.from({ length: 10 }, (_, i) => after(`t${i}`, ...inputsOf(i)));
      expect(compileGraph(spec({ tasks })).graph !== undefined).toBe(!hasCycle(proper, 10));
    }),
  );
});

// Transitive closure: slow, and obviously right.
function hasCycle(edges: [number, number][], size: number): boolean {
  const reach = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => edges.some(([a, b]) => a === i && b === j)),
  );
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const row = reach[i];
        if (row !== undefined && row[k] === true && reach[k]?.[j] === true) row[j] = true;
      }
    }
  }
  return reach.some((row, i) => row[i] === true);
}
