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
  store = await openStore(`s3://bucket?endpoint=http://127.0.0.1:${port}`, { credentials, environment: {} });
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

test('a body that ends too soon is no object', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': '10', etag: '"e"' });
    response.write('only', () => response.destroy());
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
