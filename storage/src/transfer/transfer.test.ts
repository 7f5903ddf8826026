import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FileStore } from '../file/file-store.ts';
import type { GetOptions, ObjectStore, StoredObject } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import { collect } from '../testing/collect.ts';
import { downloadTree } from './download.ts';
import { openPlace } from './open-place.ts';
import { TransferError } from './tally.ts';
import type { Progress } from './types.ts';
import { uploadTree } from './upload.ts';

let root: string;
let store: ObjectStore;
const at = (...path: string[]): string => join(root, ...path);
const write = async (path: string, contents: string | Uint8Array): Promise<void> => {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), contents);
};
const noPause = async (): Promise<void> => undefined;
const keysOf = async (from: ObjectStore = store): Promise<string[]> =>
  (await collect(from.list(''))).flatMap(({ objects }) => objects.map(({ key }) => key));
const filesOf = async (folder: string): Promise<string[]> => {
  const entries = await readdir(at(folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(at(folder).length + 1))
    .toSorted();
};
/** The same store, where some calls do something else. */
const changed = (changes: Partial<ObjectStore>): ObjectStore =>
  new Proxy(store, {
    get: (target, name: keyof ObjectStore) => {
      const value = changes[name] ?? target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
const failureOf = async (work: Promise<unknown>): Promise<TransferError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (error instanceof TransferError ? error : Promise.reject(error as Error)),
  );

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-transfer-'));
  store = new FileStore(at('store'), { keys: 'any' });
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('what is uploaded', () => {
  test('comes back the same, with odd names, empty files and times', async () => {
    const names = ['a.txt', '.hidden', 'sub/ä ü/€ 100%.bin', 'it\'s "quoted" \\ ;,*?#&+', 'deep/er/and/er', 'empty'];
    await Promise.all(names.map((name) => write(`in/${name}`, name === 'empty' ? '' : name)));
    await utimes(at('in/a.txt'), new Date('2024-05-06T07:08:09Z'), new Date('2024-05-06T07:08:09Z'));
    const up = await uploadTree(store, 'data/run 1', [{ path: at('in') }]);
    expect(up).toMatchObject({ files: 6, skipped: 0, ignored: { count: 0 } });
    expect(await keysOf()).toEqual(names.map((name) => `data/run 1/${name}`).toSorted());
    const down = await downloadTree(store, 'data/run 1/', at('out'));
    expect(down).toEqual(up);
    expect(await filesOf('out')).toEqual(names.toSorted());
    await Promise.all(
      names.map(async (name) => expect(await readFile(at('out', name), 'utf8')).toBe(name === 'empty' ? '' : name)),
    );
    const [stored] = (await collect(store.list('data/run 1/'))).flatMap(({ objects }) => objects);
    expect(Math.floor((await stat(at('out/.hidden'))).mtimeMs / 1000)).toBe(
      Math.floor((stored?.modified.getTime() ?? 0) / 1000),
    );
  });

  test('is found below the name that it is given', async () => {
    await write('in/a', 'a');
    await write('in/sub/b', 'b');
    const sources = [{ path: at('in'), as: 'tree' }, { path: at('in/a') }, { path: at('in/sub/b'), as: 'x/renamed' }];
    await uploadTree(store, 'p/', sources);
    expect(await keysOf()).toEqual(['p/a', 'p/tree/a', 'p/tree/sub/b', 'p/x/renamed']);
  });

  test('is filtered by its path, but single files are not', async () => {
    for (const name of ['a.png', 'b.txt', 'png/c.txt', 'sub/d.png']) await write(`in/${name}`, name);
    const regex = String.raw`.*\.png$`;
    expect(await uploadTree(store, '', [{ path: at('in') }, { path: at('in/b.txt') }], { regex })).toMatchObject({
      files: 3,
    });
    expect(await keysOf()).toEqual(['a.png', 'b.txt', 'sub/d.png']);
    expect(await downloadTree(store, '', at('out'), { regex: 'sub/' })).toMatchObject({ files: 1 });
    expect(await filesOf('out')).toEqual(['sub/d.png']);
  });

  test('is no link that leads out, no link to a folder and nothing but files', async () => {
    await write('secret/key', 'secret');
    await write('in/real/file', 'contents');
    await symlink('real/file', at('in/inside'));
    await symlink(at('secret/key'), at('in/outside'));
    await symlink(at('secret'), at('in/folder'));
    await symlink('real', at('in/alias'));
    await symlink('nowhere', at('in/broken'));
    await symlink('loop', at('in/loop'));
    const result = await uploadTree(store, '', [{ path: at('in') }]);
    expect(result).toMatchObject({ files: 2, ignored: { count: 5 } });
    expect(result.ignored.first.toSorted()).toEqual(['alias', 'broken', 'folder', 'loop', 'outside']);
    expect(await keysOf()).toEqual(['inside', 'real/file']);
  });

  test('is not what a folder was replaced by while it was walked', async () => {
    await write('secret/key', 'secret');
    await write('in/dir/key', 'mine');
    const swap = async (): Promise<boolean> => {
      await rm(at('in/dir'), { recursive: true });
      await symlink(at('secret'), at('in/dir'));
      return false;
    };
    // Between finding dir/a and opening dir/key the folder becomes a link.
    await write('in/dir/a', 'first');
    const error = await failureOf(
      uploadTree(store, '', [{ path: at('in') }], { concurrency: 1, shouldSkip: async () => swap() }).then(() =>
        uploadTree(store, 'again', [{ path: at('in/dir/key') }, { path: at('in') }]),
      ),
    );
    expect(error.problems.map(({ why }) => why).join()).toMatch(/is gone|leads out/);
    const contents = await Promise.all((await keysOf()).map((key) => readFile(at('store', key), 'utf8')));
    expect(contents).not.toContain('secret');
  });

  test('is named when no store could hold it, and all else is uploaded', async () => {
    await write('in/good', 'x');
    await write('in/line\nbreak', 'x');
    await writeFile(Buffer.concat([Buffer.from(`${at('in')}/`), Buffer.from([0x62, 0xff])]), 'x');
    const error = await failureOf(uploadTree(store, '', [{ path: at('in') }]));
    expect(error.message).toContain('2 files could not be transferred: ');
    expect(error.message).toContain(String.raw`"line\nbreak": has control characters`);
    expect(error.message).toContain('its name is no UTF-8 text');
    expect(error.result).toMatchObject({ files: 1 });
    expect(await keysOf()).toEqual(['good']);
  });

  test('is read again when it was written to meanwhile, and named when that goes on', async () => {
    await write('in/once', 'x'.repeat(1000));
    await write('in/always', 'y'.repeat(1000));
    let once = 0;
    const busy = changed({
      put: async (key, body, options) => {
        if (key === 'always' || once++ === 0) await appendFile(at('in', key), '!');
        return store.put(key, body, options);
      },
    });
    const error = await failureOf(uploadTree(busy, '', [{ path: at('in') }]));
    expect(error.problems).toEqual([{ path: 'always', why: 'was written to while it was read, twice' }]);
    expect(await readFile(at('store/once'), 'utf8')).toBe(`${'x'.repeat(1000)}!`);
    expect(await keysOf()).toEqual(['once']);
  });

  test('stays where it is there already, when resuming', async () => {
    await write('in/a', 'aaa');
    await write('in/b', 'bbb');
    await uploadTree(store, '', [{ path: at('in') }]);
    await write('in/b', 'longer');
    expect(await uploadTree(store, '', [{ path: at('in') }], { resume: true })).toMatchObject({ files: 1, skipped: 1 });
    expect(await readFile(at('store/b'), 'utf8')).toBe('longer');
    const later = new Date(Date.now() + 60_000);
    await utimes(at('in/a'), later, later);
    expect(await uploadTree(store, '', [{ path: at('in') }], { resume: true })).toMatchObject({ files: 1, skipped: 1 });
  });

  test('must be there', async () => {
    await expect(uploadTree(store, '', [{ path: at('none') }])).rejects.toThrow(`${at('none')}: there is no such file`);
  });
});

describe('what is downloaded', () => {
  test('is the one object when the name is that of one', async () => {
    await store.put('a/b.txt', Buffer.from('one'));
    expect(await downloadTree(store, 'a/b.txt', at('out'), { regex: 'never' })).toMatchObject({ files: 1, bytes: 3 });
    expect(await filesOf('out')).toEqual(['b.txt']);
  });

  test('must be there', async () => {
    await expect(downloadTree(store, 'a/none', at('out'))).rejects.toMatchObject({ reason: 'NotFound' });
    await expect(downloadTree(store, '', at('out'))).rejects.toMatchObject({ reason: 'NotFound' });
  });

  test('never leaves the target, whatever a store calls its objects', async () => {
    const keys = [
      'in/../out/evil',
      'in//evil',
      'in/./evil',
      'in/ok',
      'in/.osmo-download/evil',
      'in/dir/',
      'in/a\u0000b',
    ];
    const info = (key: string) => ({ key, size: key.endsWith('/') ? 0 : 3, etag: '"e"', modified: new Date(0) });
    const odd = changed({
      list: async function* list() {
        yield { objects: keys.map(info), folders: [] };
      },
      get: async (key) => ({
        info: info(key),
        body: (async function* body() {
          yield Buffer.from('abc');
        })(),
      }),
    });
    const error = await failureOf(downloadTree(odd, 'in', at('deep/target')));
    expect(error.count).toBe(5);
    expect(error.result).toMatchObject({ files: 1, ignored: { count: 1, first: ['dir/'] } });
    expect(await filesOf('')).toEqual(['deep/target/ok']);
  });

  test('does not follow links in the target', async () => {
    await store.put('link/file', Buffer.from('x'));
    await store.put('link/sub/file', Buffer.from('x'));
    await store.put('other', Buffer.from('new'));
    await write('elsewhere/kept', 'kept');
    await mkdir(at('out'));
    await symlink(at('elsewhere'), at('out/link'));
    await symlink(at('elsewhere/kept'), at('out/other'));
    const error = await failureOf(downloadTree(store, '', at('out')));
    expect(error.problems.map(({ path }) => path).toSorted()).toEqual(['link/file', 'link/sub/file']);
    expect(error.message).toContain('leads out of the target');
    expect(await filesOf('elsewhere')).toEqual(['kept']);
    expect(await readFile(at('elsewhere/kept'), 'utf8')).toBe('kept');
    expect(await readFile(at('out/other'), 'utf8')).toBe('new');
  });

  test('is named where a file and a folder are in each other’s way', async () => {
    await store.put('a/b', Buffer.from('x'));
    await store.put('c', Buffer.from('x'));
    await write('out/a', 'a file');
    await write('out/c/d', 'x');
    const error = await failureOf(downloadTree(store, '', at('out')));
    expect(error.problems.map(({ why }) => why).toSorted()).toEqual([
      'a file is where its folder should be',
      'a folder is where the file should be',
    ]);
    expect(await filesOf('out')).toEqual(['a', 'c/d']);
  });

  test('is not fetched again when it is there, and continues where it ended, when resuming', async () => {
    const large = createHash('sha256').update('x').digest().toString('hex').repeat(30_000);
    await store.put('large', Buffer.from(large));
    await store.put('small', Buffer.from('small'));
    const ranges: (GetOptions['range'] | 'whole')[] = [];
    const cut = (keep: number): ObjectStore =>
      changed({
        get: async (key, options = {}): Promise<StoredObject> => {
          const { info, body } = await store.get(key, options);
          ranges.push(options.range ?? 'whole');
          async function* some(): AsyncGenerator<Uint8Array> {
            let left = keep;
            for await (const piece of body) {
              yield piece.subarray(0, left);
              left -= piece.byteLength;
              if (left <= 0) throw new StoreError('Denied', info.key, 'the key was withdrawn');
            }
          }
          return { info, body: key === 'large' ? some() : body };
        },
      });
    const options = { resume: true, concurrency: 1 };
    await expect(downloadTree(cut(1_000_000), '', at('out'), options)).rejects.toMatchObject({ reason: 'Denied' });
    expect((await filesOf('out')).filter((name) => !name.startsWith('.osmo-download/'))).toEqual([]);
    ranges.length = 0;
    expect(await downloadTree(cut(Infinity), '', at('out'), options)).toMatchObject({ files: 2, skipped: 0 });
    expect(ranges).toEqual([{ offset: 1_000_000 }, 'whole']);
    expect(await readFile(at('out/large'), 'utf8')).toBe(large);
    expect(await downloadTree(store, '', at('out'), options)).toMatchObject({ files: 0, skipped: 2 });
    await store.put('small', Buffer.from('other'));
    await utimes(at('store/small'), new Date(0), new Date(0));
    expect(await downloadTree(store, '', at('out'), options)).toMatchObject({ files: 1, skipped: 1 });
    expect(await filesOf('out')).toEqual(['large', 'small']);
    expect(await readdir(at('out'))).toEqual(['large', 'small']);
  });

  test('begins anew when the object is replaced meanwhile, and no other contents are joined to it', async () => {
    await store.put('a', Buffer.from('old!'.repeat(100_000)));
    let calls = 0;
    const replaced = changed({
      get: async (key, options) => {
        const answer = await store.get(key, options);
        calls += 1;
        if (calls > 1) return answer;
        async function* broken(): AsyncGenerator<Uint8Array> {
          for await (const piece of answer.body) {
            yield piece;
            await store.put('a', Buffer.from('new!'.repeat(50_000)));
            throw new StoreError('Unavailable', key, 'reset');
          }
        }
        return { info: answer.info, body: broken() };
      },
    });
    const shown: Progress[] = [];
    const result = await downloadTree(replaced, '', at('out'), {
      pause: noPause,
      onProgress: (each) => shown.push(each),
    });
    expect(result).toMatchObject({ files: 1, bytes: 200_000 });
    expect(await readFile(at('out/a'), 'utf8')).toBe('new!'.repeat(50_000));
    expect(shown.at(-1)).toEqual({ files: 1, bytes: 200_000 });
  });

  test('leaves nothing unfinished behind', async () => {
    await store.put('a', Buffer.from('x'.repeat(1000)));
    const broken = changed({
      get: async (key) => {
        const info = await store.head(key);
        // oxlint-disable-next-line require-yield
        async function* none(): AsyncGenerator<Uint8Array> {
          throw new StoreError('Denied', key, 'no');
        }
        return { info: info!, body: none() };
      },
    });
    await expect(downloadTree(broken, '', at('out'))).rejects.toMatchObject({ reason: 'Denied' });
    expect(await readdir(at('out'))).toEqual([]);
  });
});

describe('a transfer', () => {
  test('tries again while the store fails, a bounded number of times', async () => {
    await write('in/a', 'a');
    let calls = 0;
    const flaky = (failures: number): ObjectStore =>
      changed({
        put: async (key, body, options) => {
          calls += 1;
          if (calls <= failures) throw new StoreError('Unavailable', key, 'SlowDown');
          return store.put(key, body, options);
        },
      });
    const paused: number[] = [];
    const pause = async (attempt: number): Promise<void> => void paused.push(attempt);
    expect(await uploadTree(flaky(3), '', [{ path: at('in') }], { pause })).toMatchObject({ files: 1, bytes: 1 });
    expect(paused).toEqual([1, 2, 3]);
    calls = 0;
    await expect(uploadTree(flaky(99), '', [{ path: at('in') }], { pause, attempts: 4 })).rejects.toMatchObject({
      reason: 'Unavailable',
    });
    expect(calls).toBe(4);
  });

  test('stops at the first refusal, and when it is told to', async () => {
    for (let n = 0; n < 50; n++) await write(`in/${n}`, 'x');
    let puts = 0;
    const denied = changed({
      put: async (key) => {
        puts += 1;
        throw new StoreError('Denied', key, 'no');
      },
    });
    await expect(uploadTree(denied, '', [{ path: at('in') }], { concurrency: 3 })).rejects.toMatchObject({
      reason: 'Denied',
    });
    expect(puts).toBeLessThanOrEqual(3);
    const stop = new AbortController();
    const reason = new Error('enough');
    const onProgress = (): void => stop.abort(reason);
    await expect(uploadTree(store, '', [{ path: at('in') }], { signal: stop.signal, onProgress })).rejects.toBe(reason);
    expect((await keysOf()).length).toBeLessThan(50);
    await expect(downloadTree(store, '', at('out'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('says how far it is, of how much', async () => {
    await write('in/a', 'x'.repeat(600_000));
    await write('in/b', 'y');
    const shown: Progress[] = [];
    const options = { count: true, onProgress: (each: Progress) => void shown.push(each) };
    await uploadTree(store, '', [{ path: at('in') }], options);
    expect(shown.at(-1)).toEqual({ files: 2, bytes: 600_001, totalFiles: 2, totalBytes: 600_001 });
    shown.length = 0;
    await downloadTree(store, '', at('out'), options);
    expect(shown.at(-1)).toEqual({ files: 2, bytes: 600_001, totalFiles: 2, totalBytes: 600_001 });
    expect(shown.every(({ bytes }, index) => bytes >= (shown[index - 1]?.bytes ?? 0))).toBe(true);
  });

  test('has no more files at once than it may', async () => {
    for (let n = 0; n < 20; n++) await write(`in/${n}`, 'x');
    let now = 0;
    let most = 0;
    const counting = changed({
      put: async (key, body, options) => {
        most = Math.max(most, ++now);
        const stored = await store.put(key, body, options);
        now -= 1;
        return stored;
      },
    });
    await uploadTree(counting, '', [{ path: at('in') }], { concurrency: 4 });
    expect(most).toBeLessThanOrEqual(4);
    await expect(uploadTree(store, '', [{ path: at('in') }], { concurrency: 0 })).rejects.toThrow('concurrency 0');
  });

  test('keeps any tree of any names', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((each) => each !== '.' && each !== '..' && !/[/\u0000-\u001f\u007f]/.test(each) && each !== '.uploads');
    const tree = fc.uniqueArray(fc.tuple(fc.array(name, { maxLength: 2 }), name, fc.uint8Array({ maxLength: 40 })), {
      maxLength: 8,
      // Every file in a folder of its own kind, so that none is another's folder.
      selector: ([folders, file]) => [...folders.map((each) => `d${each}`), `f${file}`].join('/').normalize('NFC'),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        round += 1;
        const paths = files.map(([folders, file]) => [...folders.map((each) => `d${each}`), `f${file}`].join('/'));
        await mkdir(at(`in${round}`), { recursive: true });
        for (const [index, path] of paths.entries()) await write(`in${round}/${path}`, files[index]?.[2] ?? '');
        expect(await uploadTree(store, `r${round}`, [{ path: at(`in${round}`) }])).toMatchObject({
          files: paths.length,
        });
        if (paths.length === 0) return;
        await downloadTree(store, `r${round}`, at(`out${round}`));
        expect(await filesOf(`out${round}`)).toEqual(paths.toSorted());
        for (const [index, path] of paths.entries()) {
          expect(Buffer.from(files[index]?.[2] ?? []).equals(await readFile(at(`out${round}`, path)))).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the URL of a transfer', () => {
  test('is a folder, or a file that exists', async () => {
    await write('data/file', 'x');
    const folder = await openPlace(`file://${at('data')}`);
    expect([folder.path, await keysOf(folder.store)]).toEqual(['', ['file']]);
    const file = await openPlace(`file://${at('data/file')}`);
    expect(file.path).toBe('file');
    await downloadTree(file.store, file.path, at('out'));
    expect(await filesOf('out')).toEqual(['file']);
  });

  test('is a bucket and a path in it', async () => {
    const place = await openPlace('s3://robots/logs/2024', {
      environment: {},
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    expect([place.store.url, place.path]).toEqual(['s3://robots', 'logs/2024']);
    await place.store.close();
  });
});
