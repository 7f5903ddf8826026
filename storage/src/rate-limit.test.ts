import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readAll } from './bytes.ts';
import { FileStore } from './file/file-store.ts';
import type { ObjectStore } from './object-store.ts';
import { openStore } from './open-store.ts';
import { type RateLimit, rateLimited } from './rate-limit.ts';
import { collect } from './testing/collect.ts';

let root: string;
let now: number;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-rate-'));
  now = 1_000_000;
});
afterEach(() => rm(root, { recursive: true }));

/** A store on a clock that only its own waiting moves. */
function limited(limit: RateLimit): ObjectStore {
  const wait = async (milliseconds: number, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    now += milliseconds;
  };
  return rateLimited(new FileStore(root), limit, { partSize: 1000, pacing: { now: () => now, wait } });
}
const taken = async (act: () => Promise<unknown>): Promise<number> => {
  const before = now;
  await act();
  return now - before;
};
async function* pieces(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < count; number++) yield new Uint8Array(bytes);
}

describe('a limit of bytes', () => {
  test('holds for what is sent, whole or in pieces, and for what is fetched', async () => {
    const store = limited({ bytesPerSecond: 1000 });
    // A second's worth goes at once.
    expect(await taken(() => store.put('a', new Uint8Array(1000)))).toBe(0);
    expect(await taken(() => store.put('a', new Uint8Array(5000)))).toBe(5000);
    expect(await taken(() => store.put('b', pieces(10, 300)))).toBe(3000);
    expect(await taken(() => readAll(store, 'b', { limit: 10_000 }))).toBe(3000);
    expect(await taken(() => store.head('a'))).toBe(0);
  });

  test('lets no more be made up for than a second', async () => {
    const store = limited({ bytesPerSecond: 1000 });
    await store.put('a', new Uint8Array(1000));
    now += 60_000;
    expect(await taken(() => store.put('a', new Uint8Array(3000)))).toBe(2000);
  });
});

describe('a limit of requests', () => {
  test('holds for each kind of them, each page and each part', async () => {
    const store = limited({ requestsPerSecond: 1 });
    expect(await taken(() => store.put('a', new Uint8Array(9999)))).toBe(0);
    expect(await taken(() => store.head('a'))).toBe(1000);
    expect(await taken(() => readAll(store, 'a', { limit: 10_000 }))).toBe(1000);
    // Of 2500 bytes in parts of 1000.
    expect(await taken(() => store.put('b', pieces(5, 500)))).toBe(3000);
    expect(await taken(() => collect(store.list('', { pageSize: 1 })))).toBe(3000);
    expect(await taken(() => store.delete('a'))).toBe(1000);
  });

  test('is left when it is aborted', async () => {
    const store = limited({ requestsPerSecond: 1 });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(store.head('a', { signal })).rejects.toThrow('enough');
  });
});

test('no limit costs nothing, and a wrong one is refused by its name', async () => {
  const store = new FileStore(root);
  expect(rateLimited(store, {}, { partSize: 1000 })).toBe(store);
  for (const bytesPerSecond of [0, -1, Number.NaN, Infinity]) {
    await expect(openStore(`file://${root}`, { rateLimit: { bytesPerSecond } })).rejects.toThrow(
      `rateLimit.bytesPerSecond ${bytesPerSecond}: must be a number above 0`,
    );
  }
});
