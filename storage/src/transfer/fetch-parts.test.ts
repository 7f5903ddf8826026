import { createCipheriv } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FileStore } from '../file/file-store.ts';
import type { GetOptions, ObjectStore, StoredObject } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import { downloadTree } from './download.ts';
import type { TransferOptions } from './types.ts';

const partSize = 100_000;
/** As good as chance, and the same in every run. */
const bytes = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(10 * partSize + 7));

let root: string;
let out: string;
let store: FileStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-parts-'));
  out = join(root, 'out');
  store = new FileStore(join(root, 'store'));
  await store.put('large', bytes);
});
afterEach(() => rm(root, { recursive: true }));

/** The store, with what is told of each range that is asked for. */
function watched(onGet: (range: GetOptions['range'], key: string) => Promise<void> | void): ObjectStore {
  return new Proxy<ObjectStore>(store, {
    get: (target, name: keyof ObjectStore) => {
      if (name !== 'get') return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
      return async (key: string, options: GetOptions = {}): Promise<StoredObject> => {
        await onGet(options.range, key);
        return target.get(key, options);
      };
    },
  });
}
const download = (from: ObjectStore, options: TransferOptions = {}): ReturnType<typeof downloadTree> =>
  downloadTree(from, '', out, { partSize, pause: async () => undefined, ...options });

test('a large object comes in several ranges at once, as many as were asked for', async () => {
  let [gets, underWay, most] = [0, 0, 0];
  const { promise: three, resolve: onThree } = Promise.withResolvers<void>();
  const several = watched(async () => {
    gets++;
    most = Math.max(most, ++underWay);
    if (gets === 3) onThree();
    // Nobody goes on before there are three.
    await three;
    underWay--;
  });
  const shown: number[] = [];
  const onProgress = ({ bytes: moved }: { bytes: number }): void => void shown.push(moved);
  const result = await download(several, { concurrency: 3, onProgress });
  expect(result).toMatchObject({ files: 1, bytes: bytes.byteLength });
  expect([gets, most]).toEqual([11, 3]);
  expect((await readFile(join(out, 'large'))).equals(bytes)).toBe(true);
  expect(shown.at(-1)).toBe(bytes.byteLength);
  expect(await readdir(out)).toEqual(['large']);
});

test('what was fetched is not fetched again, after a failure or by a later run that resumes', async () => {
  const ranges: number[] = [];
  let failing = true;
  const flaky = watched((range) => {
    const part = (range?.offset ?? 0) / partSize;
    if (failing && part === 7) throw new StoreError('Denied', 'large', 'the key was withdrawn');
    ranges.push(part);
  });
  await expect(download(flaky, { resume: true, concurrency: 1 })).rejects.toMatchObject({ reason: 'Denied' });
  expect(ranges).toEqual([0, 1, 2, 3, 4, 5, 6]);
  failing = false;
  ranges.length = 0;
  let failures = 1;
  const again = watched((range) => {
    const part = (range?.offset ?? 0) / partSize;
    if (part === 9 && failures-- > 0) throw new StoreError('Unavailable', 'large', 'reset');
    ranges.push(part);
  });
  const shown: number[] = [];
  const onProgress = ({ bytes: moved }: { bytes: number }): void => void shown.push(moved);
  await download(again, { resume: true, concurrency: 1, onProgress });
  expect(ranges).toEqual([7, 8, 9, 10]);
  expect(shown.at(-1)).toBe(bytes.byteLength);
  expect((await readFile(join(out, 'large'))).equals(bytes)).toBe(true);
  expect(await readdir(out)).toEqual(['large']);
});

test('ranges of an object that is replaced meanwhile are not joined', async () => {
  const other = bytes.toReversed().subarray(0, 5 * partSize);
  let gets = 0;
  const replaced = watched(async () => {
    if (++gets === 4) await store.put('large', other);
  });
  await download(replaced, { concurrency: 4 });
  expect((await readFile(join(out, 'large'))).equals(other)).toBe(true);
  expect(await readdir(out)).toEqual(['large']);
});
