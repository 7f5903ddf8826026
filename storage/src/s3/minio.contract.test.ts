import { afterAll, beforeAll } from '@jest/globals';
import { type MinioServer, startMinio } from '../../../hack/testing/minio-server.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { describeObjectStore } from '../testing/contract.ts';

/*
 * A second opinion on what S3 is. Only where it is asked for (`OSMO_TEST_MINIO=1`, see jest.config.mjs): building MinIO takes minutes.
 */
let server: MinioServer;
const open = (path: string, options: OpenOptions = {}): Promise<ObjectStore> =>
  openStore(`s3://${path}?endpoint=${server.endpoint}&region=us-east-1`, {
    credentials: server.credentials,
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
  server = await startMinio(['contract', 'more']);
}, 30 * 60_000);

afterAll(async () => {
  await server?.stop();
});

describeObjectStore(
  'MinIO, in a bucket',
  () => opened('contract'),
  async () => undefined,
);

describeObjectStore(
  'MinIO, below a prefix',
  () => opened('more/one/two'),
  async () => undefined,
);
