import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { testHost, type TestHost } from '../../testing/test-host.ts';

/** A machine with a folder of files, and another one that stands for an object store. */
function machine(): TestHost & { url: string } {
  const made = testHost(({ line }) => {
    throw new Error(`nothing asks the gateway for ${line}`);
  });
  mkdirSync(join(made.folder, 'run/camera'), { recursive: true });
  writeFileSync(join(made.folder, 'run/log.txt'), 'hello');
  writeFileSync(join(made.folder, 'run/camera/1.png'), Buffer.alloc(2000, 1));
  writeFileSync(join(made.folder, 'run/camera/2.png'), Buffer.alloc(3000, 2));
  return Object.assign(made, { url: `file://${made.folder}/store` });
}
/** Names in the store, without the place where it keeps what is on its way. */
const stored = (made: TestHost, folder: string): string[] =>
  readdirSync(join(made.folder, 'store', folder))
    .filter((name) => !name.startsWith('.'))
    .toSorted();
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

test('a folder goes up with its name, its contents without', async () => {
  using made = machine();
  expect([await made.run('data', 'upload', `${made.url}/a`, 'run'), made.err()]).toEqual([0, '']);
  expect(made.out()).toMatch(/^Uploaded 3 files, 4\.9 KiB, in 0s/);
  expect(readFileSync(join(made.folder, 'store/a/run/log.txt'), 'utf8')).toBe('hello');
  expect(
    await made.run('data', 'upload', `${made.url}/b`, 'run/*', 'run/log.txt', '-x', 'camera/.*', '-o', 'json'),
  ).toBe(0);
  expect(stored(made, 'b')).toEqual(['camera', 'log.txt']);
});

test('what is there already is left out of a resumed upload', async () => {
  using made = machine();
  await made.run('data', 'upload', made.url, 'run');
  writeFileSync(join(made.folder, 'run/more.txt'), 'more');
  expect(await made.run('data', 'upload', made.url, 'run', '--resume', '-o', 'json')).toBe(0);
  expect(JSON.parse(made.out().slice(made.out().indexOf('{')))).toMatchObject({ files: 1, skipped: 3, bytes: 4 });
});

test('a download brings it back, some of it too', async () => {
  using made = machine();
  await made.run('data', 'upload', made.url, 'run');
  expect(await made.run('data', 'download', `${made.url}/run`, 'back')).toBe(0);
  expect(readFileSync(join(made.folder, 'back/camera/2.png'))).toEqual(Buffer.alloc(3000, 2));
  expect(await made.run('data', 'download', `${made.url}/run`, 'some', '-x', '.*1\\.png$', '-b', 'bench')).toBe(0);
  expect(readdirSync(join(made.folder, 'some'))).toEqual(['camera']);
  expect(await made.run('data', 'download', `${made.url}/run/log.txt`, 'one')).toBe(0);
  expect(readFileSync(join(made.folder, 'one/log.txt'), 'utf8')).toBe('hello');
});

test('a limit on the rate is taken with its unit, or refused', async () => {
  using made = machine();
  expect(await made.run('data', 'upload', made.url, 'run', '--rate-limit', '1.5Gi', '--request-limit', '1000')).toBe(0);
  expect(await made.run('data', 'download', `${made.url}/run`, 'back', '--rate-limit', '500M')).toBe(0);
  expect(readFileSync(join(made.folder, 'back/camera/2.png'))).toEqual(Buffer.alloc(3000, 2));
  for (const rate of ['0', '5X', '-1M', 'M', '']) {
    expect(await made.run('data', 'upload', made.url, 'run', '--rate-limit', rate)).toBe(2);
    expect(made.err()).toContain(`--rate-limit ${rate}: must be a number of bytes above 0, such as 500k, 20M or 20Mi`);
  }
});

describe('a list', () => {
  test('of one folder, and of all below it', async () => {
    using made = machine();
    await made.run('data', 'upload', made.url, 'run');
    const from = made.out().length;
    expect(await made.run('data', 'list', `${made.url}/run`)).toBe(0);
    expect(lines(made.out().slice(from))).toHaveLength(2);
    expect(made.err()).toBe('Total 1 objects found\n');
    const all = made.out().length;
    expect(await made.run('data', 'list', `${made.url}/run`, '-r', '-p', 'camera')).toBe(0);
    expect(lines(made.out().slice(all)).map((key) => key.split('/').at(-1))).toEqual(['1.png', '2.png']);
  });
  test('into a new file, never over another', async () => {
    using made = machine();
    await made.run('data', 'upload', made.url, 'run');
    const file = join(made.folder, 'keys');
    expect(await made.run('data', 'list', `${made.url}/run`, file, '-r')).toBe(0);
    expect(lines(readFileSync(file, 'utf8'))).toHaveLength(3);
    expect(await made.run('data', 'list', `${made.url}/run`, file, '-r')).toBe(2);
    expect(made.err()).toContain('is there already');
  });
  test('as JSON', async () => {
    using made = machine();
    await made.run('data', 'upload', made.url, 'run');
    const from = made.out().length;
    await made.run('data', 'list', `${made.url}/run`, '-o', 'json', '-x', 'log');
    expect(JSON.parse(made.out().slice(from))).toMatchObject({ objects: [{ size: 5 }] });
  });
});

test('what matches is deleted, or everything', async () => {
  using made = machine();
  await made.run('data', 'upload', made.url, 'run');
  expect(await made.run('data', 'delete', `${made.url}/run`, '-x', 'camera/1')).toBe(0);
  expect(made.out()).toContain('Deleted 1 object\n');
  expect(existsSync(join(made.folder, 'store/run/camera/1.png'))).toBe(false);
  expect(await made.run('data', 'delete', `${made.url}/run`)).toBe(0);
  expect(made.out()).toContain('Deleted 2 objects\n');
});

test('a check says pass or fail, and is no failure itself', async () => {
  using made = machine();
  mkdirSync(join(made.folder, 'store'));
  for (const type of ['READ', 'WRITE', 'DELETE']) {
    const from = made.out().length;
    expect(await made.run('data', 'check', made.url, '-a', type)).toBe(0);
    expect(made.out().slice(from)).toBe('{"status":"pass"}\n');
  }
  expect(stored(made, '.')).toEqual([]);
  writeFileSync(join(made.folder, 'nothing'), '');
  expect(await made.run('data', 'check', `${made.url}/../nothing/below`, '-a', 'WRITE')).toBe(0);
  expect(made.out()).toContain('"status":"fail"');
});

test.each([
  [['upload', 'http://robots', 'run'], 'http:'],
  [['upload', 's3://robots/a', 'none'], '"none": there is no such file or folder'],
  [['upload', 's3://robots/a', 'run', '-x', '('], '--regex: regular expression'],
  [['download', 'azure:robots', 'x'], 'store URL'],
])('osmo data %j is refused: %s', async (words, message) => {
  using made = machine();
  expect(await made.run('data', ...words)).toBe(2);
  expect(made.err()).toContain(message);
});
