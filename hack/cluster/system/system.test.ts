import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { freePorts } from './free-port.ts';
import { withLock } from './lock.ts';
import { poll, TimeoutError } from './poll.ts';
import { run, RunError } from './run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'osmo-system-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('a lock', () => {
  test('lets one in at a time', async () => {
    const file = join(scratch, 'one', 'lock');
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withLock(file, async () => {
        most = Math.max(most, ++inside);
        await new Promise((done) => setImmediate(done));
        inside--;
      });
    await Promise.all([enter(), enter(), enter(), enter()]);
    expect(most).toBe(1);
  });

  test('is free again after an error', async () => {
    const file = join(scratch, 'two');
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(file, async () => 'in')).toBe('in');
  });

  test('is free again when its owner is killed, and says that it waits until then', async () => {
    const file = join(scratch, 'three');
    const module = join(import.meta.dirname, 'lock.ts');
    const script = `import { withLock } from ${JSON.stringify(module)}; withLock(${JSON.stringify(file)}, () => new Promise(() => setInterval(() => 0, 1000) && console.log('in')))`;
    const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((done) => owner.stdout.once('data', done));
    let waited = 0;
    const got = withLock(file, async () => 'in', {
      onWait: () => {
        waited++;
        owner.kill('SIGKILL');
      },
    });
    expect(await got).toBe('in');
    expect(waited).toBe(1);
  });

  test('whose file is removed at the end still lets one in at a time, whoever waited on the old file', async () => {
    const file = join(scratch, 'four');
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withLock(
        file,
        async () => {
          most = Math.max(most, ++inside);
          for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done));
          inside--;
        },
        { remove: true },
      );
    await Promise.all(Array.from({ length: 8 }, enter));
    expect(most).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  test('that can not be had is an error', async () => {
    await expect(withLock(scratch, async () => 'in')).rejects.toThrow(`cannot lock ${scratch}`);
  });
});

describe('polling', () => {
  test('goes on through errors until there is an answer', async () => {
    let calls = 0;
    const probe = async (): Promise<string | undefined> => {
      if (++calls === 1) throw new Error('refused');
      return calls === 3 ? 'there' : undefined;
    };
    expect(await poll('it', probe, { timeoutMs: 5000, intervalMs: 1 })).toBe('there');
  });

  test('ends with what was seen last', async () => {
    const probe = (): Promise<never> => Promise.reject(new Error('refused'));
    const waiting = poll('the server', probe, { timeoutMs: 20, intervalMs: 1 });
    await expect(waiting).rejects.toThrow(TimeoutError);
    await expect(waiting).rejects.toThrow('the server: not within 0 s; last: refused');
  });

  test('ends at once when there is no hope', async () => {
    const giveUp = (): void => {
      throw new Error('it died');
    };
    await expect(poll('it', async () => undefined, { timeoutMs: 60_000, giveUp })).rejects.toThrow('it died');
  });
});

describe('running a program', () => {
  test('gives its output', async () => {
    expect(await run('sh', ['-c', 'cat; echo err >&2; exit 3'], { input: 'in', allowFailure: true })).toEqual({
      code: 3,
      stdout: 'in',
      stderr: 'err\n',
    });
  });

  test('tells the lines of its errors as they come', async () => {
    const lines: string[] = [];
    const { stderr } = await run('sh', ['-c', 'printf "a\\nb" >&2; echo out'], {
      onErrorLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['a', 'b']);
    expect(stderr).toBe('a\nb');
  });

  test.each([
    ['ends with a code', 'sh', ['-c', 'echo why >&2; exit 4'], 'sh -c echo why >&2; exit 4: ended with 4: why'],
    ['does not exist', '/nonexistent', [], 'ENOENT'],
  ])('says why when it %s', async (_, command, args, want) => {
    await expect(run(command, args)).rejects.toThrow(want);
    await expect(run(command, args)).rejects.toThrow(RunError);
  });

  test('ends it when it takes too long', async () => {
    expect((await run('sleep', ['60'], { timeoutMs: 50, allowFailure: true })).code).toBe(137);
  });
});

test('free ports differ from one another', async () => {
  expect(new Set(await freePorts(20)).size).toBe(20);
});
