import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type S3Server, startS3Server } from '../../../hack/testing/s3-server.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { describeObjectStore } from '../testing/contract.ts';
import { type FaultProxy, startFaultProxy } from '../testing/fault-proxy.ts';

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

test('something did fail', () => {
  expect([...proxy.done.keys()].toSorted()).toEqual(['broken', 'busy', 'cut', 'lost', 'reset', 'slow']);
});
