import { describe, expect, test } from '@jest/globals';
import type { WorkflowInput } from '@osmo/crds';
import { describeRecipeProblem } from '../problem.ts';
import { readRecipe, type RecipeRequest, renderRecipe } from './read-recipe.ts';
import { wholeRecipe } from '../testing/recipes.ts';

function specOf(text: string, request: Partial<RecipeRequest> = {}): WorkflowInput['spec'] {
  const result = readRecipe({ text, ...request });
  if ('problems' in result) throw new Error(result.problems.map(describeRecipeProblem).join('\n'));
  return result.workflow.spec;
}

const problemsOf = (text: string, request: Partial<RecipeRequest> = {}): string[] => {
  const result = readRecipe({ text, ...request });
  return 'problems' in result ? result.problems.map(describeRecipeProblem) : [];
};

/** A recipe of one task with some more keys, each on a line of its own. */
const taskWith = (...lines: string[]): string =>
  [
    'workflow:',
    '  name: w',
    '  tasks:',
    '  - name: t',
    '    image: busybox',
    '    command: [x]',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');

describe('a whole recipe', () => {
  test('becomes the Workflow that it says', () => {
    const result = readRecipe({ text: wholeRecipe, set: ['workers=2'], setEnv: ['EXTRA=a=b'] });
    expect(result).toMatchSnapshot();
  });

  test('is rendered and written as YAML', () => {
    expect(renderRecipe({ text: wholeRecipe, set: ['workers=1'], labels: ['team=arms'] })).toMatchSnapshot();
  });

  test('reads the same from its rendered document', () => {
    // The second rendering would act on braces that the first one has made.
    const text = wholeRecipe.replace("{{ '{{' }} not a template }}", 'plain');
    const rendered = renderRecipe({ text });
    if ('problems' in rendered) throw new Error('not rendered');
    expect({ ...specOf(rendered.document), source: undefined }).toEqual({ ...specOf(text), source: undefined });
  });
});

describe('values', () => {
  const text =
    'default-values:\n  x: 1\n  y: a\nworkflow:\n  name: w\n  tasks:\n  - {name: t, image: i, command: [c], args: ["{{ x }}", "{{ y }}"]}\n';
  const args = (request: Partial<RecipeRequest>): unknown => specOf(text, request).tasks?.[0]?.args;

  test('come from default-values, --set and --set-string, the last being the strongest', () => {
    expect(args({})).toEqual(['1', 'a']);
    expect(args({ set: ['x=0x', 'y=1_0'] })).toEqual(['0x', '10']);
    expect(args({ set: ['x=2'], setString: ['x=1_0'] })).toEqual(['1_0', 'a']);
    expect(args({ set: ['x= 7 ', 'y=1e3'] })).toEqual(['7', '1000.0']);
    expect(args({ set: ['x=true', 'y=a=b'] })).toEqual(['true', 'a=b']);
  });

  test('are recorded with the template', () => {
    expect(specOf(text, { set: ['x=2'] }).source).toEqual({ template: text, values: [{ name: 'x', value: '2' }] });
  });

  test('without = are refused', () => {
    expect(problemsOf(text, { set: ['x'] })).toEqual(['--set "x": must be NAME=VALUE']);
  });
});

describe('what differs from one YAML to the next is as in PyYAML', () => {
  test('in environment', () => {
    const text = taskWith(
      'environment: {A: Y, B: yes, C: 12:30, D: 017, E: 1_000, F: 1e-3, G: 1.0, H: 2024-01-02, I: "on", J: null_}',
    );
    expect(Object.fromEntries((specOf(text).tasks?.[0]?.env ?? []).map(({ name, value }) => [name, value]))).toEqual({
      A: 'Y',
      B: 'True',
      C: '750',
      D: '15',
      E: '1000',
      F: '1e-3',
      G: '1.0',
      H: '2024-01-02',
      I: 'on',
      J: 'null_',
    });
  });
});

describe('names', () => {
  test('become names of Kubernetes, and the own one is kept', () => {
    const result = readRecipe({ text: taskWith().replace('name: w', 'name: My_Flow-1') });
    expect(result).toMatchObject({ name: 'My_Flow-1', workflow: { metadata: { name: 'my-flow-1' } } });
  });

  test('of credentials become names of Secrets', () => {
    const text = taskWith('credentials: {My_Cred: {TOKEN: key}, plain: /secrets}');
    expect(specOf(text).tasks?.[0]?.credentials).toEqual([
      { name: 'my-cred', env: [{ name: 'TOKEN', key: 'key' }] },
      { name: 'plain', mountPath: '/secrets' },
    ]);
  });
});

describe('local files', () => {
  const text = taskWith('files: [{path: /a.sh, localpath: run.sh}]');
  test('are taken from those given', () => {
    expect(specOf(text, { localFiles: { 'run.sh': 'echo {{ x }}' } }).tasks?.[0]?.files).toEqual([
      { path: '/a.sh', contents: 'echo {{ x }}' },
    ]);
  });
  test('are refused without', () => {
    expect(problemsOf(text)).toEqual([
      '7:38: workflow.tasks[0].files[0].localpath: "run.sh": is a file on the user\'s machine: submit with the osmo command, which reads it',
    ]);
    expect(problemsOf(text, { localFiles: { constructor: '' } })).toEqual([
      '7:38: workflow.tasks[0].files[0].localpath: "run.sh": names a file that was not found',
    ]);
  });
});

describe('what is said beside the recipe', () => {
  test('wins over it', () => {
    const text = taskWith('environment: {A: 1, B: 2}').replace(
      '  tasks:',
      '  pool: p\n  labels: {a: b, c: d}\n  tasks:',
    );
    expect(specOf(text, { pool: 'q', priority: 'LOW', labels: ['a=x'], setEnv: ['B=3', 'C=4'] })).toMatchObject({
      pool: 'q',
      priority: 'Low',
      labels: { a: 'x', c: 'd' },
      tasks: [
        {
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '3' },
            { name: 'C', value: '4' },
          ],
        },
      ],
    });
    expect(specOf(text)).toMatchObject({ pool: 'p' });
  });
});

describe('a wrong recipe is refused with place, path, value and what is allowed', () => {
  test.each([
    ['no key at all', 'x', ["1:1: workflow: must be set: a recipe has the key 'workflow:' at the start of a line"]],
    [
      'an unknown top-level key',
      'workflow:\n  name: w\nother: 1\n',
      [
        '3:1: other: is no known top-level key; allowed are version, workflow, default-values',
        "2:3: workflow: must have one of the keys 'tasks' and 'groups'",
      ],
    ],
    ['a key twice', `${taskWith()}workflow:\n  name: w\n`, ['7:1: workflow: must be there only once']],
    ['another version', `version: 1\n${taskWith()}`, ['1:1: version: must be 2']],
    ['a boolean as version', `version: true\n${taskWith()}`, ['1:1: version: must be 2']],
    [
      'defaults that are a list',
      'default-values: [1]\nworkflow:\n  name: w\n',
      ['1:1: default-values: must be a mapping of names to values'],
    ],
    ['no work', 'workflow:\n  name: w\n', ["2:3: workflow: must have one of the keys 'tasks' and 'groups'"]],
    ['an empty list', 'workflow:\n  name: w\n  tasks: []\n', ['3:10: workflow.tasks: must have at least one item']],
    [
      'a misspelt key',
      taskWith('enviroment: {}', 'exit_actions: {}'),
      [
        "7:5: workflow.tasks[0].enviroment: is no known key; did you mean 'environment'?",
        "8:5: workflow.tasks[0].exit_actions: is no known key; did you mean 'exitActions'?",
      ],
    ],
    [
      'a key that is like none',
      taskWith('whatever: {}'),
      [expect.stringMatching(/^7:5: workflow\.tasks\[0\]\.whatever: is no known key; allowed are name, image, /)],
    ],
    [
      'a command that is a text',
      taskWith().replace('[x]', 'x'),
      ['6:14: workflow.tasks[0].command: "x": must be a list'],
    ],
    ['no image', taskWith().replace('    image: busybox\n', ''), ['4:5: workflow.tasks[0].image: must be set']],
    [
      'a list as variable',
      taskWith('environment: {A: [1]}'),
      ['7:22: workflow.tasks[0].environment.A: must be a single value: a text, a number or a boolean'],
    ],
    [
      'a boolean in a command',
      taskWith('args: [yes]'),
      ['7:12: workflow.tasks[0].args[0]: true: must be a text: put it in quotes'],
    ],
    [
      'a bad path',
      taskWith('files: [{path: /osmo/x, contents: a}]'),
      [
        expect.stringMatching(
          /^7:20: workflow\.tasks\[0\]\.files\[0\]\.path: "\/osmo\/x": must be an absolute path of a file/,
        ),
      ],
    ],
    [
      'broken base64',
      taskWith('files: [{path: /x, contents: "?", base64: true}]'),
      ['7:34: workflow.tasks[0].files[0].contents: "?": must be base64, since base64 is true'],
    ],
    [
      'two kinds of input',
      taskWith('inputs: [{task: a, url: "s3://b"}]'),
      ["7:14: workflow.tasks[0].inputs[0]: must have exactly one of the keys 'task', 'url', 'dataset'"],
    ],
    [
      'an unknown input',
      taskWith('inputs: [{task: a}]'),
      ["7:14: workflow.tasks[0].inputs[0]: names the task 'a', which is not in this workflow; there are 't'"],
    ],
    [
      'a bad URL',
      taskWith('outputs: [{url: "http://x"}]'),
      [
        expect.stringMatching(
          /^7:21: workflow\.tasks\[0\]\.outputs\[0\]\.url: "http:\/\/x": must be an object storage URL/,
        ),
      ],
    ],
    [
      'an unknown resource',
      taskWith('resource: big'),
      ['7:15: workflow.tasks[0].resource: "big": names no entry of workflow.resources; there are none'],
    ],
    [
      'RESTART',
      taskWith('exitActions: {RESTART: 1}'),
      ['7:28: workflow.tasks[0].exitActions.RESTART: 1: is no exit action; allowed are COMPLETE, FAIL, RESCHEDULE'],
    ],
    [
      'a bad duration',
      taskWith('checkpoint: [{path: /a, url: "s3://bucket", frequency: 10h5m}]'),
      [expect.stringMatching(/^7:60: workflow\.tasks\[0\]\.checkpoint\[0\]\.frequency: "10h5m": must be a duration/)],
    ],
    [
      'a part of a CPU',
      taskWith().replace('  tasks:', '  resources: {default: {cpu: 0.5}}\n  tasks:'),
      ['3:30: workflow.resources.default.cpu: 0.5: must be a whole number, 0 or more'],
    ],
    [
      'names that are the same',
      taskWith('', '', '').replace('  - name: t', '  - {name: T, image: i, command: [c]}\n  - name: t'),
      [
        "5:11: workflow.tasks[1].name: \"t\": must be unique among tasks and groups: 'T' and 't' are the same, since case and '-' or '_' make no difference",
      ],
    ],
    [
      'a label that is a number',
      taskWith().replace('  tasks:', '  labels: {a: 1}\n  tasks:'),
      ['3:15: workflow.labels.a: 1: must be a text: put it in quotes'],
    ],
    [
      'a name that is none',
      taskWith().replace('name: w', 'name: 1w'),
      [expect.stringMatching(/^2:9: workflow\.name: "1w": must be at most 64 letters/)],
    ],
  ])('%s', (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  test('two leads', () => {
    const task = (name: string): string => `{name: ${name}, image: i, command: [c], lead: true}`;
    const text = `workflow:\n  name: w\n  groups:\n  - name: g\n    tasks: [${task('a')}, ${task('b')}]\n`;
    expect(problemsOf(text)).toEqual([
      '5:12: workflow.groups[0].tasks: exactly one task must have lead: true in a group of more than one task',
    ]);
  });

  test('all problems at once', () => {
    expect(problemsOf(taskWith('lead: maybe', 'privileged: 7', 'inputs: 3'))).toHaveLength(3);
  });
});

describe('places', () => {
  test('of a template are those of the file, behind loops and other line ends', () => {
    const text =
      'default-values:\r\n  n: 3\r\nworkflow:\r\n  name: w\r\n  tasks:\r\n{% for i in range(n) %}\r\n  - name: t{{ i }}\r\n    image: i\r\n    comand: [c]\r\n{% endfor %}\r\n';
    expect(problemsOf(text.replace('    image: i\r\n', ''))).toEqual([
      expect.stringMatching(/^8:5: workflow\.tasks\[0\]\.comand/),
      expect.stringMatching(/^7:5: workflow\.tasks\[0\]\.image: must be set/),
    ]);
  });

  test('of template errors are those of the expression', () => {
    expect(problemsOf('workflow:\n  name: w\n  # {{ 1 }}\n  x: é{{ 2 + zz }}\n')).toEqual([
      expect.stringMatching(/^4:12: 'zz' is undefined/),
    ]);
  });

  test('of YAML errors are those of the text that made them', () => {
    expect(problemsOf('workflow:\n  name: w\n  tasks: {{ "[1, 2" }}\n  x: 1\n')[0]).toMatch(
      /^4:4: expected ',' or '\]'/,
    );
  });
});

describe('warnings', () => {
  test('tell what is ignored', () => {
    const text = `{% set x = 1 %}\n${taskWith('backend: b', 'resources: {cpu: 1}').replace('  tasks:', '  backend: c\n  tasks:')}`;
    expect(readRecipe({ text })).toMatchObject({
      warnings: [
        "what stands before the first top-level key is no part of the recipe: move it below 'workflow:'",
        'workflow.backend is ignored: the pool decides about the backend',
        'workflow.tasks[0].resources is ignored: resource names an entry of workflow.resources',
        'workflow.tasks[0].backend is ignored: the pool decides about the backend',
      ],
    });
  });
});

describe('a short recipe that says much', () => {
  const many = (item: string): string => `{% for i in range(200) %}${item}{% endfor %}`;
  test('is refused as a workflow that no apiserver takes', () => {
    const text = `workflow:
  name: w
  tasks:
  - {name: first, image: i, command: [c], args: &words ["${'x'.repeat(30_000)}"]}
${many('  - {name: t{{i}}, image: i, command: [c], args: *words}\n')}`;
    expect(readRecipe({ text })).toEqual({
      problems: [{ message: expect.stringMatching(/^workflow: has more than 3145728 characters/) }],
    });
  });
  test('is refused as a document', () => {
    const text = `workflow:\n  name: w\n  x: [&word ${'x'.repeat(50_000)}${many(', *word')}]\n`;
    expect(renderRecipe({ text })).toEqual({
      problems: [{ message: expect.stringMatching(/^workflow: has more than 8388608 characters/) }],
    });
  });
});

test('fields of the Workflow are found in the recipe, also in a loop and below what is there', () => {
  const text = [
    'workflow:',
    '  name: w',
    '  resources:',
    '    big:',
    '      gpu: 16',
    '  tasks:',
    '  {% for i in [1, 2] %}',
    '  - name: t{{ i }}',
    '    image: busybox',
    '    resource: big',
    '    command: [x]',
    '  {% endfor %}',
    '',
  ].join('\n');
  const locate = ['spec.tasks[1].image', 'spec.resources[0].gpu', 'spec.tasks[0].args[3]', 'nothing'];
  expect(readRecipe({ text, locate })).toMatchObject({
    places: {
      'spec.tasks[1].image': { path: 'workflow.tasks[1].image', line: 9, column: 12 },
      'spec.resources[0].gpu': { path: 'workflow.resources.big.gpu', line: 5, column: 12 },
      'spec.tasks[0].args[3]': { path: 'workflow.tasks[0].args[3]', line: 8, column: 5 },
    },
  });
});
