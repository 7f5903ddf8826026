import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Secret } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { openStore } from '@osmo/storage';
import { openRepository } from '@osmo/storage/repository';
import { type S3Server, startS3Server } from '../../../../hack/testing/s3-server.ts';
import { startGateway, type TestGateway } from '../../testing/gateway.ts';
import { grant } from '../../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let server: S3Server;
let namespace: string;
let other: string;
let folder: string;
const undo: (() => Promise<unknown>)[] = [];
const user = (name: string): string => `${name}-${namespace}`;

const big = randomBytes(9 << 20);
const base = '/api/bucket/sets/dataset/arm';
const file = (path: string, more = ''): string => `${base}/file-content?path=${encodeURIComponent(path)}${more}`;
const get = (path: string, as = 'ada', headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  gateway.send(path, { as: user(as), headers, method });
const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

async function send(method: string, path: string, body?: unknown, as = 'ada'): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return gateway.send(path, {
    method,
    as: user(as),
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const write = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
const ours = ['buckets', 'datasets', 'datasetversions'];
const rule = (resources: string[], verbs: string[], apiGroup = 'osmo.dev') => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});
const content = rule(['datasets/content'], ['get']);

async function keep(name: string, labels: Record<string, string>, fields: Record<string, string> = {}): Promise<void> {
  const { accessKeyId, secretAccessKey } = server.credentials;
  const stringData = { access_key_id: accessKeyId, access_key: secretAccessKey, ...fields };
  const metadata = { name, namespace, labels };
  await admin.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
}

/** Commits a folder to the repository of a bucket, and makes it a version of the dataset. */
async function upload(dataset: string, from: string): Promise<string> {
  const store = await openStore(urlOf('sets'), { credentials: server.credentials, environment: {} });
  const repository = await openRepository(store, { create: true, workers: 0 });
  const { manifest, files, bytes } = await repository.commit({ folder: from });
  await Promise.all([repository.close(), store.close()]);
  const answer = await send('POST', `/api/bucket/sets/dataset/${dataset}?finish=true`, {
    manifest,
    files,
    size: bytes,
  });
  expect(answer.status).toBe(200);
  return manifest;
}
const urlOf = (bucket: string): string => `s3://${bucket}?endpoint=${server.endpoint}&region=${server.region}`;

beforeAll(async () => {
  [admin, server] = await Promise.all([connectToTestCluster(), startS3Server()]);
  for (const bucket of ['sets', 'shut', 'own', 'closed']) server.makeBucket(bucket);
  await installDefinitions(admin, new URL('../../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'content');
  other = await newNamespace(admin, 'content-other');
  const to = (name: string) => ({ kind: 'User', name: user(name) }) as const;
  undo.push(
    await grant(admin, 'ada', to('ada'), [rule(ours, write), content, rule(['secrets'], ['get'], '')], namespace),
    await grant(admin, 'ben', to('ben'), [rule(ours, ['get', 'list']), content], namespace),
    await grant(admin, 'vera', to('vera'), [rule(ours, ['get', 'list'])], namespace),
    // Everything, but elsewhere.
    await grant(admin, 'eve', to('eve'), [rule(ours, write), content, rule(['secrets'], ['get'], '')], other),
  );
  gateway = await startGateway([
    ...[`--default-namespace=${namespace}`, '--requests-per-second=1000', '--request-burst=1000'],
    '--outgoing-allow=127.0.0.0/8',
  ]);
  await keep('data-s3-sets', { 'osmo.dev/credential-type': 'data' });
  await keep('data-s3-own', { 'osmo.dev/credential-type': 'data', 'osmo.dev/credential-owner': 'ab'.repeat(8) });
  await keep('wrong', { 'osmo.dev/credential-type': 'data' }, { access_key: 'another-secret' });
  await until(
    () => send('POST', '/api/bucket/sets', { url: urlOf('sets') }),
    ({ status }) => status === 200 || status === 409,
  );
  for (const name of ['own', 'shut']) await send('POST', `/api/bucket/${name}`, { url: urlOf(name) });
  await send('POST', '/api/bucket/closed', { url: urlOf('closed'), credential: 'wrong' });
  await send('POST', '/api/bucket/inside', {
    url: 's3://xyz?endpoint=http://10.1.2.3:9000&region=a',
    credential: 'wrong',
  });
  folder = await mkdtemp(join(tmpdir(), 'osmo-content-'));
  await mkdir(join(folder, 'many'));
  await writeFile(join(folder, 'readme.txt'), 'hello');
  await writeFile(join(folder, 'page.html'), '<script>alert(document.cookie)</script>');
  await writeFile(join(folder, 'big.bin'), big);
  await writeFile(join(folder, 'empty'), '');
  await symlink('readme.txt', join(folder, 'link'));
  const names = Array.from({ length: 1500 }, (_, at) => `many/${String(at).padStart(4, '0')}`);
  await Promise.all(names.map((name) => writeFile(join(folder, name), name)));
  await upload('arm', folder);
  await writeFile(join(folder, 'readme.txt'), 'hello again');
  await upload('arm', folder);
  for (const [name, path, status] of [
    ['ada', file('readme.txt'), 200],
    ['ben', file('readme.txt'), 200],
    ['vera', `${base}/info`, 200],
  ] as const)
    await until(
      () => get(path, name),
      (answer) => answer.status === status,
    );
});

afterAll(async () => {
  for (const each of undo.toReversed()) await each();
  await gateway?.[Symbol.asyncDispose]();
  await Promise.all([server?.stop(), admin?.close(), rm(folder, { recursive: true, force: true })]);
});

describe('a file', () => {
  test('is read whole, with its tag, by version and path or as the manifest names it', async () => {
    const answer = await get(file('readme.txt'));
    const header = (name: string) => answer.headers.get(name);
    expect([answer.status, header('content-type'), header('content-length'), header('accept-ranges')]).toEqual([
      200,
      'text/plain; charset=utf-8',
      '11',
      'bytes',
    ]);
    expect(await answer.text()).toBe('hello again');
    expect(await (await get(file('readme.txt', '&version=1'))).text()).toBe('hello');
    expect(await (await get(`${base}/file-content?storage_path=1/readme.txt`)).text()).toBe('hello');
    expect((await bytesOf(await get(file('big.bin')))).equals(big)).toBe(true);
    expect(await (await get(file('empty'))).text()).toBe('');
  });

  test('is read in part, and not again where it is known', async () => {
    const part = await get(file('big.bin'), 'ada', { range: 'bytes=3000000-5999999' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 3000000-5999999/${big.length}`]);
    expect((await bytesOf(part)).equals(big.subarray(3_000_000, 6_000_000))).toBe(true);
    const tag = part.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"blake3-[0-9a-f]{64}"$/);
    const last = await get(file('big.bin'), 'ada', { range: 'bytes=-10', 'if-range': tag });
    expect([last.status, (await bytesOf(last)).equals(big.subarray(-10))]).toEqual([206, true]);
    const changed = await get(file('readme.txt'), 'ada', { range: 'bytes=0-0', 'if-range': tag });
    expect([changed.status, await changed.text()]).toEqual([200, 'hello again']);
    const known = await get(file('big.bin'), 'ada', { 'if-none-match': tag });
    expect([known.status, known.headers.get('etag'), await known.text()]).toEqual([304, tag, '']);
    const behind = await get(file('big.bin'), 'ada', { range: `bytes=${big.length}-` });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${big.length}`]);
  });

  test('to HEAD tells size and tag', async () => {
    const head = await get(file('big.bin'), 'ada', { range: 'bytes=0-9' }, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, String(big.length), '']);
    expect(head.headers.get('etag')).toBe(
      (await get(file('big.bin'), 'ada', { range: 'bytes=0-0' })).headers.get('etag'),
    );
  });

  test('is nothing that a browser runs as a page of the gateway', async () => {
    for (const more of ['', '&filename=a.htm', '&filename=a.svg']) {
      // oxlint-disable-next-line no-await-in-loop
      const { headers } = await get(file('page.html', more));
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('content-disposition')).toMatch(/^attachment; /);
      expect(headers.get('content-security-policy')).toContain('sandbox');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    const shown = await get(file('readme.txt', '&filename=page.html%0d%0aset-cookie:a=b'));
    expect([shown.status, shown.headers.get('set-cookie')]).toEqual([200, null]);
  });

  test.each([
    [file('nowhere'), 404, 'is none of its files'],
    [file('many'), 404, 'is none of its files'],
    [file('../secret'), 404, 'is none of its files'],
    [file('link'), 404, 'is a link to \\"readme.txt\\"'],
    [file('readme.txt', '&version=9'), 404, 'no version \\"9\\"'],
    [`${base}/file-content`, 400, 'path: must be given'],
    [`${base}/file-content?storage_path=readme.txt`, 400, 'storage_path: must be the number'],
    [`${base}/file-content?storage_path=1/readme.txt&path=readme.txt`, 400, 'leave out path'],
  ])('%s is refused with %d', async (path, status, why) => {
    const answer = await get(path);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(why)]);
  });

  test('leaves room behind itself, read to its end or not', async () => {
    // More than may be read at once, so that a place that is kept would be missed.
    for (let count = 0; count < 12; count++) {
      const leave = new AbortController();
      // oxlint-disable-next-line no-await-in-loop
      const answer = await until(
        () => gateway.send(file('big.bin'), { as: user('ada'), signal: leave.signal }),
        ({ status }) => status === 200,
      );
      const reader = answer.body?.getReader();
      // oxlint-disable-next-line no-await-in-loop
      await reader?.read();
      leave.abort();
      // oxlint-disable-next-line no-await-in-loop
      await reader?.read().catch(() => undefined);
    }
    for (let count = 0; count < 12; count++) {
      // oxlint-disable-next-line no-await-in-loop
      await until(
        () => get(file(count % 2 === 0 ? 'nowhere' : 'readme.txt')),
        ({ status }) => status === (count % 2 === 0 ? 404 : 200),
      );
    }
  });
});

describe('a manifest', () => {
  interface Entry {
    relative_path: string;
    storage_path: string;
    url: string;
    size: number;
    etag: string;
    kind: string;
    target: string | null;
  }
  const manifest = async (query = ''): Promise<Entry[]> =>
    (await (await get(`${base}/manifest${query}`)).json()) as Entry[];

  test('has every file in the order of paths, whole or page by page', async () => {
    const answer = await get(`${base}/manifest`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    const all = (await answer.json()) as Entry[];
    expect(all).toHaveLength(1505);
    const pages: Entry[] = [];
    for (let after = ''; ; after = pages.at(-1)?.relative_path ?? '') {
      // oxlint-disable-next-line no-await-in-loop
      const page = await manifest(`?limit=400&after=${encodeURIComponent(after)}`);
      pages.push(...page);
      if (page.length < 400) break;
    }
    expect(pages).toEqual(all);
    expect((await manifest('?prefix=many/12')).map(({ relative_path: path }) => path)).toHaveLength(100);
    expect(all.find(({ kind }) => kind === 'link')).toMatchObject({
      relative_path: 'link',
      target: 'readme.txt',
      url: '',
    });
  });

  test('names files as they are read', async () => {
    const [entry] = await manifest('?version=1&prefix=readme');
    expect(entry).toMatchObject({ relative_path: 'readme.txt', storage_path: '1/readme.txt', size: 5 });
    const url = new URL(entry?.url ?? '');
    expect(await (await get(`${url.pathname}${url.search}`)).text()).toBe('hello');
    const { storage_path: stored = '' } = entry ?? {};
    const read = await get(`${base}/file-content?storage_path=${encodeURIComponent(stored)}`);
    expect(read.headers.get('etag')).toBe(`"${entry?.etag.replace(':', '-')}"`);
  });
});

describe('bytes of a dataset', () => {
  const paths = [file('readme.txt'), `${base}/manifest`];

  test.each(['HEAD', 'GET'])(
    'are refused by %s to who has no right to them, in its namespace or another',
    async (method) => {
      for (const path of paths)
        for (const name of ['vera', 'eve', 'nobody']) {
          // oxlint-disable-next-line no-await-in-loop
          expect((await get(path, name, {}, method)).status).toBe(403);
        }
    },
  );

  test('of another namespace are refused, whether they are there or not', async () => {
    for (const dataset of ['arm', 'nothing'])
      for (const what of ['manifest', 'file-content?path=readme.txt']) {
        // oxlint-disable-next-line no-await-in-loop
        const answer = await get(`/api/bucket/${namespace}.sets/dataset/${dataset}/${what}`, 'eve');
        expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('cannot get datasets')]);
      }
  });

  test('come to who may read them, by a key that the gateway was given and they may not get', async () => {
    expect(await (await get(file('readme.txt'), 'ben')).text()).toBe('hello again');
  });

  test.each([
    // The key of one person, which the gateway may read here, but takes for nobody.
    ['own', 'ben', 'neither you nor the gateway may get Secret data-s3-own'],
    ['shut', 'ada', 'there is no Secret data-s3-shut'],
    ['closed', 'ada', 'refuses the key'],
    ['inside', 'ada', "its store can't be called"],
  ])('of bucket %s are refused to %s for want of a key: %s', async (bucket, name, why) => {
    const manifest = `blake3:${'1'.repeat(64)}`;
    const made = await send('POST', `/api/bucket/${bucket}/dataset/x?finish=true`, { manifest, files: 1, size: 1 });
    expect(made.status).toBe(200);
    const answer = await get(`/api/bucket/${bucket}/dataset/x/manifest`, name);
    expect(await answer.json()).toMatchObject({ error_code: 'CREDENTIAL', message: expect.stringContaining(why) });
    expect(answer.status).toBe(400);
  });

  test('of a version that the store does not have are not found', async () => {
    await send('POST', '/api/bucket/sets/dataset/gone?finish=true', {
      manifest: `blake3:${'2'.repeat(64)}`,
      files: 1,
      size: 1,
    });
    expect((await get('/api/bucket/sets/dataset/gone/manifest')).status).toBe(404);
  });
});
