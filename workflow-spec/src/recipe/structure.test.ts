import { expect, test } from '@jest/globals';
import { describeRecipeProblem } from '../problem.ts';
import { structureProblems } from './structure.ts';

test.each<[string, string, string[]]>([
  ['a recipe', 'workflow:\n  name: a\n', []],
  ['one that can’t be rendered yet', '\uFEFFversion: 2\r\nworkflow:\r\n  name: "{{ name }}"\r\n', []],
  ['one whose tasks are of another shape', 'workflow:\n  tasks: 7\ndefault-values:\n  a: 1\n', []],
  ['nothing', '', ["workflow: must be set: a recipe has the key 'workflow:' at the start of a line"]],
  [
    'a key that is no section',
    'workflow:\n  name: a\ntasks:\n',
    ['3:1: tasks: is no known top-level key; allowed are version, workflow, default-values'],
  ],
  ['a section twice', 'workflow:\n  name: a\nworkflow:\n', ['3:1: workflow: must be there only once']],
  ['a section in a comment', '{#\nworkflow:\n#}\nworkflow:\n  name: a\n', []],
  ['a comment without end', 'workflow:\n  name: a\n{#\n', []],
])('%s', (_, text, want) => expect(structureProblems(text).map(describeRecipeProblem)).toEqual(want));

test('as many problems as people read are told', () =>
  expect(structureProblems('a:\n'.repeat(1000) + 'workflow:\n')).toHaveLength(50));
