import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, request as ask, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with one request. */
export type Fault =
  /** The connection ends before the service hears of it. */
  | 'reset'
  /** The service does it, and its answer never comes. */
  | 'lost'
  /** 503, as services say that they have too much to do. */
  | 'busy'
  /** 500 */
  | 'broken'
  /** The answer's body ends in the middle. */
  | 'cut'
  /** The answer's body comes in drops. */
  | 'slow';

export interface FaultProxy {
  /** Base URL; paths are the service's. */
  readonly endpoint: string;
  /** How often each fault was done. */
  readonly done: ReadonlyMap<Fault, number>;
  stop(): Promise<void>;
}

export interface FaultOptions {
  /** Same seed, same faults for the same requests, in whatever order they come. */
  seed: number;
  /** Share of requests that something goes wrong with, until there were `most` faults at one address. */
  rate: number;
  /** Faults of one method at one address, at most: fewer than a client's attempts, so that every request works at last. */
  most: number;
}

const faults: readonly Fault[] = ['reset', 'lost', 'busy', 'broken', 'cut', 'slow'];
const busy = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>';
const broken = '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>We had a problem.</Message></Error>';
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** Starts a proxy before a service (http, by its base URL) that does to some requests what networks and services do. */
export async function startFaultProxy(service: string, options: FaultOptions): Promise<FaultProxy> {
  const target = new URL(service);
  const done = new Map<Fault, number>();
  const counts = new Map<string, { seen: number; faults: number }>();
  const server = createServer((request, response) => {
    const fault = faultOf(request, counts, options);
    if (fault !== undefined) done.set(fault, (done.get(fault) ?? 0) + 1);
    void serve(target, request, response, fault);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const path = target.pathname === '/' ? '' : target.pathname;
  return { endpoint: `http://127.0.0.1:${port}${path}`, done, stop: () => stopped(server) };
}

function faultOf(
  { method = '', url = '', headers }: IncomingMessage,
  counts: Map<string, { seen: number; faults: number }>,
  { seed, rate, most }: FaultOptions,
): Fault | undefined {
  // Without the names that clients and services make up for each upload, so that every run has the same faults.
  const address = `${method} ${url.replace(/(uploadId|blockid)=[^&]*/g, '$1')}`;
  // GCS's upload of parts goes on where the service says that it is, which the server of our tests doesn't say.
  if (url.includes('upload_id=')) return undefined;
  const count = counts.get(address) ?? { seen: 0, faults: 0 };
  counts.set(address, count);
  count.seen += 1;
  if (count.faults >= most) return undefined;
  const digest = createHash('sha256').update(`${seed} ${address} ${count.seen}`).digest();
  if (digest.readUInt32BE(0) / 2 ** 32 >= rate) return undefined;
  const fault = faults[digest.readUInt32BE(4) % faults.length] ?? 'reset';
  // Whether a conditional write succeeded nobody can tell when its answer is lost: every store leaves that to the caller.
  const isConditional =
    method !== 'GET' &&
    ((headers['if-none-match'] ?? headers['if-match']) !== undefined || url.includes('ifGenerationMatch='));
  if (isConditional && (fault === 'lost' || fault === 'cut')) return undefined;
  count.faults += 1;
  return fault;
}

async function serve(
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  try {
    if (fault === 'reset') {
      response.destroy();
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    if (fault === 'busy' || fault === 'broken') {
      const body = fault === 'busy' ? busy : broken;
      response.writeHead(fault === 'busy' ? 503 : 500, { 'content-type': 'application/xml' });
      response.end(request.method === 'HEAD' ? '' : body);
      return;
    }
    const { answer, body } = await forward(target, request, Buffer.concat(pieces));
    if (fault === 'lost') {
      response.destroy();
      return;
    }
    const headers = Object.entries(answer.headers).filter(([name]) => !hopByHop.has(name));
    // Of a HEAD it isn't the length of what follows.
    const length = request.method === 'HEAD' ? answer.headers['content-length'] : String(body.byteLength);
    response.writeHead(answer.statusCode ?? 502, {
      ...Object.fromEntries(headers),
      ...(length !== undefined &&
        answer.statusCode !== 204 &&
        answer.statusCode !== 304 && { 'content-length': length }),
    });
    await deliver(response, body, fault);
  } catch {
    // The client left, or the service did.
    response.destroy();
  }
}

async function forward(
  target: URL,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<{ answer: IncomingMessage; body: Buffer }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host: target.hostname, port: target.port, method, path: url, headers, agent: false as const };
    ask(options, resolve).once('error', reject).end(body);
  });
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  return { answer, body: Buffer.concat(pieces) };
}

async function deliver(response: ServerResponse, body: Buffer, fault: Fault | undefined): Promise<void> {
  if (fault === 'cut' && body.byteLength > 0) {
    await new Promise((resolve) => {
      response.write(body.subarray(0, Math.floor(body.byteLength / 2)), resolve);
    });
    response.destroy();
    return;
  }
  if (fault === 'slow') {
    // A hundred pieces at most, each on its way before the next one.
    const size = Math.max(1, Math.ceil(body.byteLength / 100));
    for (let at = 0; at < body.byteLength; at += size) {
      const piece = body.subarray(at, at + size);
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => {
        response.write(piece, resolve);
      });
      if (response.destroyed) return;
    }
  }
  response.end(fault === 'slow' ? undefined : body);
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
