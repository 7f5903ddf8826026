import { expect, test } from '@jest/globals';
import { Merge } from './merge.ts';

const live = (): AbortSignal => new AbortController().signal;
async function* of<T>(...pieces: T[]): AsyncGenerator<T> {
  yield* pieces;
}
async function all<T>(merge: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const piece of merge) found.push(piece);
  return found;
}

test('holds all pieces of all sources, each in its order, and ends when they have', async () => {
  const merge = new Merge<string>(live());
  const ended: string[] = [];
  merge.add(of('a1', 'a2'), () => {
    ended.push('a');
    merge.add(of('c1'));
    merge.close();
  });
  merge.add(of('b1', 'b2'));
  const found = await all(merge);
  expect(found.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1']);
  expect(found.filter((piece) => piece.startsWith('a'))).toEqual(['a1', 'a2']);
  expect(ended).toEqual(['a']);
});

test('fails with the first source that does, after what came before', async () => {
  const merge = new Merge<string>(live());
  merge.add(
    (async function* failing() {
      yield 'one';
      throw new Error('broken');
    })(),
  );
  const found: string[] = [];
  const read = (async () => {
    for await (const piece of merge) found.push(piece);
  })();
  await expect(read).rejects.toThrow('broken');
  expect(found).toEqual(['one']);
});

test('a source runs no further ahead than a bounded number of pieces', async () => {
  let made = 0;
  const merge = new Merge<number>(live());
  merge.add(
    (async function* many() {
      while (made < 10_000) yield made++;
    })(),
  );
  merge.close();
  const iterator = merge[Symbol.asyncIterator]();
  await iterator.next();
  // As many turns as it would need to run through.
  for (let turn = 0; turn < 1000; turn++) {
    // oxlint-disable-next-line no-await-in-loop
    await Promise.resolve();
  }
  expect(made).toBeLessThan(600);
  let count = 1;
  // oxlint-disable-next-line no-await-in-loop
  while ((await iterator.next()).done !== true) count++;
  expect(count).toBe(10_000);
});

test('an abort ends it', async () => {
  const stop = new AbortController();
  const merge = new Merge<string>(stop.signal);
  merge.add(
    (async function* waiting() {
      yield 'one';
      await new Promise(() => undefined);
    })(),
  );
  const iterator = merge[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 'one' });
  const next = iterator.next();
  stop.abort();
  expect((await next).done).toBe(true);
});
