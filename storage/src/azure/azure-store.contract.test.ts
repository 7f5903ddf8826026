import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BlobServiceClient, ContainerSASPermissions, StorageSharedKeyCredential } from '@azure/storage-blob';
import { type Azurite, startAzurite } from '../../../hack/testing/azurite.ts';
import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore, type OpenOptions } from '../open-store.ts';
import { collect } from '../testing/collect.ts';
import { describeObjectStore } from '../testing/contract.ts';

let server: Azurite;
let service: BlobServiceClient;
const open = (path: string, secret = server.key, options: OpenOptions = {}): Promise<ObjectStore> =>
  openStore(`azure://${server.account}/${path}?endpoint=${server.endpoint}`, {
    credentials: { accessKeyId: '', secretAccessKey: secret },
    environment: {},
    partSize: 5 * 1024 * 1024,
    ...options,
  });
const opened = async (path: string) => ({
  store: await open(path),
  other: await open(path),
  any: await open(path, server.key, { keys: 'any' }),
});

beforeAll(async () => {
  server = await startAzurite();
  service = new BlobServiceClient(server.endpoint, new StorageSharedKeyCredential(server.account, server.key));
  await Promise.all(['contract', 'more'].map((name) => service.createContainer(name)));
});

afterAll(async () => {
  await server?.stop();
});

describeObjectStore(
  'Azure, in a container',
  () => opened('contract'),
  async () => undefined,
);

describeObjectStore(
  'Azure, below a prefix',
  () => opened('more/one/two'),
  async () => undefined,
);

describe('an Azure store', () => {
  test('keeps to its prefix', async () => {
    const [inside, outside] = await Promise.all([open('more/inner/x'), open('more')]);
    await inside.put('a/b', Buffer.from('x'));
    await outside.put('inner/xy/a', Buffer.from('y'));
    expect((await collect(inside.list(''))).flatMap(({ objects }) => objects.map(({ key }) => key))).toEqual(['a/b']);
    expect((await readAll(outside, 'inner/x/a/b', { limit: 9 })).toString()).toBe('x');
    expect(inside.url).toBe(`azure://${server.account}/more/inner/x`);
  });

  test('is opened by a connection string, and by a signature', async () => {
    const connection = `AccountName=${server.account};AccountKey=${server.key};BlobEndpoint=${server.endpoint}`;
    const credentials = { accessKeyId: '', secretAccessKey: connection };
    const store = await openStore(`azure://${server.account}/more/c`, { credentials, environment: {} });
    await store.put('a', Buffer.from('by a connection string'));
    const signed = await service.getContainerClient('more').generateSasUrl({
      permissions: ContainerSASPermissions.parse('rwdl'),
      expiresOn: new Date(Date.now() + 3_600_000),
    });
    const other = await open('more/c', new URL(signed).search);
    expect((await readAll(other, 'a', { limit: 99 })).toString()).toBe('by a connection string');
  });

  test.each([
    ['a container that is not there', 'none-of-this', undefined, 'Misconfigured'],
    ['a wrong key', 'more', Buffer.from('wrong-secret-of-mine').toString('base64'), 'Denied'],
    ['a wrong signature', 'more', 'sv=2024-11-04&sr=c&sp=rwdl&sig=wrong-secret-of-mine', 'Denied'],
  ])('says what is wrong with %s, without the secret', async (_, path, secret, reason) => {
    const store = await open(path, secret);
    const failures = await Promise.all(
      [store.put('a', Buffer.from('x')), store.get('a'), collect(store.list(''))].map((work) =>
        (work as Promise<unknown>).then(
          () => new Error('it worked'),
          (failure: unknown) => failure as Error,
        ),
      ),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'StoreError', reason });
      expect(failure.message).not.toContain('secret');
      expect(failure.message).not.toContain(secret ?? 'it worked');
    }
    expect(failures[0]?.message).toContain(`azure://${server.account}/${path}/a: `);
  });
});
