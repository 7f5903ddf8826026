import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { version } from './version.ts';

const start = (...args: string[]) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => (output.out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (output.err += bytes.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, ended };
};
const barrier = (...more: string[]): string[] => [
  ...['barrier', '--group=g', '--epoch=0.0', '--name=a', '--lead-host=localhost'],
  ...more,
];

describe('the program', () => {
  test('says its version', async () =>
    expect(await start('--version').ended).toEqual({ code: 0, out: `${version}\n`, err: '' }));

  test.each([
    [[], '"": must be a command'],
    [['dance'], '"dance": must be a command'],
    [['collect', '--gateway=ftp://x'], '--gateway "ftp://x": must be an http or https URL'],
    [['collect', '--gateway=http://x', '--bucket=../y'], '--bucket "../y": must be the name of a bucket'],
    [
      ['collect', '--gateway=http://x', '--bucket=y', '--grace-seconds=0'],
      '--grace-seconds "0": must be an integer of at least 3600',
    ],
    [barrier('--size=none'), '--size "none": must be an integer from 1 to 1000000'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await start(...args).ended;
    expect([code, err]).toEqual([64, expect.stringContaining(message)]);
    expect(err).toContain('Usage: task-runtime');
  });

  test('passes the barrier of a lead alone', async () => {
    const { code, err } = await start(...barrier('--size=1', '--lead')).ended;
    expect([code, err]).toEqual([0, '']);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends on %s while it waits', async (signal) => {
    const { child, ended } = start(...barrier('--size=2', '--port=1'));
    await once(child.stderr, 'data');
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 143, err: expect.stringContaining('looking for the lead at localhost') });
  });
});
