import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { testHost } from '../../testing/test-host.ts';
import type { Verb } from '../../verb.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { completed } from './model.ts';
import { zshCompletion } from './zsh.ts';

const run = async (): Promise<void> => undefined;
const small: Verb[] = [
  {
    path: ['job', 'list'],
    summary: "List somebody's jobs",
    options: [
      { flags: '-s, --status <status...>', description: 'only in [one] of these', choices: ['DONE', 'GOING'] },
      { flags: '-n, --name <text>', description: 'only so: called' },
      { flags: '-a, --all', description: "everybody's" },
    ],
    examples: [],
    formats: ['json'],
    run,
  },
  {
    path: ['job', 'submit'],
    summary: 'Submit a file',
    arguments: [{ name: 'file', description: 'f' }],
    options: [{ flags: '--from <folder>', description: 'where' }],
    examples: [],
    run,
  },
  {
    path: ['shell'],
    summary: 'Print it',
    arguments: [{ name: 'which', description: 'w', choices: ['bash', 'zsh'] }],
    examples: [],
    run,
  },
];
const model = completed([{ name: 'job', summary: 'what to do' }], small);

/** What bash itself offers at the end of a line, as it cuts it. */
function offered(lines: readonly (readonly string[])[]): string[] {
  const calls = lines.map(
    (words) =>
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _osmo; echo "(\${COMPREPLY[*]})"`,
  );
  return execFileSync('bash', ['--norc'], { input: [bashCompletion(model), ...calls].join('\n'), encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(1, -1));
}

describe('bash', () => {
  const cases: [string[], string][] = [
    [['osmo', ''], 'job shell'],
    [['osmo', 'j'], 'job'],
    [['osmo', 'job', ''], 'list submit'],
    [['osmo', 'job', 'l'], 'list'],
    [['osmo', 'job', 'list', '--s'], '--status'],
    [['osmo', 'job', 'list', '-'], '-s --status -n --name -a --all -o --output -t --format-type --context -h --help'],
    [['osmo', 'job', 'list', '-s', ''], 'DONE GOING'],
    [['osmo', 'job', 'list', '-s', 'DONE', 'G'], 'GOING'],
    [['osmo', 'job', 'list', '--output', '=', ''], 'json'],
    [['osmo', 'job', 'list', '--output', '='], 'json'],
    [['osmo', 'job', 'list', '--output', '=', 'json', ''], ''],
    [['osmo', 'job', 'list', '-n', ''], ''],
    [['osmo', 'job', 'list', '-a', 'D'], ''],
    [['osmo', 'shell', ''], 'bash zsh'],
    [['osmo', 'shell', 'zsh', ''], ''],
    [['osmo', 'nothing', ''], ''],
  ];
  test('offers what can follow', () => {
    expect(offered(cases.map(([words]) => words))).toEqual(cases.map(([, words]) => words));
  });
});

describe('each shell', () => {
  test.each([
    ['zsh', zshCompletion],
    ['fish', fishCompletion],
  ])('%s has commands, options and values, and nothing in them ends a quotation', (_, made) => {
    expect(made(model)).toMatchSnapshot();
  });
  test.each([['bash'], ['zsh'], ['fish']])('%s is printed with every command', async (shell) => {
    using made = testHost(() => ({ json: {} }));
    expect([await made.run('completion', shell), made.err(), made.requests]).toEqual([0, '', []]);
    expect(made.out()).toContain('submit');
    expect(made.out()).toContain('completion');
  });
  test('that there is none for is refused', async () => {
    using made = testHost(() => ({ json: {} }));
    expect([await made.run('completion', 'tcsh'), made.out()]).toEqual([2, '']);
    expect(made.err()).toContain('shell: "tcsh": must be one of bash, zsh, fish');
  });
});
