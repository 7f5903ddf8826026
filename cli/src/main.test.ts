import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs the program as a process; it reaches nothing. */
async function run(
  argv: string[],
  out: number | 'pipe',
  hangUp = false,
): Promise<{ code: number | null; err: string }> {
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ['ignore', out, 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nowhere', NODE_NO_WARNINGS: '1' },
  });
  if (hangUp) child.stdout?.destroy();
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const code = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { code, err };
}

describe('a process', () => {
  test('whose output nobody reads any more ends quietly', async () => {
    expect(await run(['completion', 'bash'], 'pipe', true)).toEqual({ code: 0, err: '' });
  });

  (existsSync('/dev/full') ? test : test.skip)(
    'whose output finds no room says so, and does not end well',
    async () => {
      const full = openSync('/dev/full', 'w');
      try {
        const { code, err } = await run(['completion', 'bash'], full);
        expect([code, err]).toEqual([
          2,
          expect.stringMatching(/^Error message: standard output can't be written: ENOSPC/),
        ]);
      } finally {
        closeSync(full);
      }
    },
  );

  test('that is called wrongly ends with 2', async () => {
    expect(await run(['workflow', 'nope'], 'pipe')).toMatchObject({ code: 2, err: expect.stringContaining("'nope'") });
  });
});
