import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type GcsServer,
  startGcsServer,
  startTokenServer,
  type TokenServer,
} from '../../../hack/testing/gcs-server.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { describeObjectStore } from '../testing/contract.ts';
import { type FaultProxy, startFaultProxy } from '../testing/fault-proxy.ts';

let server: GcsServer;
let tokens: TokenServer;
let proxy: FaultProxy;
const seed = Number(process.env['OSMO_TEST_SEED'] ?? 1);

beforeAll(async () => {
  [server, tokens] = await Promise.all([startGcsServer(), startTokenServer()]);
  await server.makeBucket('faults');
  proxy = await startFaultProxy(server.endpoint, { seed, rate: 0.3, most: 2 });
}, 30 * 60_000);

afterAll(async () => {
  await proxy?.stop();
  await server?.stop();
  await tokens?.stop();
});

const open = (options: OpenOptions = {}): Promise<ObjectStore> =>
  openStore(`gs://faults/under?endpoint=${proxy.endpoint}`, {
    credentials: { accessKeyId: '', secretAccessKey: tokens.accountKey },
    environment: {},
    partSize: 5 * 1024 * 1024,
    pause: async () => undefined,
    ...options,
  });

describeObjectStore(
  `GCS, while the network and the service fail, seed ${seed}`,
  async () => ({ store: await open(), other: await open(), any: await open({ keys: 'any' }) }),
  async () => undefined,
  { faults: true },
);

test('something did fail', () => {
  expect([...proxy.done.keys()].toSorted()).toEqual(['broken', 'busy', 'cut', 'lost', 'reset', 'slow']);
});
