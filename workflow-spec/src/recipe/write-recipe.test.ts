import { describe, expect, test } from '@jest/globals';
import { readRecipe, type RecipeResult } from './read-recipe.ts';
import { writeRecipe } from './write-recipe.ts';
import { localPathsOf, withLocalFiles } from './local-files.ts';
import { wholeRecipe } from '../testing/recipes.ts';

function read(text: string): Exclude<RecipeResult, { problems: unknown }> {
  const result = readRecipe({ text });
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result;
}

describe('a Workflow back to its recipe', () => {
  test('reads as the same Workflow', () => {
    const { workflow, name } = read(wholeRecipe);
    const again = read(writeRecipe(workflow, name));
    const { source: _, ...spec } = workflow.spec;
    const { source: _source, ...specAgain } = again.workflow.spec;
    expect(specAgain).toEqual(spec);
    expect(again.name).toBe('Train_It');
  });

  test('has special tokens as they are and hides other braces from the template engine', () => {
    const contents = '{{output}} {{ output }} {% x %} {# y #} {{host:t}} ${#list[@]}';
    const text = writeRecipe({
      metadata: { name: 'w' },
      spec: {
        tasks: [{ name: 't', image: 'i', command: ['c'], args: [contents, 'a\nb\n', '  x', 'true', '1', 'é', ''] }],
      },
    });
    expect(text).toContain("{{output}} {{'{{'}} output }}");
    expect(read(text).workflow.spec.tasks?.[0]?.args).toEqual([contents, 'a\nb\n', '  x', 'true', '1', 'é', '']);
  });

  test('rounds parts of CPUs up, and writes amounts in units of 1000 as bytes', () => {
    const text = writeRecipe({
      metadata: { name: 'w' },
      spec: {
        resources: [{ name: 'default', cpu: '500m', memory: '1.5G' }],
        tasks: [{ name: 't', image: 'i', command: ['c'] }],
      },
    });
    expect(read(text).workflow.spec.resources).toEqual([{ name: 'default', cpu: 1, memory: '1500000000' }]);
  });

  test('says in comments what a recipe has no words for, and reads on', () => {
    const task = { name: 't', image: 'i', command: ['c'] };
    const text = writeRecipe({
      metadata: { name: 'w' },
      spec: {
        priority: 'Low',
        maxParallel: 4,
        groups: [
          { name: 'f', count: 5, tasks: [{ ...task, retryPolicy: { maxRetries: 2 } }] },
          {
            name: 'g',
            matrix: [{ name: 'axis', values: ['{{ x }}\u2028workflow:', '{% y %}', '\u00e9'.repeat(600)] }],
            tasks: [{ ...task, name: 'u', lead: true }],
          },
        ],
      },
    });
    const comments = text.slice(text.indexOf('\n# ') + 1);
    expect(comments.split('\n').slice(0, 5)).toEqual([
      '# The Workflow says more, for which a recipe has no words:',
      '# priority: Low, said at submission: --priority LOW',
      '# maxParallel: 4',
      '# groups[0].count: 5',
      '# groups[0].tasks[0].retryPolicy: {"maxRetries":2}',
    ]);
    expect(comments).toMatch(
      /# groups\[1\]\.matrix: \[\{"name":"axis","values":\["\{\{'\{\{'\}\} x \}\}\\u2028workflow:/,
    );
    expect(comments.length).toBeLessThan(1000);
    const again = read(text);
    expect(again.warnings).toEqual([]);
    expect(again.workflow.spec).toMatchObject({ groups: [{ name: 'f' }, { name: 'g', tasks: [{ name: 'u' }] }] });
    const inputs = [
      { url: { url: 's3://bucket/raw', credential: 'keys' } },
      { task: { name: 't', instances: 'Same' as const } },
    ];
    const data = writeRecipe({ metadata: { name: 'w' }, spec: { tasks: [task, { ...task, name: 'd', inputs }] } });
    expect(data.split('\n').filter((line) => line.startsWith('# tasks'))).toEqual([
      '# tasks[1].inputs[0].url.credential: "keys"',
      '# tasks[1].inputs[1].task.instances: "Same"',
    ]);
    const plain = writeRecipe({ metadata: { name: 'w' }, spec: { priority: 'Normal', suspend: false, tasks: [task] } });
    expect(plain).not.toContain('#');
  });
});

describe('local files of a rendered recipe', () => {
  const document =
    'workflow:\n  name: w\n  tasks:\n  - name: t\n    image: i\n    command: [c]\n    files:\n    - {path: /a, localpath: a.sh}\n    - {path: /b, contents: x}\n    - {path: /c, localpath: a.sh}\n';

  test('are found, and put in as they are, whatever they hold', () => {
    expect(localPathsOf(document)).toEqual(['a.sh']);
    const script = '#!/bin/bash\necho ${#a[@]} "{{ not }} {%" {{host:t}}\n';
    const filled = withLocalFiles(document, () => script);
    expect(read(filled).workflow.spec.tasks?.[0]?.files).toEqual([
      { path: '/a', contents: script },
      { path: '/b', contents: 'x' },
      { path: '/c', contents: script },
    ]);
  });
});
