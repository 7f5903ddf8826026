import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeClock, recordingLogger, until } from '@osmo/kube/testing';
import { anonymous } from '../identity/identity.ts';
import { createApp } from './app.ts';
import { type Operation, operation } from './operation.ts';

let server: Server;
let clock: FakeClock;
let url: string;
let left: number;
let begun: number;

const get = (path: string, handle: Operation['handle']): Operation =>
  operation({
    id: path,
    action: 'dataset:Read',
    method: 'get',
    path,
    tag: 't',
    summary: 's',
    answer: { description: '' },
    open: true,
    handle,
  });
const headers = { 'content-length': '4', etag: '"a"' };

beforeEach(async () => {
  clock = new FakeClock();
  left = 0;
  begun = 0;
  const app = createApp({
    operations: [
      get('/part', () => ({
        stream: (async function* pieces() {
          begun++;
          yield 'part';
        })(),
        status: 206,
        type: 'image/png',
        headers,
      })),
      get('/gone', () => ({
        stream: {
          [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('the store is away')) }),
        },
        status: 206,
        headers,
      })),
      get('/endless', () => ({
        stream: (async function* pieces() {
          try {
            for (;;) yield Buffer.alloc(1 << 20);
          } finally {
            left++;
          }
        })(),
        stallMs: 60_000,
      })),
    ],
    identify: () => Promise.resolve(anonymous),
    rateLimit: { take: () => undefined },
    maxBodyBytes: 1000,
    logger: recordingLogger(),
    metrics: { begin: () => () => undefined },
    clock,
    closing: new AbortController().signal,
  });
  server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

test('a stream has the status, type and headers of its answer, and to HEAD these alone', async () => {
  const answer = await fetch(`${url}/part`);
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('etag')]).toEqual([
    206,
    'image/png',
    '"a"',
  ]);
  expect(await answer.text()).toBe('part');
  const head = await fetch(`${url}/part`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), await head.text(), begun]).toEqual([206, '4', '', 1]);
});

test('what fails before the first piece is an ordinary error, without the headers of what was to come', async () => {
  const answer = await fetch(`${url}/gone`);
  expect([answer.status, answer.headers.get('etag')]).toEqual([500, null]);
  expect(await answer.json()).toMatchObject({ error_code: 'SERVER' });
});

test('a reader that takes nothing is left when its time is over', async () => {
  const sent = request(`${url}/endless`, (answer) => {
    answer.once('error', () => undefined);
    answer.pause();
  });
  sent.once('error', () => undefined);
  sent.end();
  // Until everything between writer and reader is full the writer's waits end by themselves, and time matters to none.
  await until(
    () => {
      clock.advance(60_000);
      return left;
    },
    (count) => count === 1,
  );
  sent.destroy();
});
