import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundle } from '../../../hack/install/bundle.ts';
import { type S3Server, startS3Server } from '../../../hack/testing/s3-server.ts';
import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { collect } from '../testing/collect.ts';
import { describeObjectStore } from '../testing/contract.ts';

let server: S3Server;
const urlOf = (path: string): string => `s3://${path}?endpoint=${server.endpoint}&region=${server.region}`;
const open = (path: string, options: OpenOptions = {}): Promise<ObjectStore> =>
  openStore(urlOf(path), { credentials: server.credentials, environment: {}, partSize: 5 * 1024 * 1024, ...options });

beforeAll(async () => {
  server = await startS3Server();
  server.makeBucket('contract');
  server.makeBucket('more');
}, 30 * 60_000);

afterAll(async () => {
  await server.stop();
});

describeObjectStore(
  'S3, in a bucket',
  async () => ({
    store: await open('contract'),
    other: await open('contract'),
    any: await open('contract', { keys: 'any' }),
  }),
  async () => undefined,
);

describeObjectStore(
  'S3, below a prefix',
  async () => ({
    store: await open('more/one/two'),
    other: await open('more/one/two'),
    any: await open('more/one/two', { keys: 'any' }),
  }),
  async () => undefined,
);

describe('an S3 store', () => {
  test('keeps to its prefix', async () => {
    const [inside, outside] = await Promise.all([open('more/inner/x'), open('more')]);
    await inside.put('a/b', Buffer.from('x'));
    await outside.put('inner/xy/a', Buffer.from('y'));
    expect((await collect(inside.list(''))).flatMap(({ objects }) => objects.map(({ key }) => key))).toEqual(['a/b']);
    expect((await readAll(outside, 'inner/x/a/b', { limit: 9 })).toString()).toBe('x');
    expect(inside.url).toBe('s3://more/inner/x');
    await Promise.all([inside.close(), outside.close()]);
  });

  test.each([
    ['a bucket that is not there', 'none-of-this', {}, 'Misconfigured'],
    [
      'a wrong secret',
      'more',
      { credentials: { accessKeyId: 'test-access', secretAccessKey: 'wrong-secret-of-mine' } },
      'Denied',
    ],
  ])('says what is wrong with %s, without the secret', async (_, path, options, reason) => {
    const store = await open(path, options);
    const error = await store.put('a', Buffer.from('x')).then(
      () => new Error('it was stored'),
      (failure: unknown) => failure as Error,
    );
    expect(error).toMatchObject({ name: 'StoreError', reason });
    expect(error.message).toContain(`s3://${path}/a: `);
    expect(error.message).not.toContain('secret');
    await store.close();
  });

  test.each(['gs://more', 'tos://tos.example/more', 'swift://swift.example/AUTH_me/more'])(
    '%s is the same bucket by another name',
    async (name) => {
      const options = { credentials: server.credentials, environment: {} };
      const url = `${name}/schemes?endpoint=${server.endpoint}&region=${server.region}&pathStyle=true`;
      const [store, plain] = await Promise.all([openStore(url, options), open('more/schemes')]);
      const key = name.replaceAll(/[^a-z]+/gi, '-');
      await store.put(key, Buffer.from(name), { ifAbsent: true });
      await expect(store.put(key, Buffer.from(name), { ifAbsent: true })).rejects.toThrow(`${name}/schemes/${key}: `);
      expect((await readAll(plain, key, { limit: 99 })).toString()).toBe(name);
      await store.deleteMany?.([key]);
      expect(await plain.head(key)).toBeUndefined();
      await Promise.all([store.close(), plain.close()]);
    },
  );

  test('works in a bundle, with credentials, region and endpoint from the environment', async () => {
    const root = await mkdtemp(join(tmpdir(), 'osmo-bundle-'));
    const program = `
      import { openStore, readAll } from ${JSON.stringify(fileURLToPath(new URL('../index.ts', import.meta.url)))};
      const store = await openStore('s3://more/ambient');
      await store.put('a', Buffer.from('from the environment'));
      process.stdout.write(await readAll(store, 'a', { limit: 99 }));
      await store.close();`;
    await mkdir(join(root, 'program/src'), { recursive: true });
    await writeFile(join(root, 'program/src/main.ts'), program);
    const { directory } = await bundle(root, 'program');
    const { accessKeyId, secretAccessKey } = server.credentials;
    const { stdout } = await promisify(execFile)(process.execPath, [join(directory, 'main.js')], {
      env: {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_REGION: server.region,
        AWS_ENDPOINT_URL: server.endpoint,
      },
    });
    expect(stdout).toBe('from the environment');
    await rm(root, { recursive: true });
  });

  test('is unavailable while nobody answers, and works again after that', async () => {
    const store = await open('more/outage');
    await store.put('a', Buffer.from('x'));
    await server.interrupt();
    try {
      await expect(store.put('b', Buffer.from('y'))).rejects.toMatchObject({ reason: 'Unavailable' });
      await expect(store.put('b', Buffer.from('y'))).rejects.toThrow('ECONNREFUSED');
      await expect(store.head('a')).rejects.toMatchObject({ reason: 'Unavailable' });
    } finally {
      await server.start();
    }
    await store.put('b', Buffer.from('y'), { ifAbsent: true });
    expect((await readAll(store, 'a', { limit: 9 })).toString()).toBe('x');
    await store.close();
  });
});
