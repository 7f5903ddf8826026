import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { openStore } from '../open-store.ts';

/* What a service says that a healthy one hardly ever says; the rest is in the contract, on a real one. */
let server: Server;
let store: ObjectStore;
let asked: IncomingMessage[];
let answer: (response: ServerResponse, count: number) => void;

const refusal = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request);
    request.resume().once('end', () => answer(response, asked.length));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  store = await openStore(`s3://bucket?endpoint=http://127.0.0.1:${port}`, {
    credentials,
    environment: {},
    pause: async () => undefined,
  });
});

afterEach(async () => {
  await store.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

test('a body is sent as it is, with the one checksum that every service knows', async () => {
  answer = (response) => response.writeHead(200, { etag: '"e"' }).end();
  await store.put('a/b', Buffer.from('hello'), { ifAbsent: true });
  const [{ method, url, headers } = {} as IncomingMessage] = asked;
  expect(`${method} ${url?.split('?')[0]}`).toBe('PUT /bucket/a/b');
  expect(headers).toMatchObject({
    'content-md5': createHash('md5').update('hello').digest('base64'),
    'content-length': '5',
    'if-none-match': '*',
  });
  const names = Object.keys(headers).filter((name) => /^x-amz-(trailer|checksum|sdk-checksum|decoded)/.test(name));
  expect(names).toEqual([]);
  expect(headers['content-encoding']).toBeUndefined();
});

test('a conditional write that meets another one is asked again until it is clear who was first', async () => {
  answer = (response, count) => {
    if (count <= 2) response.writeHead(409).end(refusal('ConditionalRequestConflict'));
    else response.writeHead(412).end(refusal('PreconditionFailed'));
  };
  await expect(store.put('a', Buffer.from('x'), { ifAbsent: true })).rejects.toMatchObject({ reason: 'AlreadyExists' });
  expect(asked).toHaveLength(3);
});

test('a write is asked again where the key is a folder for a moment, and refused where it is one for good', async () => {
  const isFolder = (response: ServerResponse) => response.writeHead(409).end(refusal('ExistingObjectIsDirectory'));
  answer = (response, count) => (count === 1 ? isFolder(response) : response.writeHead(200, { etag: '"e"' }).end());
  await store.put('a', Buffer.from('x'));
  expect(asked).toHaveLength(2);
  answer = isFolder;
  await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ reason: 'Unavailable' });
});

const contents = '0123456789';
/** Answers a part as a service does, and breaks after some bytes of it. */
const part = (response: ServerResponse, request: IncomingMessage, bytes: number, etag = '"e"'): void => {
  const offset = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(offset === 0 ? 200 : 206, {
    'content-length': String(contents.length - offset),
    ...(offset > 0 && { 'content-range': `bytes ${offset}-9/10` }),
    etag,
  });
  response.write(contents.slice(offset, offset + bytes), () => {
    if (offset + bytes >= contents.length) response.end();
    else response.destroy();
  });
};
const requestOf = (count: number): IncomingMessage => asked[count - 1] as IncomingMessage;

test('a body that breaks goes on where it broke, of the same version', async () => {
  answer = (response, count) => part(response, requestOf(count), 3);
  expect((await readAll(store, 'a', { limit: 100 })).toString()).toBe(contents);
  expect(asked.map(({ headers }) => [headers.range, headers['if-match']])).toEqual([
    [undefined, undefined],
    ['bytes=3-9', '"e"'],
    ['bytes=6-9', '"e"'],
    ['bytes=9-9', '"e"'],
  ]);
});

test.each([
  ['refuses it', (response: ServerResponse) => void response.writeHead(412).end(refusal('PreconditionFailed'))],
  [
    'does not know the condition',
    (response: ServerResponse, count: number) => part(response, requestOf(count), 10, '"other"'),
  ],
])('a body whose object is replaced does not go on when the service %s', async (_, then) => {
  answer = (response, count) => (count === 1 ? part(response, requestOf(1), 3) : then(response, count));
  await expect(readAll(store, 'a', { limit: 100 })).rejects.toMatchObject({ reason: 'Changed', url: 's3://bucket/a' });
});

test('the whole is not taken for the part that was asked for', async () => {
  answer = (response) => response.writeHead(200, { 'content-length': '10', etag: '"e"' }).end(contents);
  await expect(store.get('a', { range: { offset: 4 } })).rejects.toThrow('from byte 4 and answered with the whole');
});

test('a version that is gone or another is told as changed', async () => {
  answer = (response, count) =>
    response.writeHead(count === 1 ? 404 : 412).end(refusal(count === 1 ? 'NoSuchKey' : 'X'));
  await expect(store.put('a', Buffer.from('x'), { ifMatch: '"e"' })).rejects.toMatchObject({ reason: 'Changed' });
  await expect(store.put('a', Buffer.from('x'), { ifMatch: '"e"' })).rejects.toMatchObject({ reason: 'Changed' });
  expect(asked[1]?.headers['if-match']).toBe('"e"');
});

test('several objects are deleted by one request, with the checksum that every service knows', async () => {
  let body = '';
  server.prependListener('request', (request: IncomingMessage) => {
    request.on('data', (piece: Buffer) => (body += piece.toString()));
  });
  answer = (response) => response.writeHead(200).end('<?xml version="1.0"?><DeleteResult></DeleteResult>');
  await store.deleteMany?.(['a/b', 'c']);
  const [{ method, url, headers } = {} as IncomingMessage] = asked;
  expect(`${method} ${url}`).toMatch(/^POST \/bucket\/?\?delete/);
  expect(body).toContain('<Object><Key>a/b</Key></Object><Object><Key>c</Key></Object>');
  expect(headers['content-md5']).toBe(createHash('md5').update(body).digest('base64'));
  expect(Object.keys(headers).filter((name) => name.includes('checksum'))).toEqual([]);
});

test('an object that could not be deleted among several is told', async () => {
  const error = '<Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error>';
  answer = (response) => response.writeHead(200).end(`<?xml version="1.0"?><DeleteResult>${error}</DeleteResult>`);
  await expect(store.deleteMany?.(['a', 'b'])).rejects.toMatchObject({ reason: 'Denied', url: 's3://bucket/b' });
});

test('a condition that GCS would ignore is refused', async () => {
  const gcs = await openStore('gs://bucket', {
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    environment: {},
  });
  await expect(gcs.put('a', Buffer.from('x'), { ifAbsent: true })).rejects.toMatchObject({ reason: 'Misconfigured' });
  await expect(gcs.put('a', Buffer.from('x'), { ifMatch: '"e"' })).rejects.toThrow('needs another store');
  await gcs.close();
});

const multipart = (etag: string) => (response: ServerResponse, count: number) => {
  const { method = '', url = '' } = requestOf(count);
  if (method === 'HEAD') response.writeHead(200, { etag: `"${etag}"`, 'content-length': '1' }).end();
  else if (url.includes('uploads')) {
    const body = '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';
    response.writeHead(200).end(`<?xml version="1.0"?>${body}`);
  } else if (method === 'PUT') response.writeHead(200, { etag: '"0123456789abcdef0123456789abcdef"' }).end();
  // The first answer is lost, and the second knows of no such upload any more.
  else if (asked.filter((each) => each.method === 'POST').length === 2) response.destroy();
  else if (method === 'POST') response.writeHead(404).end(refusal('NoSuchUpload'));
  else response.writeHead(204).end();
};
async function* large(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(9 * 1024 * 1024);
}
const both = createHash('md5')
  .update(Buffer.from('0123456789abcdef0123456789abcdef'.repeat(2), 'hex'))
  .digest('hex');

test('an upload whose completion was done and not answered is done', async () => {
  answer = multipart(`${both}-2`);
  expect(await store.put('a', large())).toEqual({ size: 9 * 1024 * 1024, etag: `"${both}-2"` });
});

test('an upload that somebody else ended is not done, though there is an object', async () => {
  answer = multipart('fedcba9876543210fedcba9876543210-2');
  await expect(store.put('a', large(), { ifMatch: '"e"' })).rejects.toMatchObject({
    reason: 'Unavailable',
    message: expect.stringContaining('NoSuchUpload'),
  });
});

test('a body that ends too soon again and again is no object', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': '10', etag: '"e"' });
    response.destroy();
  };
  await expect(readAll(store, 'a', { limit: 100 })).rejects.toMatchObject({
    reason: 'Unavailable',
    url: 's3://bucket/a',
  });
});

test.each([
  [403, 'AccessDenied', 'Denied'],
  [404, 'NoSuchBucket', 'Misconfigured'],
  [409, 'ObjectParentIsFile', 'Misconfigured'],
  [400, 'EntityTooLarge', 'Misconfigured'],
])('a refusal with %i %s is told once, as %s', async (status, code, reason) => {
  answer = (response) => response.writeHead(status).end(refusal(code));
  await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ reason });
  await expect(store.put('a', Buffer.from('x'))).rejects.toThrow(`s3://bucket/a: ${code}: no (HTTP ${status})`);
  expect(asked).toHaveLength(2);
});
