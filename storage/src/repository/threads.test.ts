import { createCipheriv } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileStore } from '../file/file-store.ts';
import { openRepository } from './open-repository.ts';
import { encodings } from './codec.ts';
import { loadBlake3 } from './hash.ts';
import { Threads, threadsFor } from './threads.ts';
import type { Repository } from './types.ts';
import { type FileWork, writeFiles } from './write-files.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-repository-'));
  folder = join(root, 'in');
  await mkdir(join(folder, 'many'), { recursive: true });
  // As good as chance, and the same in every run.
  const random = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
  for (const name of ['large', 'larger']) await writeFile(join(folder, name), random.update(Buffer.alloc(5_000_000)));
  await writeFile(join(folder, 'zeros'), Buffer.alloc(5_000_000));
  for (let number = 0; number < 300; number++)
    await writeFile(join(folder, `many/${number}`), random.update(Buffer.alloc(number)));
});
afterEach(() => rm(root, { recursive: true }));

const openAt = (name: string, workers: number): Promise<Repository> =>
  openRepository(new FileStore(join(root, name)), { create: true, workers });

test('threads give the same version as none', async () => {
  const [threaded, single] = [await openAt('threaded', 2), await openAt('single', 0)];
  try {
    const result = await threaded.commit({ folder });
    expect(await single.commit({ folder })).toMatchObject({ ...result, storedBytes: expect.any(Number) });
    expect(threaded.threads).toBeGreaterThan(0);
    expect(single.threads).toBe(0);
    await (await threaded.open(result.manifest)).restore(join(root, 'out'));
    for (const name of ['large', 'zeros', 'many/299']) {
      expect((await readFile(join(root, 'out', name))).equals(await readFile(join(folder, name)))).toBe(true);
    }
    expect((await threaded.commit({ folder }, { base: result.manifest })).storedBytes).toBeLessThan(20_000);
  } finally {
    await Promise.all([threaded.close(), single.close()]);
  }
});

test.each([0, 2])(
  'a file that grows while it is read is read again, or refused by name (%i threads)',
  async (workers) => {
    const repository = await openAt('store', workers);
    try {
      let growing = 1;
      const onProgress = (): void => {
        if (growing-- > 0) appendFileSync(join(folder, 'larger'), 'more');
      };
      const { bytes } = await repository.commit({ folder, filter: (path) => path.startsWith('large') }, { onProgress });
      expect(bytes).toBe(10_000_004);
      growing = Infinity;
      await expect(
        repository.commit({ folder, filter: (path) => path.startsWith('large') }, { onProgress }),
      ).rejects.toThrow('path "larger": changes while it is read');
    } finally {
      await repository.close();
    }
  },
);

test.each([
  { processors: 1, memory: 16, threads: 1 },
  { processors: 2, memory: 1, threads: 2 },
  { processors: 64, memory: 16, threads: 4 },
  { processors: 64, memory: 0.5, threads: 4 },
  { processors: 64, memory: 0.4, threads: 2 },
  { processors: 64, memory: 0.1, threads: 0 },
])('$processors processors and $memory GiB make $threads threads', ({ processors, memory, threads }) => {
  expect(threadsFor({ processors, memory: memory * 1024 ** 3 })).toBe(threads);
});

test('threads do not follow links', async () => {
  const repository = await openAt('store', 2);
  try {
    await symlink('large', join(folder, 'link'));
    const version = await repository.open((await repository.commit({ folder })).manifest);
    expect(await version.find('link')).toMatchObject({ kind: 'link', target: 'large', size: 0 });
    expect(await version.find('large')).toMatchObject({ kind: 'file', size: 5_000_000 });
  } finally {
    await repository.close();
  }
});

describe('a disk that is full', () => {
  const full = '/dev/full';
  const work = async (): Promise<FileWork> => {
    const bytes = Buffer.from('no room for this');
    const size = bytes.byteLength;
    const parts = [{ start: 0, length: size, encoding: encodings.plain, size, offset: 0 }];
    return { bytes, jobs: [{ draft: full, parts }], digests: (await loadBlake3()).digest(bytes) };
  };
  /** What a task ends with depends on them: docs/designs/0007-data.md. */
  const told = { code: 'ENOSPC', syscall: 'write', path: full, message: expect.stringContaining(`'${full}'`) };

  test('is told by the file that had no room', async () => {
    const [one, blake3] = [await work(), await loadBlake3()];
    let failure: unknown;
    try {
      writeFiles(one, blake3);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject(told);
  });

  test('is told by a thread, too', async () => {
    const threads = new Threads(1, { least: 1024, normal: 4096, most: 16_384 });
    try {
      await expect(threads.write(await work())).rejects.toMatchObject(told);
    } finally {
      await threads.close();
    }
  });
});
