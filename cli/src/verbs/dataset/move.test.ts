import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FakeDatasets } from '../../testing/fake-datasets.ts';
import { testHost, type TestHost } from '../../testing/test-host.ts';
import { rangeOf } from './cat.ts';
import { treeLines } from './inspect.ts';
import { sourceOf } from './update.ts';

interface Machine extends TestHost {
  gateway: FakeDatasets;
  /** Runs a command line, and gives what it wrote to standard output. */
  told(...argv: string[]): Promise<string>;
}

/** A machine with recordings, a gateway, and a bucket in a folder. */
function machine(): Machine {
  let gateway: FakeDatasets | undefined;
  const made = testHost((request) => gateway?.answer(request) ?? { json: null });
  gateway = new FakeDatasets(`file://${made.folder}/bucket`);
  mkdirSync(join(made.folder, 'run/camera'), { recursive: true });
  writeFileSync(join(made.folder, 'run/log.txt'), 'hello');
  writeFileSync(join(made.folder, 'run/camera/1.png'), Buffer.alloc(2000, 1));
  writeFileSync(join(made.folder, 'run/camera/2.png'), Buffer.alloc(3000, 2));
  return Object.assign(made, {
    gateway,
    told: async (...argv: string[]) => {
      const [out, err] = [made.out().length, made.err().length];
      const code = await made.run(...argv);
      if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${made.err().slice(err)}`);
      return made.out().slice(out);
    },
  });
}
const filesOf = (made: TestHost, folder: string): string[] =>
  readdirSync(join(made.folder, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(made.folder, folder).length + 1))
    .toSorted();

test('what is uploaded comes back, with links and permissions', async () => {
  using made = machine();
  writeFileSync(join(made.folder, 'run/start.sh'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync('log.txt', join(made.folder, 'run/link'));
  mkdirSync(join(made.folder, 'run/empty'));
  expect(await made.told('dataset', 'upload', 'moves:good', 'run', '-d', 'First')).toMatch(
    /^Version robots\/moves:1 has \d files, 4\.9 KiB, in 0s.*; .* were new to the bucket\n$/,
  );
  expect(made.gateway.datasets.get('moves')).toMatchObject([{ version: 1, tags: ['good'], description: 'First' }]);
  await made.told('dataset', 'download', 'moves:good', 'back');
  expect(filesOf(made, 'back/moves')).toEqual(['run/camera/1.png', 'run/camera/2.png', 'run/log.txt', 'run/start.sh']);
  expect(readFileSync(join(made.folder, 'back/moves/run/link'), 'utf8')).toBe('hello');
  expect(existsSync(join(made.folder, 'back/moves/run/empty'))).toBe(true);
  rmSync(join(made.folder, 'back/moves/run/log.txt'));
  expect(await made.told('dataset', 'download', 'moves', 'back', '--resume', '-x', '.*\\.(txt|png)')).toContain(
    '1 file, 5 B, in 0s; 2 were there already',
  );
});

test('a name that leads out of the folder is not followed', async () => {
  using made = machine();
  await made.told('dataset', 'upload', 'moves', 'run');
  made.gateway.names.set('moves', '../out');
  expect(await made.run('dataset', 'download', 'moves', 'back/here')).toBe(2);
  expect(made.err()).toContain('"../out": is no name of a dataset');
  expect(existsSync(join(made.folder, 'back/out'))).toBe(false);
});

test('what is stored already is not stored again', async () => {
  using made = machine();
  await made.told('dataset', 'upload', 'moves', './run/*');
  const [first] = made.gateway.datasets.get('moves') ?? [];
  await made.told('dataset', 'upload', 'robots/others', './run/*', '-b', 'bench');
  const [second] = made.gateway.datasets.get('others') ?? [];
  expect(second?.manifest).toBe(first?.manifest);
  expect(second?.stored_size).toBeLessThan(first?.stored_size ?? 0);
});

test('an update keeps what it does not name', async () => {
  using made = machine();
  await made.told('dataset', 'upload', 'moves', './run/*');
  writeFileSync(join(made.folder, 'more.csv'), 'a,b');
  await made.told('dataset', 'update', 'moves', '-a', 'more.csv:tables', '-r', 'camera/1');
  expect(made.gateway.datasets.get('moves')?.[1]).toMatchObject({ version: 2, base_version: 1, files: 3 });
  await made.told('dataset', 'update', 'moves:1', '-r', '.*');
  await made.told('dataset', 'download', 'moves:2', 'back');
  expect(filesOf(made, 'back/moves')).toEqual(['camera/2.png', 'log.txt', 'tables/more.csv']);
  expect(await made.told('dataset', 'diff', 'moves:1', ':2')).toBe(
    '- camera/1.png  (2.0 KiB)\n+ tables/more.csv  (3 B)\n',
  );
  expect(made.err()).toContain('From moves:1 to moves:2: 1 added, 1 removed, 0 changed');
  expect(await made.run('dataset', 'diff', 'moves:1', ':3', '--exit-code')).toBe(4);
  expect(await made.run('dataset', 'diff', 'moves:1', 'moves:1', '--exit-code')).toBe(0);
});

test('files, folders and URLs go into one version', async () => {
  using made = machine();
  await made.told('data', 'upload', `file://${made.folder}/store/far`, './run/*');
  writeFileSync(join(made.folder, 'one.txt'), 'one');
  await made.told(
    'dataset',
    'upload',
    'mixed',
    'one.txt',
    'run',
    `file://${made.folder}/store/far/camera`,
    '-x',
    '.*png',
  );
  const lines = (await made.told('dataset', 'inspect', 'mixed')).trim().split('\n');
  expect(
    lines.map((line) => line.trim().split(/ {2,}/).at(-1)).filter((path) => path?.includes('run') === true),
  ).toEqual(['run/camera/1.png', 'run/camera/2.png']);
  expect(lines.some((line) => line.endsWith('one.txt'))).toBe(true);
  expect(lines).toHaveLength(5);
});

test('files are listed and read without being downloaded', async () => {
  using made = machine();
  await made.told('dataset', 'upload', 'moves', './run/*');
  expect(await made.told('dataset', 'inspect', 'moves')).toBe(
    '   2.0 KiB  camera/1.png\n   2.9 KiB  camera/2.png\n       5 B  log.txt\n',
  );
  expect(await made.told('dataset', 'inspect', 'moves', '-t', 'tree', '-c', '2')).toBe(
    'camera/\n  1.png  2.0 KiB\n  2.png  2.9 KiB\n',
  );
  expect(made.err()).toContain('There are more than 2');
  expect(JSON.parse(await made.told('dataset', 'inspect', 'moves', '-t', 'json', '-x', 'log'))).toMatchObject({
    files: [{ path: 'log.txt', size: 5 }],
    more: false,
  });
  expect(await made.told('dataset', 'cat', 'moves', 'log.txt')).toBe('hello');
  expect(await made.told('dataset', 'cat', 'moves:1', 'log.txt', '--range', '1-3')).toBe('ell');
  expect(await made.run('dataset', 'cat', 'moves', 'none')).toBe(2);
  expect(made.err()).toContain('has no file "none"');
});

test('a file is read through the gateway where that is asked for', async () => {
  using host = testHost(({ headers }) => {
    if (headers['range'] === 'bytes=9-') return { response: new Response('{}', { status: 416 }) };
    return { response: new Response(headers['range'] === undefined ? 'hello' : 'ell') };
  });
  expect(await host.run('dataset', 'cat', 'robots/moves:1', 'a b/log.txt', '--through-gateway')).toBe(0);
  expect(host.requests[0]?.line).toBe('GET /api/bucket/robots/dataset/moves/file-content?path=a b/log.txt&version=1');
  expect(await host.run('dataset', 'cat', 'robots/moves', 'log.txt', '--range', '1-3', '--through-gateway')).toBe(0);
  expect(host.requests[1]?.headers).toMatchObject({ range: 'bytes=1-3' });
  // Nothing is behind the end, as when it is read from the store.
  expect(await host.run('dataset', 'cat', 'robots/moves', 'log.txt', '--range', '9-', '--through-gateway')).toBe(0);
  expect(host.out()).toBe('helloell');
  expect(await host.run('dataset', 'cat', 'robots/moves', 'log.txt', '--range', '3-1', '--through-gateway')).toBe(2);
  expect(host.requests).toHaveLength(3);
});

test('a checksum is that of the version', async () => {
  using made = machine();
  const sum = (await made.told('dataset', 'checksum', './run/*')).trim();
  await made.told('dataset', 'upload', 'moves', './run/*');
  expect(made.gateway.datasets.get('moves')?.[0]?.manifest).toBe(sum);
  writeFileSync(join(made.folder, 'run/log.txt'), 'Hello');
  expect((await made.told('dataset', 'checksum', './run/*')).trim()).not.toBe(sum);
});

test('damage is found and named; garbage goes, and what is known stays', async () => {
  using made = machine();
  await made.told('dataset', 'upload', 'moves', './run/*');
  await made.told('dataset', 'upload', 'gone', 'run/log.txt');
  expect(await made.told('dataset', 'verify', 'moves', '--data')).toBe('Nothing is wrong.\n');
  made.gateway.datasets.delete('gone');
  // The store's clock, which is the machine's, counts here; the one of the command is set.
  expect(await made.told('dataset', 'gc', '--grace-seconds', '0')).toMatch(/^Deleted \d+ objects/);
  await made.told('dataset', 'download', 'moves', 'back');
  const pack = filesOf(made, 'bucket').find((path) => path.startsWith('packs/')) ?? '';
  const bytes = readFileSync(join(made.folder, 'bucket', pack));
  bytes.writeUInt8(bytes.readUInt8(20) ^ 0xff, 20);
  writeFileSync(join(made.folder, 'bucket', pack), bytes);
  expect(await made.run('dataset', 'verify', '--data')).toBe(4);
  expect(made.out()).toContain(`Damaged ${pack}`);
});

test.each([
  ['run', { text: 'run', into: '' }],
  ['run:there', { text: 'run', into: 'there' }],
  ['run\\:1:there/x', { text: 'run:1', into: 'there/x' }],
  ['a\\:b', { text: 'a:b', into: '' }],
  ['s3://robots/raw', { text: 's3://robots/raw', into: '' }],
  ['s3://robots/raw:there', { text: 's3://robots/raw', into: 'there' }],
])('what is to be added is read of %s', (text, source) => {
  expect(sourceOf(text)).toEqual(source);
});

test('ranges are those of HTTP', () => {
  expect(rangeOf(undefined)(10)).toEqual({ offset: 0, length: 10 });
  expect(rangeOf('2-4')(10)).toEqual({ offset: 2, length: 3 });
  expect(rangeOf('8-')(10)).toEqual({ offset: 8, length: 2 });
  expect(rangeOf('-3')(10)).toEqual({ offset: 7, length: 3 });
  expect(rangeOf('20-30')(10)).toEqual({ offset: 10, length: 0 });
  for (const wrong of ['', '-', '4-2', 'a-b', '1']) expect(() => rangeOf(wrong)).toThrow('--range');
});

test('a tree names each folder once', () => {
  const files = ['a', 'b/c', 'b/d/e', 'f/g'].map((path) => ({ path, kind: 'file' as const, size: 1 }));
  expect(treeLines([...files, { path: 'h', kind: 'folder', size: 0 }])).toEqual([
    'a  1 B',
    'b/',
    '  c  1 B',
    '  d/',
    '    e  1 B',
    'f/',
    '  g  1 B',
    'h/',
  ]);
});
