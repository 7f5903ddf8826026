import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FakeClock, recordingLogger, until } from '@osmo/kube/testing';
import { createApp } from './app.ts';
import { operation } from './operation.ts';
import { rateLimit } from './rate-limit.ts';
import { defaultLimits, type ServerLimits } from './server-limits.ts';
import { serveUntil } from './server.ts';

/** As in the program, but for one time that a test can wait for. */
const slowHeaders: ServerLimits = { ...defaultLimits, headersMs: 200, lookMs: 20 };
const slowBodies: ServerLimits = { ...defaultLimits, headersMs: 3000, requestMs: 3000, lookMs: 20 };
const idle: ServerLimits = { ...defaultLimits, idleMs: 100, lookMs: 20 };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function serve(handler: RequestListener, limits: ServerLimits) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const stop = new AbortController();
  const listening = Promise.withResolvers<number>();
  const options = { host: '127.0.0.1', port: 0, drainMs: 0, clock, logger, limits };
  const ended = serveUntil(
    handler,
    { ...options, onListening: (port) => listening.resolve(port) },
    stop.signal,
    () => undefined,
  );
  const port = await listening.promise;
  ends.push(async () => {
    stop.abort();
    await clock.advanceAsync(0);
    await ended;
  });
  return { port, logger };
}

/** A connection that keeps what it was sent. */
async function open(port: number): Promise<{ socket: Socket; closed: Promise<unknown>; received: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => (text += more));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  ends.push(async () => void socket.destroy());
  await Promise.race([once(socket, 'connect'), closed]);
  return { socket, closed, received: () => text };
}

/** Sends letter after letter, never all of them, until the connection is closed. */
function drip(socket: Socket, beginning: string, letter: string): void {
  socket.write(beginning);
  const timer = setInterval(() => socket.write(letter), 10);
  socket.once('close', () => clearInterval(timer));
}

const never: RequestListener = () => {
  throw new Error('the request was never whole');
};

describe('a client is closed that', () => {
  test('sends nothing', async () => {
    const { closed } = await open((await serve(never, slowHeaders)).port);
    await closed;
  });
  test('sends headers letter by letter', async () => {
    const { socket, closed, received } = await open((await serve(never, slowHeaders)).port);
    drip(socket, 'GET / HTTP/1.1\r\nhost: osmo\r\nx-slow: ', 'a');
    await closed;
    expect(received()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });
  test('sends a body letter by letter, which the application waits for', async () => {
    const began = Promise.withResolvers<void>();
    const { port } = await serve((request) => {
      request.on('error', () => undefined).resume();
      began.resolve();
    }, slowBodies);
    const { socket, closed } = await open(port);
    drip(socket, 'POST / HTTP/1.1\r\nhost: osmo\r\ncontent-length: 100000\r\n\r\n', '1');
    await began.promise;
    await closed;
  });
  test('keeps a connection without using it', async () => {
    const { socket, closed, received } = await open((await serve((_, response) => response.end('ok'), idle)).port);
    socket.write('GET / HTTP/1.1\r\nhost: osmo\r\n\r\n');
    await closed;
    expect(received()).toContain('200 OK');
  });
  test('sends more headers than anybody needs', async () => {
    const { socket, closed, received } = await open((await serve(never, defaultLimits)).port);
    socket.write(`GET / HTTP/1.1\r\nhost: osmo\r\nx-large: ${'a'.repeat(40_000)}\r\n\r\n`);
    await closed;
    expect(received()).toContain('431');
  });
  test('comes when as many are connected as may be; those go on, and it is told once', async () => {
    const limits = { ...defaultLimits, connections: 2 };
    const { port, logger } = await serve((_, response) => response.end('ok'), limits);
    const first = [await open(port), await open(port)];
    // Taken, and not only in the queue of the system.
    for (const { socket, received } of first) {
      socket.write('GET / HTTP/1.1\r\nhost: osmo\r\n\r\n');
      await until(received, (text) => text.includes('200 OK'));
    }
    for (let more = 0; more < 3; more++) await (await open(port)).closed;
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(first.map(({ socket }) => socket.destroyed)).toEqual([false, false]);
  });
});

describe('a client that asks and does not read', () => {
  const answer = { description: '' };
  const common = { action: 'workflow:Read', method: 'get', tag: 't', summary: 's', open: true, answer } as const;
  /** More than all buffers on the way take. */
  const large = 64 << 20;

  /** An application with one operation; `told` is whether its answers were complete. */
  async function application(handle: Parameters<typeof operation>[0]['handle'], stalledMs?: number) {
    const logger = recordingLogger();
    const app = createApp({
      operations: [operation({ ...common, id: 'one', path: '/one', handle })],
      identify: () => Promise.reject(new Error('it is open')),
      rateLimit: rateLimit(new FakeClock(), 10, 10),
      maxBodyBytes: 1024,
      ...(stalledMs !== undefined && { stalledMs }),
      logger,
      metrics: { begin: () => () => undefined },
      clock: new FakeClock(),
      closing: new AbortController().signal,
    });
    const { port } = await serve(app, defaultLimits);
    const told = (): unknown[] =>
      logger.lines.filter(({ message }) => message === 'request').map(({ fields }) => fields?.['complete']);
    return { port, told };
  }

  async function ask(port: number): Promise<Socket> {
    const { socket } = await open(port);
    socket.pause();
    socket.write('GET /one HTTP/1.1\r\nhost: osmo\r\n\r\n');
    return socket;
  }

  test('is closed when the answer stands still, which gives its memory back', async () => {
    const { port, told } = await application(() => ({ text: 'a'.repeat(large) }), 200);
    const socket = await ask(port);
    expect(await until(told, ({ length }) => length > 0)).toEqual([false]);
    socket.destroy();
  });

  test('has all of it when it reads after all, and its connection is as good as before', async () => {
    const { port, told } = await application(() => ({ text: 'a'.repeat(1 << 20) }));
    const { socket, received } = await open(port);
    for (const count of [1, 2]) {
      socket.write('GET /one HTTP/1.1\r\nhost: osmo\r\n\r\n');
      await until(received, (text) => text.split('200 OK').length === count + 1 && text.endsWith('a'.repeat(100)));
      await until(told, ({ length }) => length === count);
    }
    expect(told()).toEqual([true, true]);
  });

  test('of a stream has no more made for it than is on its way', async () => {
    // 64 MiB.
    const most = 1000;
    let pieces = 0;
    let given = false;
    const { port, told } = await application(() => ({
      stream: (async function* endless() {
        try {
          for (; pieces < most; pieces++) yield 'a'.repeat(64 << 10);
        } finally {
          given = true;
        }
      })(),
    }));
    const socket = await ask(port);
    // Until the buffers of both sides are full; without bounds, until there is no more.
    let [last, same] = [0, 0];
    await until(
      () => pieces,
      (count) => {
        same = count === last && count > 0 ? same + 1 : 0;
        last = count;
        return same >= 10;
      },
    );
    expect(pieces).toBeLessThan(most);
    socket.destroy();
    await until(
      () => given,
      (over) => over,
    );
    expect(await until(told, ({ length }) => length > 0)).toEqual([false]);
  });
});
