import { expect, test } from '@jest/globals';
import { describeRecipeProblem } from '../problem.ts';
import { readRecipe } from './read-recipe.ts';

const task = (name: string, more = '', image = 'busybox'): string =>
  `  - {name: ${name}, image: ${image}, command: [x]${more && `, ${more}`}}\n`;
const flat = (...tasks: string[]): string => `workflow:\n  name: w\n  tasks:\n${tasks.join('')}`;
const grouped = (...groups: string[]): string => `workflow:\n  name: w\n  groups:\n${groups.join('')}`;
const group = (name: string, ...tasks: string[]): string =>
  `  - name: ${name}\n    tasks:\n${tasks.map((t) => `  ${t}`).join('')}`;

/** Recipes with faults of several kinds, and all that is to be said of each: nothing twice, and nothing that is only a consequence. */
test.each<[string, string, string[]]>([
  [
    'a wrong type and a cycle',
    flat(task('a', 'lead: maybe, inputs: [{task: b}]'), task('b', 'inputs: [{task: a}]')),
    [
      '4:51: workflow.tasks[0].lead: "maybe": must be true or false',
      '4:5: workflow.tasks[0]: "a-group": groups wait for each other in a cycle: b-group → a-group → b-group; remove one of these inputs',
    ],
  ],
  [
    'a task without an image is a name all the same',
    flat('  - {name: a, command: [x]}\n', task('b', 'inputs: [{task: a}, {task: ghost}]')),
    [
      '4:5: workflow.tasks[0].image: must be set',
      "5:65: workflow.tasks[1].inputs[1]: names the task 'ghost', which is not in this workflow; there are 'a', 'b'",
    ],
  ],
  [
    'a name that is a list may be what an input names',
    flat(
      '  - {name: [a], image: i, command: [x]}\n',
      task('b', 'inputs: [{task: ghost}], args: ["{{input:ghost}}", "{{host:ghost}}", "{{input:7}}"]'),
    ),
    [
      '4:12: workflow.tasks[0].name: must be a text',
      '5:114: workflow.tasks[1].args[2]: "{{input:7}}": the task has no such input; allowed: a number below 1, or one of: ghost',
    ],
  ],
  [
    'a misspelt name',
    flat('  - {nane: a, image: i, command: [x]}\n', task('b', 'inputs: [{task: a}], privileged: 7')),
    [
      "4:6: workflow.tasks[0].nane: is no known key; did you mean 'name'?",
      '5:78: workflow.tasks[1].privileged: 7: must be true or false',
    ],
  ],
  [
    'misspelt inputs make no tokens wrong',
    flat(task('a'), task('b', 'input: [{task: a}], args: ["{{input:0}}", "{{host:zz}}"]')),
    [
      "5:45: workflow.tasks[1].input: is no known key; did you mean 'inputs'?",
      '5:87: workflow.tasks[1].args[1]: "{{host:zz}}": no task of the same group; allowed: b',
    ],
  ],
  [
    'an input that is none keeps the numbers of others',
    flat(
      task('a'),
      task(
        'b',
        'inputs: [{tusk: a}, {task: a}], args: ["{{input:0}} {{input:1}} {{input:2}} {{input:a}} {{input:x}}"]',
      ),
    ),
    [
      "5:54: workflow.tasks[1].inputs[0]: must have exactly one of the keys 'task', 'url', 'dataset'",
      '5:84: workflow.tasks[1].args[0]: "{{input:2}}": the task has no such input; allowed: a number below 2, or one of: 0, a',
    ],
  ],
  [
    'an input of several kinds and an unknown one',
    flat(task('a', 'inputs: [{task: b, url: "s3://data"}, {task: c}]'), task('b', 'resource: big')),
    [
      "4:54: workflow.tasks[0].inputs[0]: must have exactly one of the keys 'task', 'url', 'dataset'",
      "4:83: workflow.tasks[0].inputs[1]: names the task 'c', which is not in this workflow; there are 'a', 'b'",
      '5:55: workflow.tasks[1].resource: "big": names no entry of workflow.resources; there are none',
    ],
  ],
  [
    'resources that are a list say nothing of names',
    'workflow:\n  name: w\n  resources: [big]\n  tasks:\n' + task('a', 'resource: big, args: ["{{input:0}}"]'),
    [
      '3:14: workflow.resources: must be a mapping of keys to values',
      '5:67: workflow.tasks[0].args[0]: "{{input:0}}": the task has no such input; allowed: a number below 0, or one of: none',
    ],
  ],
  [
    'misspelt resources',
    'workflow:\n  name: w\n  resource: {big: {cpu: 1}}\n  tasks:\n' +
      task('a', 'resource: big, image: "A b"').replace('image: busybox, ', ''),
    [
      "3:3: workflow.resource: is no known key; did you mean 'resources'?",
      "5:51: workflow.tasks[0].image: \"A b\": must be an image reference such as 'ubuntu:24.04' or 'registry.example.com/team/app@sha256:…'",
    ],
  ],
  [
    'an amount that is none in an entry that is named',
    'workflow:\n  name: w\n  resources: {big: {cpu: 0.5, gpu: many}}\n  tasks:\n' +
      task('a', 'resource: big') +
      task('b', 'resource: bug, inputs: [{task: b}]'),
    [
      '3:26: workflow.resources.big.cpu: 0.5: must be a whole number, 0 or more',
      '3:36: workflow.resources.big.gpu: "many": must be a whole number, 0 or more',
      '6:69: workflow.tasks[1].inputs[0]: names the task itself',
      '6:55: workflow.tasks[1].resource: "bug": names no entry of workflow.resources; there are \'big\'',
    ],
  ],
  [
    'two leads and a wrong key',
    grouped(group('g', task('a', 'lead: true'), task('b', 'lead: true, leed: 1, args: ["{{host:c}}"]'))),
    [
      "7:59: workflow.groups[0].tasks[1].leed: is no known key; did you mean 'lead'?",
      '6:5: workflow.groups[0].tasks: exactly one task must have lead: true in a group of more than one task',
      '7:75: workflow.groups[0].tasks[1].args[0]: "{{host:c}}": no task of the same group; allowed: a, b',
    ],
  ],
  [
    'a lead that can not be read',
    grouped(group('g', task('a', 'lead: perhaps'), task('b', 'inputs: [{task: a}]'))),
    [
      '6:53: workflow.groups[0].tasks[0].lead: "perhaps": must be true or false',
      '7:63: workflow.groups[0].tasks[1].inputs[0].task: "a": the task is in the same group, which runs together; allowed: tasks of other groups',
    ],
  ],
  [
    'a misspelt lead',
    grouped(group('g', task('a', 'leader: true'), task('b')), group('h', task('c', 'inputs: [{task: z}]'))),
    [
      "6:47: workflow.groups[0].tasks[0].leader: is no known key; did you mean 'lead'?",
      "10:56: workflow.groups[1].tasks[0].inputs[0]: names the task 'z', which is not in this workflow; there are 'a', 'b', 'c'",
    ],
  ],
  [
    'no lead, and files at one place',
    grouped(
      group(
        'g',
        task('a', 'files: [{path: /a, contents: x}, {path: /a, contents: y}]'),
        task('b', 'environment: {A: [1]}'),
      ),
    ),
    [
      '7:64: workflow.groups[0].tasks[1].environment.A: must be a single value: a text, a number or a boolean',
      '6:5: workflow.groups[0].tasks: exactly one task must have lead: true in a group of more than one task',
      '6:80: workflow.groups[0].tasks[0].files[1]: "/a": path must be unique in the list; item 0 has the same',
    ],
  ],
  [
    'a group without tasks',
    grouped('  - {name: g, tasks: []}\n', group('h', task('a', 'inputs: [{task: a}], exitActions: {FAIL: 9-2}'))),
    [
      '4:22: workflow.groups[0].tasks: must have at least one item',
      '7:56: workflow.groups[1].tasks[0].inputs[0]: names the task itself',
      '7:88: workflow.groups[1].tasks[0].exitActions.FAIL: "9-2": the range 9-2 ends before it begins; write 2-9',
    ],
  ],
  [
    'a group whose tasks can not be read',
    grouped('  - {name: g, tasks: 3}\n', group('h', task('a', 'inputs: [{task: train}, {dataset: {name: "a//b"}}]'))),
    [
      '4:22: workflow.groups[0].tasks: 3: must be a list',
      "7:71: workflow.groups[1].tasks[0].inputs[1].dataset.name: \"a//b\": must be '[bucket/]name[:version or tag]' of letters, digits, '-' and '_'",
    ],
  ],
  [
    "a group of a task's name, and tasks of one name",
    grouped(
      group('a', task('a'), task('A', 'lead: true')),
      group('h', task('b', 'image: UPPER/x').replace('image: busybox, ', '')),
    ),
    [
      "7:14: workflow.groups[0].tasks[1].name: \"A\": must be unique among tasks and groups: 'a' and 'A' are the same, since case and '-' or '_' make no difference",
      '4:11: workflow.groups[0].name: "a": must be unique among tasks and groups',
    ],
  ],
  [
    'names that are none, of those that others need',
    flat(
      task('1a'),
      task('b-', 'inputs: [{task: 1a}]'),
      task('c', 'inputs: [{task: 1a}, {task: b-}, {task: d}], volumeMounts: ["/a:/b:/c"]'),
    ),
    [
      "6:105: workflow.tasks[2].volumeMounts[0]: \"/a:/b:/c\": must be '/folder' or '/folder/on/the/node:/folder/in/the/task'",
      "6:78: workflow.tasks[2].inputs[2]: names the task 'd', which is not in this workflow; there are '1a', 'b-', 'c'",
      "4:12: workflow.tasks[0].name: \"1a\": must be a name of letters, digits, '-' and '_' that starts with a letter and ends with a letter or digit",
      "5:12: workflow.tasks[1].name: \"b-\": must be a name of letters, digits, '-' and '_' that starts with a letter and ends with a letter or digit",
    ],
  ],
  [
    'a task that is no mapping',
    flat('  - just a text\n', task('b', 'inputs: [{task: just}], outputs: [{url: "http://x"}]')),
    [
      '4:5: workflow.tasks[0]: "just a text": must be a mapping of keys to values',
      "5:85: workflow.tasks[1].outputs[0].url: \"http://x\": must be an object storage URL: 's3://', 'gs://', 'azure://', 'tos://' or 'swift://' and a path without blanks, ',', ';', '*'",
    ],
  ],
  [
    'data that is none',
    flat(
      task(
        'a',
        'inputs: [{url: "s3://B"}, {url: "s3://bucket", regex: "("}, {dataset: {nam: x}}], outputs: [{dataset: {name: "d:7"}}, {url: 3}], checkpoint: [{path: /c, url: "s3://bucket", frequency: 10h5m, regex: "["}]',
      ),
    ),
    [
      '4:99: workflow.tasks[0].inputs[1].regex: "(": must be a regular expression of Python',
      "4:116: workflow.tasks[0].inputs[2].dataset.nam: is no known key; did you mean 'name'?",
      "4:229: workflow.tasks[0].checkpoint[0].frequency: \"10h5m\": must be a duration longer than 0 such as '30m', '2h', '7d', 'PT1H30M', or a number of seconds",
      '4:243: workflow.tasks[0].checkpoint[0].regex: "[": must be a regular expression of Python',
      "4:169: workflow.tasks[0].outputs[1].url: \"3\": must be an object storage URL: 's3://', 'gs://', 'azure://', 'tos://' or 'swift://' and a path without blanks, ',', ';', '*'",
      '4:60: workflow.tasks[0].inputs[0].url: "s3://B": bucket "B": a bucket has 3 to 63 lower-case letters, digits, "." and "-"',
      '4:137: workflow.tasks[0].outputs[0].dataset.name: "d:7": a new version gets the next number by itself; leave the number out, or name a tag',
    ],
  ],
  [
    "files and mounts in each other's way, one broken",
    flat(
      task(
        'a',
        'files: [{path: /x, contents: "?", base64: true}, {path: /osmo/x, contents: a}, {path: /y, localpath: z}, {path: /y/z, contents: b}], credentials: {Tok: /y, two: 3}',
      ),
    ),
    [
      '4:74: workflow.tasks[0].files[0].contents: "?": must be base64, since base64 is true',
      '4:146: workflow.tasks[0].files[2].localpath: "z": is a file on the user\'s machine: submit with the osmo command, which reads it',
      "4:101: workflow.tasks[0].files[1].path: \"/osmo/x\": must be an absolute path of a file, not below '/osmo' but for '/osmo/data/output/'",
      "4:206: workflow.tasks[0].credentials.two: \"3\": must be an absolute path such as '/data', without ':'",
      '4:131: workflow.tasks[0].files[2].path: "/y": spec.tasks[0].credentials[0].mountPath is at /y too; each place can be taken once',
      '4:157: workflow.tasks[0].files[3].path: "/y/z": spec.tasks[0].credentials[0].mountPath is a credential, which nothing can be added to; place it outside of /y',
    ],
  ],
  [
    'other sections, another version, and a loop',
    'version: 3\nother: 1\nworkflow:\n  name: -w\n  tasks:\n  {% for i in range(3) %}\n  - name: t{{ i }}\n    image: busybox\n    command: x\n    inputs: [{task: t9}]\n  {% endfor %}\nworkflow:\n  name: v\n',
    [
      '2:1: other: is no known top-level key; allowed are version, workflow, default-values',
      '12:1: workflow: must be there only once',
      '1:1: version: must be 2',
      "4:9: workflow.name: \"-w\": must be at most 64 letters, digits, '-' and '_', starting with a letter and ending with a letter or digit",
      '9:14: workflow.tasks[0].command: "x": must be a list (3 times, from this place of the recipe)',
      "10:14: workflow.tasks[0].inputs[0]: names the task 't9', which is not in this workflow; there are 't0', 't1', 't2' (3 times, from this place of the recipe)",
    ],
  ],
  [
    'a template section by another name is all that is said',
    'default_values:\n  n: 2\nworkflow:\n  name: w\n  tasks: {{ n }}\n',
    ["1:1: default_values: is no known top-level key; did you mean 'default-values'?"],
  ],
  [
    'a misspelt workflow',
    'worklfow:\n  name: w\nversion: 2\n',
    ["1:1: worklfow: is no known top-level key; did you mean 'workflow'?"],
  ],
  [
    'tasks and groups',
    flat(task('a', 'inputs: [{task: ghost}]')) + '  groups:\n' + group('g', task('b', 'lead: 3')),
    [
      '8:53: workflow.groups[0].tasks[0].lead: 3: must be true or false',
      "2:3: workflow: must have one of the keys 'tasks' and 'groups', not both",
      "4:54: workflow.tasks[0].inputs[0]: names the task 'ghost', which is not in this workflow; there are 'a', 'b'",
    ],
  ],
  [
    'nothing at all',
    'workflow:\n',
    ['1:10: workflow.name: must be set', "1:10: workflow: null: must have one of the keys 'tasks' and 'groups'"],
  ],
  ['a workflow that is a list', 'workflow: [1]\n', ['1:11: workflow: must be a mapping of keys to values']],
  [
    'labels, time-outs and pool',
    'workflow:\n  name: w\n  pool: [p]\n  labels: {a: 1, "b c": d, ok: ""}\n  timeout: {exec_timeout: 10h5m, queue: 1h}\n  tasks:\n' +
      task('a', 'inputs: [{task: w}]'),
    [
      '3:9: workflow.pool: must be a text',
      '4:15: workflow.labels.a: 1: must be a text: put it in quotes',
      '5:34: workflow.timeout.queue: is no known key; allowed are exec_timeout, queue_timeout',
      "5:27: workflow.timeout.exec_timeout: \"10h5m\": must be a duration longer than 0 such as '30m', '2h', '7d', 'PT1H30M', or a number of seconds",
      "7:54: workflow.tasks[0].inputs[0]: names the task 'w', which is not in this workflow; there are 'a'",
      '4:32: workflow.labels.ok: "": must have at least 1 character',
      "4:11: workflow.labels: keys must be label keys: an optional DNS prefix and '/', then at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
  ],
])('%s', (_, text, expected) => {
  const result = readRecipe({ text });
  expect('problems' in result ? result.problems.map(describeRecipeProblem) : 'read').toEqual(expected);
});
