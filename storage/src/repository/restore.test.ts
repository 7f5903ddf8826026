import { createCipheriv } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileStore } from '../file/file-store.ts';
import { openRepository } from './open-repository.ts';
import type { Repository } from './types.ts';

let root: string;
let folder: string;
let out: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-restore-'));
  [folder, out] = [join(root, 'in'), join(root, 'out')];
  await mkdir(join(folder, 'many'), { recursive: true });
  // As good as chance, and the same in every run.
  const random = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  await writeFile(join(folder, 'large'), random.update(Buffer.alloc(12_000_000)));
  await writeFile(join(folder, 'zeros'), Buffer.alloc(9_000_000));
  for (let number = 0; number < 100; number++)
    await writeFile(join(folder, `many/${number}`), random.update(Buffer.alloc(100 * number)));
  await chmod(join(folder, 'large'), 0o750);
});
afterEach(() => rm(root, { recursive: true }));

/** Paths below a folder. */
async function files(below: string): Promise<string[]> {
  const entries = await readdir(below, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => relative(below, join(parentPath, name)));
}

/** What is in the folder that was restored to is as it was. */
async function expectOnlyWholeFiles(): Promise<void> {
  for (const path of await files(out)) {
    expect([path, (await readFile(join(out, path))).equals(await readFile(join(folder, path)))]).toEqual([path, true]);
  }
}

describe.each([0, 2])('restoring with %i threads', (workers) => {
  let repository: Repository;
  let manifest: string;
  beforeEach(async () => {
    repository = await openRepository(new FileStore(join(root, 'store')), { create: true, workers });
    ({ manifest } = await repository.commit({ folder }));
  });
  afterEach(() => repository.close());

  test('gives the same files, and leaves those alone that are there', async () => {
    const version = await repository.open(manifest);
    expect(await version.restore(out)).toEqual({ files: 102, bytes: 21_495_000, skipped: 0 });
    expect(await files(out)).toHaveLength(102);
    await expectOnlyWholeFiles();
    expect((await stat(join(out, 'large'))).mode & 0o777).toBe(0o750);
    // What is empty takes no room.
    expect((await stat(join(out, 'zeros'))).blocks * 512).toBeLessThan(1_000_000);
    const changed = await readFile(join(out, 'large'));
    changed[11_000_000] = (changed[11_000_000] ?? 0) ^ 1;
    await writeFile(join(out, 'large'), changed);
    await rm(join(out, 'many/7'));
    const again = await version.restore(out, { resume: true });
    expect(again).toEqual({ files: 2, bytes: 12_000_700, skipped: 100 });
    expect(await files(out)).toHaveLength(102);
    await expectOnlyWholeFiles();
  });

  test('refuses damaged contents by pack and byte, and leaves no part of a file', async () => {
    const [pack = ''] = await files(join(root, 'store/packs'));
    const name = join(root, 'store/packs', pack);
    const bytes = await readFile(name);
    bytes[9_000_000] = (bytes[9_000_000] ?? 0) ^ 1;
    await writeFile(name, bytes);
    const version = await repository.open(manifest);
    await expect(version.restore(out)).rejects.toMatchObject({
      reason: 'Corrupt',
      message: expect.stringMatching(/packs\/[0-9a-f]{16}\/00000000: the chunk at byte \d+ is damaged$/),
    });
    await expectOnlyWholeFiles();
  });

  test.each(['large', 'many/99'])('refuses a folder in the place of %s', async (path) => {
    await mkdir(join(out, path), { recursive: true });
    const version = await repository.open(manifest);
    await expect(version.restore(out)).rejects.toMatchObject({
      reason: 'Refused',
      message: `${join(out, path)}: is a folder; remove it to restore a file there`,
    });
    await expectOnlyWholeFiles();
  });

  test('ends with the reason of who aborts it', async () => {
    const version = await repository.open(manifest);
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error('enough'));
    await expect(version.restore(out, { signal: stop.signal, onProgress })).rejects.toThrow('enough');
    await expectOnlyWholeFiles();
  });
});
