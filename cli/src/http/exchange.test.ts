import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { connectionError } from './connection-error.ts';
import { exchange, textOf } from './exchange.ts';

async function serving(answer: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
const { signal } = new AbortController();

describe('over a real connection', () => {
  test('a request arrives whole, and its answer comes back', async () => {
    const answer: RequestListener = (request, response) => {
      void textOf(request).then((body) => {
        response.writeHead(201, { 'x-one': 'a', 'set-cookie': ['b', 'c'] });
        response.end(JSON.stringify([request.method, request.url, request.headers['content-length'], body]));
        return undefined;
      });
    };
    await serving(answer, async (url) => {
      const got = await exchange(`${url}/p?q=ö`, { method: 'POST', headers: { a: 'b' }, body: '"ö"', signal });
      expect([got.status, got.headers['x-one'], got.headers['set-cookie']]).toEqual([201, 'a', 'b']);
      expect(JSON.parse(await textOf(got.body))).toEqual(['POST', '/p?q=%C3%B6', '4', '"ö"']);
      const empty = await exchange(url, { method: 'POST', headers: {}, body: undefined, signal });
      expect(JSON.parse(await textOf(empty.body))).toEqual(['POST', '/', '0', '']);
    });
  });
  test('an answer that is broken off is an error, after what came of it', async () => {
    const answer: RequestListener = (_, response) => {
      response.write('half', () => response.destroy());
    };
    await serving(answer, async (url) => {
      const { body } = await exchange(url, { method: 'GET', headers: {}, body: undefined, signal });
      const error: unknown = await textOf(body).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      expect(connectionError(error)).toMatchObject({ again: 'reads' });
    });
  });
  test.each([
    ['EPROTO', 'write EPROTO 40EDA3D2B67F0000:error:0A00010B:SSL routines\n', /speaks no TLS: is it http:/],
    ['HPE_INVALID_CONSTANT', 'Parse Error: Expected HTTP/', /speaks no HTTP \(Parse Error/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate; if …', /isn't trusted \(self-signed certificate\)/],
  ])('%s is told on one line, and what to do', (code, message, told) => {
    const error = connectionError(Object.assign(new Error(message), { code }));
    expect(error).toEqual({ again: 'never', message: expect.stringMatching(told) });
    expect(error.message).not.toContain('\n');
  });

  test('nobody there is told apart from a connection that broke', async () => {
    const closed: string[] = [];
    await serving(
      (_, response) => response.end(),
      async (url) => void closed.push(url),
    );
    const request = exchange(closed[0] ?? '', { method: 'GET', headers: {}, body: undefined, signal });
    const error: unknown = await request.then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(connectionError(error)).toMatchObject({ again: 'always', message: expect.stringContaining('ECONNREFUSED') });
  });
});
