import { describe, expect, test } from '@jest/globals';
import { adjusted } from './adjust.ts';
import { baseName, nextNumber, withoutNumber } from './name.ts';

test.each([
  ['Train_Arms', 'train-arms'],
  ['hello', 'hello'],
  ['--x--', 'x'],
  ['ÄÖ', 'workflow'],
  ['a'.repeat(80), 'a'.repeat(56)],
])('%j becomes %j', (name, want) => expect(baseName(name)).toBe(want));

test('numbers go on from the highest', () => {
  expect(nextNumber('a', [])).toBe(1);
  expect(nextNumber('a', ['a-1', 'a-7', 'a-x', 'a-b-9', 'ab-99', 'a-08', 'a-9999999'])).toBe(8);
});

test('a name without its number is what it was submitted as', () => {
  expect(['a-12', 'a', 'a-b-3', 'a-x'].map(withoutNumber)).toEqual(['a', 'a', 'a-b', 'a-x']);
});

describe('what the request says wins over the recipe', () => {
  const task = {
    name: 't',
    image: 'i',
    command: ['c'],
    env: [
      { name: 'A', value: 'recipe' },
      { name: 'B', value: 'b' },
    ],
  };
  const wanted = { pool: 'p', priority: 'LOW', labels: ['team=x'], variables: ['A=1=2', 'C='] };
  const env = [
    { name: 'B', value: 'b' },
    { name: 'A', value: '1=2' },
    { name: 'C', value: '' },
  ];

  test('in tasks and in groups', () => {
    const spec = { tasks: [task], labels: { team: 'y', site: 'z' } };
    expect(adjusted(spec, wanted)).toEqual({
      pool: 'p',
      priority: 'Low',
      labels: { team: 'x', site: 'z' },
      tasks: [{ ...task, env }],
    });
    expect(adjusted({ groups: [{ name: 'g', tasks: [task] }] }, wanted).groups).toEqual([
      { name: 'g', tasks: [{ ...task, env }] },
    ]);
  });
  test('what it doesn’t say stays', () => {
    expect(adjusted({ tasks: [task], priority: 'High' }, { pool: 'p', labels: [], variables: [] })).toEqual({
      pool: 'p',
      priority: 'High',
      tasks: [task],
    });
  });
  test.each([[['x']], [['=x']]])('%j is no KEY=VALUE', (variables) =>
    expect(() => adjusted({ tasks: [task] }, { pool: 'p', labels: [], variables })).toThrow('must be KEY=VALUE'),
  );
});
