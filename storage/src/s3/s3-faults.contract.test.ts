import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type S3Server, startS3Server } from '../../../hack/testing/s3-server.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { describeObjectStore } from '../testing/contract.ts';
import { type FaultProxy, startFaultProxy } from '../testing/fault-proxy.ts';
import { downloadTree, uploadTree } from '../transfer/index.ts';

let server: S3Server;
let proxy: FaultProxy;
const seed = Number(process.env['OSMO_TEST_SEED'] ?? 1);

beforeAll(async () => {
  server = await startS3Server();
  server.makeBucket('faults');
  proxy = await startFaultProxy(server.endpoint, { seed, rate: 0.3, most: 2 });
}, 30 * 60_000);

afterAll(async () => {
  await proxy?.stop();
  await server.stop();
});

const open = (options: OpenOptions = {}): Promise<ObjectStore> =>
  openStore(`s3://faults/under?endpoint=${proxy.endpoint}&region=${server.region}`, {
    credentials: server.credentials,
    environment: {},
    partSize: 5 * 1024 * 1024,
    pause: async () => undefined,
    ...options,
  });

describeObjectStore(
  `S3, while the network and the service fail, seed ${seed}`,
  async () => ({ store: await open(), other: await open(), any: await open({ keys: 'any' }) }),
  async () => undefined,
  { faults: true },
);

test('a tree of files goes up and comes down the same', async () => {
  const root = await mkdtemp(join(tmpdir(), 'osmo-faults-'));
  const files = new Map(Array.from({ length: 60 }, (_, index) => [`d${index % 7}/ä ${index}.bin`, index * 4321]));
  files.set('large', 12 * 1024 * 1024 + 1);
  const contents = (name: string, size: number): Buffer => {
    const key = createHash('md5').update(name).digest();
    return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
  };
  await Promise.all(
    [...files].map(async ([name, size]) => {
      await mkdir(dirname(join(root, 'in', name)), { recursive: true });
      await writeFile(join(root, 'in', name), contents(name, size));
    }),
  );
  const store = await open({ keys: 'any' });
  try {
    const pause = async (): Promise<void> => undefined;
    const up = await uploadTree(store, 'tree/of files', [{ path: join(root, 'in') }], { pause });
    expect(up.files).toBe(files.size);
    expect(await downloadTree(store, 'tree/of files', join(root, 'out'), { pause })).toEqual(up);
    await Promise.all(
      [...files].map(async ([name, size]) => {
        const got = await readFile(join(root, 'out', name));
        expect([name, got.equals(contents(name, size))]).toEqual([name, true]);
      }),
    );
  } finally {
    await store.close();
    await rm(root, { recursive: true });
  }
});

test('something did fail', () => {
  expect([...proxy.done.keys()].toSorted()).toEqual(['broken', 'busy', 'cut', 'lost', 'reset', 'slow']);
});
