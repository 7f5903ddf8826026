import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { type Azurite, startAzurite } from '../../../hack/testing/azurite.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { describeObjectStore } from '../testing/contract.ts';
import { type FaultProxy, startFaultProxy } from '../testing/fault-proxy.ts';

let server: Azurite;
let proxy: FaultProxy;
const seed = Number(process.env['OSMO_TEST_SEED'] ?? 1);

beforeAll(async () => {
  server = await startAzurite();
  const key = new StorageSharedKeyCredential(server.account, server.key);
  await new BlobServiceClient(server.endpoint, key).createContainer('faults');
  proxy = await startFaultProxy(server.endpoint, { seed, rate: 0.3, most: 2 });
});

afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
});

const open = (options: OpenOptions = {}): Promise<ObjectStore> =>
  openStore(`azure://${server.account}/faults/under?endpoint=${proxy.endpoint}`, {
    credentials: { accessKeyId: '', secretAccessKey: server.key },
    environment: {},
    partSize: 5 * 1024 * 1024,
    pause: async () => undefined,
    ...options,
  });

describeObjectStore(
  `Azure, while the network and the service fail, seed ${seed}`,
  async () => ({ store: await open(), other: await open(), any: await open({ keys: 'any' }) }),
  async () => undefined,
  { faults: true },
);

test('something did fail', () => {
  expect([...proxy.done.keys()].toSorted()).toEqual(['broken', 'busy', 'cut', 'lost', 'reset', 'slow']);
});
