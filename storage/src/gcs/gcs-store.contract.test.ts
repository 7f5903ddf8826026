import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type GcsServer,
  startGcsServer,
  startTokenServer,
  type TokenServer,
} from '../../../hack/testing/gcs-server.ts';
import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { collect } from '../testing/collect.ts';
import { describeObjectStore } from '../testing/contract.ts';

let server: GcsServer;
let tokens: TokenServer;
const open = (path: string, options: OpenOptions = {}): Promise<ObjectStore> =>
  openStore(`gs://${path}?endpoint=${server.endpoint}`, {
    credentials: { accessKeyId: '', secretAccessKey: tokens.accountKey },
    environment: {},
    partSize: 5 * 1024 * 1024,
    ...options,
  });
const opened = async (path: string) => ({
  store: await open(path),
  other: await open(path),
  any: await open(path, { keys: 'any' }),
});

beforeAll(async () => {
  [server, tokens] = await Promise.all([startGcsServer(), startTokenServer()]);
  await Promise.all(['contract', 'more'].map((name) => server.makeBucket(name)));
}, 30 * 60_000);

afterAll(async () => {
  await server?.stop();
  await tokens?.stop();
});

describeObjectStore(
  'GCS, in a bucket',
  () => opened('contract'),
  async () => undefined,
);

describeObjectStore(
  'GCS, below a prefix',
  () => opened('more/one/two'),
  async () => undefined,
);

describe('a GCS store', () => {
  test('keeps to its prefix', async () => {
    const [inside, outside] = await Promise.all([open('more/inner/x'), open('more')]);
    await inside.put('a/b', Buffer.from('x'));
    await outside.put('inner/xy/a', Buffer.from('y'));
    expect((await collect(inside.list(''))).flatMap(({ objects }) => objects.map(({ key }) => key))).toEqual(['a/b']);
    expect((await readAll(outside, 'inner/x/a/b', { limit: 9 })).toString()).toBe('x');
    expect(inside.url).toBe('gs://more/inner/x');
    await Promise.all([inside.close(), outside.close()]);
  });

  test('asks for one token, and keeps it', async () => {
    const before = tokens.given.length;
    const store = await open('more/tokens');
    await Promise.all(['a', 'b', 'c'].map((key) => store.put(key, Buffer.from(key))));
    expect((await readAll(store, 'b', { limit: 9 })).toString()).toBe('b');
    expect(tokens.given.length).toBe(before + 1);
    await store.close();
  });

  test('says what is wrong with a bucket that is not there', async () => {
    const store = await open('none-of-this');
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({
      name: 'StoreError',
      reason: 'Misconfigured',
    });
    await expect(collect(store.list(''))).rejects.toMatchObject({ name: 'StoreError', reason: 'Misconfigured' });
    await expect(store.put('a', Buffer.from('x'))).rejects.toThrow('gs://none-of-this/a: ');
    await store.close();
  });

  test('says that a key is not taken, without the key', async () => {
    const other = await startTokenServer();
    const wrong = { ...JSON.parse(tokens.accountKey), private_key: JSON.parse(other.accountKey).private_key } as object;
    await other.stop();
    const secretAccessKey = JSON.stringify(wrong);
    const store = await open('more', { credentials: { accessKeyId: 'robot', secretAccessKey } });
    const failure = await store.put('a', Buffer.from('x')).then(
      () => new Error('it worked'),
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({ name: 'StoreError', reason: 'Denied' });
    expect(failure.message).toContain('invalid_grant: Invalid JWT Signature.');
    expect(failure.message).not.toContain('PRIVATE KEY');
    await store.close();
  });
});
