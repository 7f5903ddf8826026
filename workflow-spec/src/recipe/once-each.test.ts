import { expect, test } from '@jest/globals';
import { readRecipe } from './read-recipe.ts';

const problemsOf = (text: string): string[] => {
  const result = readRecipe({ text });
  if (!('problems' in result)) throw new Error('the recipe is right');
  return result.problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
};

test('what a loop makes wrong again and again is told once, with the number', () => {
  const text = `workflow:
  name: loop
  tasks:
  {% for i in range(30) %}
  - name: t{{ i }}
    image: busybox
    comand: [x]
    files: [{path: /a}]
  {% endfor %}
`;
  expect(problemsOf(text)).toEqual([
    "7: workflow.tasks[0].comand: is no known key; did you mean 'command'? (30 times, from this place of the recipe)",
    '8: workflow.tasks[0].files[0].contents: must be set (30 times, from this place of the recipe)',
  ]);
});

test('the same slip in two places is told of both', () => {
  const task = (name: string): string => `  - {name: ${name}, image: busybox, command: [x], cmd: y}\n`;
  const problems = problemsOf(`workflow:\n  name: two\n  tasks:\n${task('a')}${task('b')}`);
  expect(problems.map((each) => each.split(': ').slice(0, 2))).toEqual([
    ['4', 'workflow.tasks[0].cmd'],
    ['5', 'workflow.tasks[1].cmd'],
  ]);
});
