import { createServer, type IncomingMessage, request as ask, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request. */
export type Word =
  /** It goes through. */
  | 'pass'
  /** The service never hears of it, and there is no answer. */
  | 'hold'
  /** The service does it, and there is no answer. */
  | 'silence';

/** A proxy before a service that stops requests where a test wants them to stop, so that whoever made them is surely in the middle of something. */
export interface Gate {
  /** Base URL; paths are the service's. */
  readonly endpoint: string;
  /** Requests without an answer, as `PUT /bucket/key`; those that the service was to do have been done. */
  readonly held: readonly string[];
  /** From now on all requests go through. */
  open(): void;
  stop(): Promise<void>;
}

/** Starts it before a service (http, by its base URL). */
export async function startGate(service: string, say: (request: string) => Word): Promise<Gate> {
  const target = new URL(service);
  const held: string[] = [];
  let isOpen = false;
  const server = createServer((request, response) => {
    const name = `${request.method} ${request.url}`;
    const word = isOpen ? 'pass' : say(name);
    if (word === 'hold') {
      held.push(name);
      request.resume();
      return;
    }
    void forward(target, request, response, word).then(
      () => void (word === 'silence' && held.push(name)),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    held,
    open: () => {
      isOpen = true;
    },
    stop: () => stopped(server),
  };
}

async function forward(
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
  word: 'pass' | 'silence',
): Promise<void> {
  const { method, url, headers } = request;
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host: target.hostname, port: target.port, method, path: url, headers, agent: false as const };
    ask(options, resolve).once('error', reject).end(Buffer.concat(pieces));
  });
  const body: Buffer[] = [];
  for await (const piece of answer) body.push(piece as Buffer);
  if (word === 'silence') return;
  response.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(body));
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
