import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../runtime/clock.ts';
import { FakeClock } from '../runtime/testing/fake-clock.ts';
import { fixedAccess } from './access.ts';
import { TransportReason } from './errors.ts';
import { attachToPod, execInPod, exitCode, forwardPort, type PodStreamContext } from './pod-streams.ts';

const pod = { name: 'p', namespace: 'ns' };
const message = (channel: number, data: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from([channel]), Buffer.from(data)]);
const done = (status: object): Buffer => message(3, JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...status }));
const failed = (code: string): object => ({
  status: 'Failure',
  reason: 'NonZeroExitCode',
  message: `command terminated with exit code ${code}`,
  details: { causes: [{ reason: 'ExitCode', message: code }] },
});

let server: Server;
let sockets: WebSocketServer;
let serve: (socket: WebSocket, request: IncomingMessage) => void;
let context: PodStreamContext;
const asked: string[] = [];

beforeEach(async () => {
  asked.length = 0;
  server = createServer((_, response) => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      code: 403,
      reason: 'Forbidden',
      message: 'pods "p" is forbidden',
    };
    response.writeHead(403).end(JSON.stringify(status));
  });
  sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  server.on('upgrade', (request, socket, head) => {
    asked.push(request.url ?? '');
    sockets.handleUpgrade(request, socket, head, (ws) => serve(ws, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  context = { access: fixedAccess(url, { headers: { authorization: 'Bearer t' } }), clock: systemClock };
});
afterEach(() => {
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  return new Promise<unknown>((resolve) => server.close(resolve));
});

describe('a process', () => {
  test('is asked for word by word, and its outputs and exit code come back', async () => {
    serve = (socket, request) => {
      expect(request.headers.authorization).toBe('Bearer t');
      socket.send(message(1, 'out '));
      socket.send(message(2, 'err'));
      socket.send(message(1, 'more'));
      socket.send(done(failed('3')));
      socket.close(1000);
    };
    const process = await execInPod(pod, { command: ['sh', '-c', 'a & b'], container: 'c' }, context);
    expect(await Promise.all([text(process.stdout), text(process.stderr), process.exit])).toEqual([
      'out more',
      'err',
      3,
    ]);
    expect(asked).toEqual([
      '/api/v1/namespaces/ns/pods/p/exec?container=c&stdin=false&stdout=true&stderr=true&tty=false&command=sh&command=-c&command=a%20%26%20b',
    ]);
  });

  test('reads what is written to it, to the end', async () => {
    serve = (socket) => {
      let input = '';
      socket.on('message', (data: Buffer) => {
        if (data[0] === 0) input += data.subarray(1).toString();
        if (data[0] !== 255) return;
        expect([...data]).toEqual([255, 0]);
        socket.send(message(1, input.toUpperCase()));
        socket.send(done({ status: 'Success' }));
        socket.close(1000);
      });
    };
    const process = await execInPod(pod, { command: ['cat'], stdin: true }, context);
    process.stderr.resume();
    process.stdin?.write('hello ');
    process.stdin?.end('world');
    expect(await text(process.stdout)).toBe('HELLO WORLD');
    expect(await process.exit).toBe(0);
  });

  test('that writes more than is read is held up, and nothing is lost', async () => {
    const block = Buffer.alloc(64 << 10, 'x');
    let sent = 0;
    serve = (socket) => {
      for (let i = 0; i < 64; i++) socket.send(message(1, block), () => sent++);
      socket.send(done({ status: 'Success' }));
      socket.close(1000);
    };
    const process = await attachToPod(pod, {}, context);
    process.stderr.resume();
    await new Promise((resolve) => process.stdout.once('readable', resolve));
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    expect(process.stdout.readableLength).toBeLessThan(8 * block.length);
    expect((await buffer(process.stdout)).length).toBe(64 * block.length);
    expect(await process.exit).toBe(0);
    expect(sent).toBe(64);
  });

  test('that could not be started is an error', async () => {
    serve = (socket) => {
      socket.send(done({ status: 'Failure', reason: 'InternalError', code: 500, message: 'no such program' }));
      socket.close(1000);
    };
    const process = await execInPod(pod, { command: ['x'] }, context);
    await expect(process.exit).rejects.toMatchObject({ status: 500, message: 'no such program' });
  });

  test('whose connection breaks is an error, of its outputs too', async () => {
    serve = (socket) => {
      socket.send(message(1, 'part'));
      setImmediate(() => socket.terminate());
    };
    const process = await execInPod(pod, { command: ['x'] }, context);
    process.stderr.on('error', () => undefined).resume();
    await expect(text(process.stdout)).rejects.toMatchObject({ reason: TransportReason.connection });
    await expect(process.exit).rejects.toMatchObject({ reason: TransportReason.connection });
  });

  test('may have a terminal that changes its size', async () => {
    const resized = new Promise<string>((resolve) => {
      serve = (socket) => socket.on('message', (data: Buffer) => resolve(data.toString()));
    });
    const process = await attachToPod(pod, { tty: true, stdin: true }, context);
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined).resume();
    process.resize(80, 24);
    expect(await resized).toBe('\u0004{"Width":80,"Height":24}');
    expect(asked[0]).toContain('stderr=false&tty=true');
    process.close();
  });
});

test('a refusal is the error that the server says', async () => {
  server.removeAllListeners('upgrade');
  const error: unknown = await execInPod(pod, { command: ['x'] }, context).catch((e: unknown) => e);
  expect(error).toMatchObject({ status: 403, reason: 'Forbidden', message: 'pods "p" is forbidden' });
});

test('an abort while it opens ends the wait with its reason', async () => {
  server.removeAllListeners('upgrade');
  server.on('upgrade', () => undefined);
  const controller = new AbortController();
  const opening = execInPod(pod, { command: ['x'] }, { ...context, signal: controller.signal });
  const reason = new Error('enough');
  setImmediate(() => controller.abort(reason));
  await expect(opening).rejects.toBe(reason);
});

test('a peer that answers no ping is given up', async () => {
  const clock = new FakeClock();
  serve = (socket) => socket.pause();
  const process = await execInPod(pod, { command: ['x'] }, { ...context, clock, heartbeatMs: 1_000 });
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined).resume();
  clock.advance(1_000);
  clock.advance(1_000);
  await expect(process.exit).rejects.toMatchObject({ reason: TransportReason.connection });
});

describe('a forwarded port', () => {
  const port = Buffer.from([80, 0]);

  test('carries bytes both ways', async () => {
    serve = (socket) => {
      socket.send(message(0, port));
      socket.send(message(1, port));
      socket.on('message', (data: Buffer) => socket.send(message(0, data.subarray(1).toString().toUpperCase())));
    };
    const stream = await forwardPort(pod, 80, context);
    stream.write('ping');
    const [answer] = (await new Promise((resolve) => stream.once('data', (data) => resolve([data])))) as [Buffer];
    expect(answer.toString()).toBe('PING');
    expect(asked).toEqual(['/api/v1/namespaces/ns/pods/p/portforward?ports=80']);
    stream.destroy();
  });

  test('where nobody listens is an error', async () => {
    serve = (socket) => {
      socket.send(message(0, port));
      socket.send(message(1, port));
      socket.send(message(1, 'connection refused'));
    };
    const stream = await forwardPort(pod, 80, context);
    const error: unknown = await new Promise((resolve) => stream.once('error', resolve));
    expect(error).toMatchObject({ message: 'port 80: connection refused' });
  });
});

test('exit codes', () => {
  expect(exitCode({ kind: 'Status', apiVersion: 'v1', status: 'Success' })).toBe(0);
  expect(exitCode({ kind: 'Status', apiVersion: 'v1', ...failed('137') })).toBe(137);
});
