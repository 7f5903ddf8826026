import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileStore } from '../file/file-store.ts';
import { collect } from '../testing/collect.ts';
import { diff } from './diff.ts';
import { loadBlake3 } from './hash.ts';
import { openRepository } from './open-repository.ts';
import type { Repository, TreeEntry } from './types.ts';

let root: string;
let store: FileStore;
let repository: Repository;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-repository-'));
  store = new FileStore(join(root, 'store'));
  repository = await openRepository(store, { create: true });
});
afterEach(async () => {
  await repository.close();
  await rm(root, { recursive: true });
});

async function* tree(files: Record<string, string>): AsyncGenerator<TreeEntry> {
  for (const [path, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    yield {
      path,
      size: bytes.byteLength,
      async *open() {
        yield bytes;
      },
    };
  }
}
const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await collect(body)).toString();

describe('a repository', () => {
  test('keeps a folder with links and empty folders as it is', async () => {
    const folder = join(root, 'in');
    await mkdir(join(folder, 'sub/empty'), { recursive: true });
    await writeFile(join(folder, 'sub/run.sh'), 'echo', { mode: 0o755 });
    await symlink('../sub/run.sh', join(folder, 'sub/link'));
    await symlink('/etc/passwd', join(folder, 'outside'));
    const skipped: string[] = [];
    const onSkip = (path: string, why: string): void => void skipped.push(`${path} ${why}`);
    const { manifest, files, bytes } = await repository.commit({ folder, onSkip });
    expect({ files, bytes, skipped }).toEqual({
      files: 2,
      bytes: 4,
      skipped: ['outside is a link that leads out of the folder'],
    });
    const version = await repository.open(manifest);
    expect((await collect(version.list())).map(({ path, kind, mode }) => [path, kind, mode.toString(8)])).toEqual([
      ['sub/empty', 'folder', expect.any(String)],
      ['sub/link', 'link', '777'],
      ['sub/run.sh', 'file', '755'],
    ]);
    expect(await version.restore(join(root, 'out'))).toEqual({ files: 2, bytes: 4, skipped: 0 });
    expect((await readdir(join(root, 'out'), { recursive: true })).toSorted()).toEqual([
      'sub',
      'sub/empty',
      'sub/link',
      'sub/run.sh',
    ]);
    expect(await version.restore(join(root, 'out'), { resume: true })).toEqual({ files: 0, bytes: 0, skipped: 3 });
  });

  test('refuses what needs more memory than its reader has, and reads the rest', async () => {
    const { manifest } = await repository.commit(tree({ small: 'x', zeros: '0'.repeat(100_000) }));
    const limits = { manifestBytes: 1 << 20, itemBytes: 50_000, requestsAtOnce: 1 };
    const bounded = await openRepository(store, { limits });
    const version = await bounded.open(manifest);
    expect(await textOf(version.read('small'))).toBe('x');
    await expect(textOf(version.read('zeros'))).rejects.toThrow('has 100000 bytes; more than 50000 are not read here');
    const tight = await openRepository(store, { limits: { ...limits, manifestBytes: 10 } });
    await expect(tight.open(manifest)).rejects.toMatchObject({ reason: 'TooLarge' });
    await Promise.all([bounded.close(), tight.close()]);
  });

  test('puts a tree over a base, below a folder and without what is to go', async () => {
    const first = await repository.commit(tree({ a: '1', 'b/c': '2', 'b.x': '3', 'd/e': '4' }));
    const second = await repository.commit(tree({ c: '5', e: '6' }), {
      base: first.manifest,
      at: 'b',
      remove: (path) => path.startsWith('d/'),
    });
    const version = await repository.open(second.manifest);
    expect((await collect(version.list())).map(({ path }) => path)).toEqual(['a', 'b/c', 'b/e', 'b.x']);
    expect(await textOf(version.read('b/c'))).toBe('5');
    expect(
      (await collect(diff(await repository.open(first.manifest), version))).map(({ path, change }) => [path, change]),
    ).toEqual([
      ['b/c', 'changed'],
      ['b/e', 'added'],
      ['d/e', 'removed'],
    ]);
  });

  test('gives the same contents the same name, whoever commits them and in whatever order, and stores them once', async () => {
    const first = await repository.commit(tree({ a: 'x'.repeat(100_000), b: 'y' }));
    const other = await openRepository(store, { blake3: await loadBlake3({ portable: true }) });
    const second = await other.commit(tree({ b: 'y', a: 'x'.repeat(100_000) }));
    expect(second.manifest).toBe(first.manifest);
    expect(await collect(repository.versions())).toHaveLength(1);
    expect(await collect(store.list('packs/')).then((pages) => pages.flatMap(({ objects }) => objects))).toHaveLength(
      1,
    );
    await other.close();
  });

  test.each([
    [{ 'a/../b': '' }, 'segment ".." can\'t be used'],
    [{ '/a': '' }, 'segment "" can\'t be used'],
    [{ a: '', 'a/b': '' }, 'is below "a", which is a file'],
  ])('refuses %j', async (files, message) => {
    await expect(repository.commit(tree(files))).rejects.toMatchObject({ name: 'RepositoryError', reason: 'Refused' });
    await expect(repository.commit(tree(files))).rejects.toThrow(message);
    expect(await collect(repository.versions())).toEqual([]);
  });

  test('is not what any folder is, and makes none unless it is told to', async () => {
    await expect(openRepository(new FileStore(join(root, 'other')))).rejects.toMatchObject({ reason: 'Format' });
    const text = await readFile(join(root, 'store/format.json'), 'utf8');
    await writeFile(join(root, 'store/format.json'), text.replace('"encryption":null', '"encryption":"age"'));
    await expect(openRepository(store)).rejects.toThrow('encryption is "age", this program knows null');
  });

  test('lets go what no version needs', async () => {
    const first = await repository.commit(tree({ a: 'only here' }));
    const second = await repository.commit(tree({ b: 'stays' }));
    await repository.delete(first.manifest);
    await expect(repository.open(first.manifest)).rejects.toMatchObject({ reason: 'NotFound' });
    expect(await repository.collectGarbage()).toMatchObject({ deletedObjects: 0 });
    // The pack, and the mark of the run before.
    expect(await repository.collectGarbage({ graceSeconds: 0 })).toMatchObject({ deletedObjects: 2 });
    expect(await textOf((await repository.open(second.manifest)).read('b'))).toBe('stays');
    expect(await collect(repository.verify({ data: true }))).toEqual([]);
  });
});
