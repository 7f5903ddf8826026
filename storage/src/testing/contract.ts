import { createCipheriv } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readAll } from '../bytes.ts';
import type { ListOptions, ListPage, ObjectStore } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import { collect } from './collect.ts';

/** A store to hold to the contract, empty. */
export interface StoreUnderTest {
  store: ObjectStore;
  /** The same place through a second driver, as another process would see it. */
  other: ObjectStore;
  /** The same place with `keys: 'any'`. */
  any: ObjectStore;
}

const text = (value: string): Buffer => Buffer.from(value);
const MiB = 1024 * 1024;

/** Bytes that differ everywhere, the same for the same seed. */
function noise(size: number, seed = 1): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size));
}

async function* pieces(...all: (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const each of all) {
    if (each instanceof Error) throw each;
    yield each;
  }
}

/**
 * What every driver promises; see `ObjectStore`.
 *
 * @param faults requests fail now and then on their way, so that what is replaced while it is read may end with Changed
 */
export function describeObjectStore(
  name: string,
  open: () => Promise<StoreUnderTest>,
  close: () => Promise<void>,
  { faults = false } = {},
): void {
  describe(`an object store (${name})`, () => {
    let store: ObjectStore;
    let other: ObjectStore;
    let any: ObjectStore;
    const read = async (key: string, range?: { offset: number; length?: number }, from = other): Promise<string> =>
      (await readAll(from, key, { limit: 64 * MiB, range })).toString();
    const listed = async (folder: string, options: ListOptions = {}): Promise<ListPage[]> =>
      collect(other.list(folder, options));
    const keys = async (folder: string, options: ListOptions = {}): Promise<string[]> =>
      (await listed(folder, options)).flatMap(({ objects }) => objects.map(({ key }) => key));
    const reasonOf = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'none',
        (error: unknown) => (error instanceof StoreError ? error.reason : `no StoreError: ${String(error)}`),
      );

    beforeAll(async () => {
      ({ store, other, any } = await open());
    });

    afterAll(async () => {
      await store?.close();
      await other?.close();
      await any?.close();
      await close();
    });

    test('gives back what was put, whole and at once for others', async () => {
      const { size, etag } = await store.put('basic/hello.txt', text('hello'), { contentType: 'text/plain' });
      const info = await other.head('basic/hello.txt');
      expect(info).toMatchObject({ key: 'basic/hello.txt', size: 5, etag });
      expect(size).toBe(5);
      expect(info?.modified.getTime()).toBeGreaterThan(Date.UTC(2020, 0));
      expect(await read('basic/hello.txt')).toBe('hello');
    });

    test('says that an object is not there', async () => {
      expect(await store.head('none/at-all')).toBeUndefined();
      expect(await reasonOf(store.get('none/at-all'))).toBe('NotFound');
      await expect(store.get('none/at-all')).rejects.toThrow(`${store.url}/none/at-all: `);
    });

    test('replaces an object, and its etag', async () => {
      const first = await store.put('replace/a', text('one'));
      const second = await store.put('replace/a', text('two!'));
      expect(second.etag).not.toBe(first.etag);
      expect(await read('replace/a')).toBe('two!');
      expect((await other.head('replace/a'))?.size).toBe(4);
    });

    test('holds an empty object', async () => {
      await store.put('empty/whole', new Uint8Array());
      await store.put('empty/stream', pieces());
      expect(await read('empty/whole')).toBe('');
      expect(await read('empty/stream')).toBe('');
      expect((await keys('empty/')).toSorted()).toEqual(['empty/stream', 'empty/whole']);
    });

    test('lets the first of several writers win, and changes nothing for the others', async () => {
      await store.put('once/a', text('first'), { ifAbsent: true });
      expect(await reasonOf(other.put('once/a', text('second'), { ifAbsent: true }))).toBe('AlreadyExists');
      expect(await reasonOf(other.put('once/a', pieces(text('third')), { ifAbsent: true }))).toBe('AlreadyExists');
      expect(await read('once/a')).toBe('first');
    });

    test('has one winner of a race', async () => {
      const racers = Array.from({ length: 12 }, (_, index) => `racer ${index}`);
      const outcomes = await Promise.all(
        racers.map((racer, index) =>
          reasonOf((index % 2 === 0 ? store : other).put('once/race', text(racer), { ifAbsent: true })),
        ),
      );
      const winners = racers.filter((_, index) => outcomes[index] === 'none');
      expect(outcomes.filter((outcome) => outcome !== 'none' && outcome !== 'AlreadyExists')).toEqual([]);
      expect(winners).toHaveLength(1);
      expect(await read('once/race')).toBe(winners[0]);
    });

    test('writes only over the version that was seen', async () => {
      const first = await store.put('version/a', text('one'));
      const second = await other.put('version/a', text('two'), { ifMatch: first.etag });
      expect(await reasonOf(store.put('version/a', text('late'), { ifMatch: first.etag }))).toBe('Changed');
      expect(await reasonOf(store.put('version/a', pieces(text('late')), { ifMatch: first.etag }))).toBe('Changed');
      expect(await reasonOf(store.put('version/none', text('x'), { ifMatch: first.etag }))).toBe('Changed');
      expect(await read('version/a')).toBe('two');
      expect(await keys('version/')).toEqual(['version/a']);
      expect((await other.head('version/a'))?.etag).toBe(second.etag);
    });

    test('lets one of those who saw the same version write', async () => {
      const { etag } = await store.put('version/race', text('start'));
      const racers = Array.from({ length: 8 }, (_, index) => `racer ${index}`);
      const outcomes = await Promise.all(
        racers.map((racer, index) =>
          reasonOf((index % 2 === 0 ? store : other).put('version/race', text(racer), { ifMatch: etag })),
        ),
      );
      const winners = racers.filter((_, index) => outcomes[index] === 'none');
      expect(outcomes.filter((outcome) => outcome !== 'none' && outcome !== 'Changed')).toEqual([]);
      expect(winners).toHaveLength(1);
      expect(await read('version/race')).toBe(winners[0]);
    });

    test('gives parts of an object, cut at its end', async () => {
      await store.put('range/a', text('0123456789'));
      expect(await read('range/a', { offset: 0, length: 3 })).toBe('012');
      expect(await read('range/a', { offset: 4, length: 2 })).toBe('45');
      expect(await read('range/a', { offset: 7 })).toBe('789');
      expect(await read('range/a', { offset: 8, length: 100 })).toBe('89');
      const part = await store.get('range/a', { range: { offset: 2, length: 1 } });
      expect(part.info.size).toBe(10);
      expect(Buffer.concat(await collect(part.body)).toString()).toBe('2');
    });

    test('refuses a range behind the end, and numbers that are none', async () => {
      await store.put('range/short', text('abc'));
      expect(await reasonOf(read('range/short', { offset: 3 }, store))).toBe('InvalidRange');
      expect(await reasonOf(read('range/short', { offset: 99, length: 1 }, store))).toBe('InvalidRange');
      await expect(store.get('range/short', { range: { offset: -1 } })).rejects.toThrow(RangeError);
      await expect(store.get('range/short', { range: { offset: 0, length: 0 } })).rejects.toThrow(RangeError);
    });

    test('stores a stream of pieces of any size, larger than one part', async () => {
      const whole = noise(20 * MiB + 12_345);
      const cuts = [0, 1, 70_000, 9 * MiB, 9 * MiB + 3, 17 * MiB, whole.byteLength];
      const stream = cuts.slice(1).map((cut, index) => whole.subarray(cuts[index], cut));
      const { size } = await store.put('large/stream', pieces(...stream));
      expect(size).toBe(whole.byteLength);
      expect((await other.head('large/stream'))?.size).toBe(whole.byteLength);
      expect((await readAll(other, 'large/stream', { limit: whole.byteLength })).equals(whole)).toBe(true);
      const tail = await readAll(other, 'large/stream', {
        limit: MiB,
        range: { offset: whole.byteLength - 1000, length: 1000 },
      });
      expect(tail.equals(whole.subarray(-1000))).toBe(true);
      expect(await reasonOf(store.put('large/stream', pieces(...stream), { ifAbsent: true }))).toBe('AlreadyExists');
    });

    test('stores nothing of a stream that fails, and passes its error on', async () => {
      const boom = new Error('the source failed');
      await expect(store.put('broken/small', pieces(text('some'), boom))).rejects.toBe(boom);
      await expect(store.put('broken/large', pieces(noise(9 * MiB), noise(9 * MiB), boom))).rejects.toBe(boom);
      expect(await keys('broken/')).toEqual([]);
      await store.put('broken/kept', text('old'));
      await expect(store.put('broken/kept', pieces(text('new'), boom))).rejects.toBe(boom);
      expect(await read('broken/kept')).toBe('old');
    });

    test('stops when it is told to, and stores nothing', async () => {
      const reason = new Error('enough');
      const stopped = AbortSignal.abort(reason);
      await expect(store.put('stopped/a', text('x'), { signal: stopped })).rejects.toBe(reason);
      await expect(store.get('basic/hello.txt', { signal: stopped })).rejects.toBe(reason);
      await expect(store.head('basic/hello.txt', { signal: stopped })).rejects.toBe(reason);
      await expect(store.delete('basic/hello.txt', { signal: stopped })).rejects.toBe(reason);
      const stop = new AbortController();
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let round = 0; ; round++) {
          if (round === 3) stop.abort(reason);
          yield noise(4 * MiB);
        }
      }
      await expect(store.put('stopped/b', endless(), { signal: stop.signal })).rejects.toBe(reason);
      expect(await keys('stopped/')).toEqual([]);
      expect(await read('basic/hello.txt')).toBe('hello');
    });

    test('lists everything below a folder, in the order of keys, page by page', async () => {
      const names = ['a', 'a-b/c', 'a.b', 'b/c', 'b/d/e', 'b0', 'z'].map((each) => `list/${each}`);
      // "list/a/x" would make "list/a" an object and a folder, which no store has to take.
      await Promise.all(names.toReversed().map((key) => store.put(key, text(key))));
      expect(await keys('list/')).toEqual(names.toSorted());
      expect(await keys('list/b/')).toEqual(['list/b/c', 'list/b/d/e']);
      expect(await keys('list/none/')).toEqual([]);
      const pages = await listed('list/', { pageSize: 3 });
      expect(pages.map(({ objects }) => objects.length)).toEqual([3, 3, 1]);
      expect(pages.flatMap(({ objects }) => objects.map(({ key, size }) => [key, size]))).toEqual(
        names.toSorted().map((key) => [key, key.length]),
      );
      const [first] = pages[0]?.objects ?? [];
      expect(first?.etag).toBe((await other.head('list/a'))?.etag);
    });

    test('lists on behind any key, one that exists or not', async () => {
      const all = await keys('list/');
      await Promise.all(
        [...all, 'list/a0', 'list/b', 'list/b/', 'list/b/c/x', 'list/b/d', 'list/zz'].map(async (after) => {
          expect(await keys('list/', { after })).toEqual(all.filter((key) => key > after));
          expect(await keys('list/', { after, pageSize: 1 })).toEqual(all.filter((key) => key > after));
        }),
      );
    });

    test('lists one level, with its folders', async () => {
      const merged = async (folder: string, pageSize: number): Promise<ListPage> => {
        const pages = await listed(folder, { shallow: true, pageSize });
        return { objects: pages.flatMap(({ objects }) => objects), folders: pages.flatMap(({ folders }) => folders) };
      };
      const [whole, paged] = await Promise.all([merged('list/', 1000), merged('list/', 2)]);
      expect(whole.folders).toEqual(['list/a-b/', 'list/b/']);
      expect(whole.objects.map(({ key }) => key)).toEqual(['list/a', 'list/a.b', 'list/b0', 'list/z']);
      expect(paged).toEqual(whole);
      expect((await merged('', 1000)).folders).toContain('list/');
    });

    test('deletes an object, and the folder with the last of them', async () => {
      await store.put('gone/deep/a', text('a'));
      await store.put('gone/deep/b', text('b'));
      await store.delete('gone/deep/a');
      await store.delete('gone/deep/a');
      expect(await other.head('gone/deep/a')).toBeUndefined();
      expect(await keys('gone/')).toEqual(['gone/deep/b']);
      await store.delete('gone/deep/b');
      expect(await keys('gone/')).toEqual([]);
      const [page] = await listed('', { shallow: true });
      expect(page?.folders).not.toContain('gone/');
      await store.put('gone/deep/a', text('again'), { ifAbsent: true });
      expect(await read('gone/deep/a')).toBe('again');
    });

    test('deletes several objects, those that are not there among them', async () => {
      const all = Array.from({ length: 40 }, (_, index) => `many/${index % 4}/${index}`);
      await Promise.all(all.map((key) => store.put(key, text(key))));
      await store.deleteMany?.([...all.slice(1), 'many/none', 'nothing/like/it']);
      expect(await keys('many/')).toEqual(['many/0/0']);
      await store.deleteMany?.([]);
      await expect(store.deleteMany?.(['many/0/0', '../a'])).rejects.toThrow(RangeError);
      expect(await keys('many/')).toEqual(['many/0/0']);
    });

    test('holds what users call their files, where it is told to', async () => {
      const names = [
        'a b.txt',
        '.hidden/.file',
        'ä ö/€/日本語 🤖.png',
        '100%25+1&x=y?z#w',
        'it\'s "quoted" <tag> ;,*!()[]{}|^~$@:=',
        'trailing space /x ',
        '-dash/~tilde',
      ].map((each) => `any names/${each}`);
      await Promise.all(names.map((each) => any.put(each, text(each))));
      const found = (await collect(any.list('any names/'))).flatMap(({ objects }) => objects);
      expect(found.map(({ key }) => key).toSorted()).toEqual(names.toSorted());
      await Promise.all(
        names.map(async (each) => {
          expect((await readAll(any, each, { limit: 1000 })).toString()).toBe(each);
          expect(await any.head(each)).toMatchObject({ key: each, size: Buffer.byteLength(each) });
        }),
      );
      await any.deleteMany?.(names.slice(1));
      await any.delete(names[0] ?? '');
      expect((await collect(any.list('any names/'))).flatMap(({ objects }) => objects)).toEqual([]);
      await Promise.all(
        [
          '',
          '/a',
          'a/',
          'a//b',
          '../a',
          'a/..',
          './a',
          'a\u0000',
          'a\nb',
          '\ud800',
          'x'.repeat(256),
          'x/'.repeat(600) + 'x',
        ].map(async (key) => expect(any.put(key, text('x'))).rejects.toThrow(RangeError)),
      );
    });

    test('puts and deletes side by side in one folder', async () => {
      const rounds = Array.from({ length: 60 }, (_, round) => `busy/deep/${round % 3}`);
      await Promise.all(
        rounds.map(async (key, round) => {
          const one = round % 2 === 0 ? store : other;
          await one.put(key, text(key));
          await one.delete(key);
        }),
      );
      await store.put('busy/deep/0', text('last'));
      expect(await keys('busy/')).toEqual(['busy/deep/0']);
    });

    test('keeps reading what it began to read when that is replaced', async () => {
      const before = noise(3 * MiB, 7);
      await store.put('reading/a', before);
      const { body } = await store.get('reading/a');
      const got: Uint8Array[] = [];
      const outcome = await reasonOf(
        (async () => {
          for await (const piece of body) {
            if (got.length === 0) await other.put('reading/a', noise(3 * MiB, 8));
            got.push(piece);
          }
        })(),
      );
      expect(faults ? ['none', 'Changed'] : ['none']).toContain(outcome);
      const bytes = Buffer.concat(got);
      expect(bytes.equals(outcome === 'none' ? before : before.subarray(0, bytes.byteLength))).toBe(true);
    });

    test('gives the same to a reader that is done with each piece before it asks for the next one', async () => {
      const bytes = noise(3 * MiB, 9);
      await store.put('reading/pieces', bytes);
      const got = Buffer.alloc(bytes.byteLength - 10);
      let at = 0;
      const { body } = await store.get('reading/pieces', { range: { offset: 10 }, shortLived: true });
      for await (const piece of body) {
        got.set(piece, at);
        at += piece.byteLength;
      }
      expect(got.equals(bytes.subarray(10))).toBe(true);
    });

    test('lets a reader leave before the end', async () => {
      await store.put('reading/left', noise(3 * MiB));
      for (let round = 0; round < 5; round++) {
        const { body } = await store.get('reading/left');
        for await (const piece of body) {
          expect(piece.byteLength).toBeGreaterThan(0);
          break;
        }
      }
      expect(await read('basic/hello.txt', undefined, store)).toBe('hello');
    });

    test('reads no more into memory than is allowed', async () => {
      await store.put('limit/a', text('0123456789'));
      expect(await reasonOf(readAll(store, 'limit/a', { limit: 9 }))).toBe('TooLarge');
      expect((await readAll(store, 'limit/a', { limit: 10 })).byteLength).toBe(10);
    });

    test.each([
      ['no name', ''],
      ['a name for its first segment', '/a'],
      ['a name for its last segment', 'a/'],
      ['a segment without a name', 'a//b'],
      ['a way out of the store', '../a'],
      ['a way up', 'a/../b'],
      ['a hidden file', '.a'],
      ['a space', 'a b'],
      ['a letter beyond ASCII', 'ä'],
      ['a backslash', String.raw`a\b`],
      ['a long segment', 'x'.repeat(201)],
      ['a thousand characters', `${'x/'.repeat(500)}x`],
    ])('takes no key with %s', async (_, key) => {
      await expect(store.put(key, text('x'))).rejects.toThrow(RangeError);
      await expect(store.get(key)).rejects.toThrow(RangeError);
      await expect(store.delete(key)).rejects.toThrow(RangeError);
    });
  });
}
