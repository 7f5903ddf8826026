import { chmod, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readAll } from '../bytes.ts';
import { openStore } from '../open-store.ts';
import { collect } from '../testing/collect.ts';
import { describeObjectStore } from '../testing/contract.ts';
import { FileStore } from './file-store.ts';

let root: string;

describeObjectStore(
  'folder',
  async () => {
    root = await mkdtemp(join(tmpdir(), 'osmo-store-'));
    const url = `file://${root}/not/there/yet`;
    return { store: await openStore(url), other: await openStore(url), any: await openStore(url, { keys: 'any' }) };
  },
  () => rm(root, { recursive: true }),
);

test('leaves no unfinished files, and shows none that others left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'osmo-store-'));
  const store = new FileStore(folder);
  await store.put('a/b', Buffer.from('x'));
  await expect(store.put('a/b', Buffer.from('y'), { ifAbsent: true })).rejects.toThrow('exists already');
  expect(await readdir(join(folder, '.uploads'))).toEqual([]);
  await writeFile(join(folder, '.uploads', 'left'), 'half');
  await symlink('/etc/hostname', join(folder, 'a', 'link'));
  expect((await collect(store.list(''))).flatMap(({ objects }) => objects.map(({ key }) => key))).toEqual(['a/b']);
  await rm(folder, { recursive: true });
});

test('says which folder it may not write', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'osmo-store-'));
  await writeFile(join(folder, 'file'), '');
  const store = new FileStore(join(folder, 'file'));
  await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ reason: 'Misconfigured' });
  await expect(store.put('a', Buffer.from('x'))).rejects.toThrow(`file://${folder}/file/a: `);
  expect(await store.head('a')).toBeUndefined();
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

test('is on the disk, readable as a plain file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'osmo-store-'));
  const store = new FileStore(folder);
  await store.put('x/y.txt', Buffer.from('plain'));
  expect((await readAll(new FileStore(join(folder, 'x')), 'y.txt', { limit: 10 })).toString()).toBe('plain');
  await rm(folder, { recursive: true });
});
