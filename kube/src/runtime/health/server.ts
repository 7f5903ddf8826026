import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { healthAnswer, type HealthChecks } from './checks.ts';

export interface EndpointOptions {
  port: number;
  /** Address to listen on; default all. */
  host?: string | undefined;
}

/** A small HTTP server that is listening. */
export interface Endpoint {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

type Handler = (url: URL) => Promise<Answer>;

/** Paths of a health server: `/healthz` and `/readyz`, with `?verbose` and `?exclude=NAME`. */
export function healthHandlers(checks: { live: HealthChecks; ready: HealthChecks }): Record<string, Handler> {
  const probe =
    (which: HealthChecks): Handler =>
    async (url) => {
      const results = await which.run(new Set(url.searchParams.getAll('exclude')));
      return { type: 'text/plain; charset=utf-8', ...healthAnswer(results, url.searchParams.has('verbose')) };
    };
  return { '/healthz': probe(checks.live), '/livez': probe(checks.live), '/readyz': probe(checks.ready) };
}

/** `/metrics` in Prometheus' text format. */
export function metricsHandlers(registry: Registry): Record<string, Handler> {
  return {
    '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
  };
}

/** Listens. Rejects when the port can't be had. Port 0: any free one. */
export async function serve(handlers: Record<string, Handler>, { port, host }: EndpointOptions): Promise<Endpoint> {
  const server = createServer((request, response) => void answer(handlers, request, response));
  // Probes and scrapes are short; what dawdles must not hold sockets.
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(handlers: Record<string, Handler>, request: IncomingMessage, response: ServerResponse) {
  const { status, type, body } = await respond(handlers, request);
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(request.method === 'HEAD' ? '' : body);
}

async function respond(handlers: Record<string, Handler>, request: IncomingMessage): Promise<Answer> {
  const type = 'text/plain; charset=utf-8';
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, type, body: 'only GET and HEAD\n' };
  }
  const base = 'http://localhost';
  if (!URL.canParse(request.url ?? '/', base)) return { status: 400, type, body: 'malformed path\n' };
  const url = new URL(request.url ?? '/', base);
  const handler = Object.hasOwn(handlers, url.pathname) ? handlers[url.pathname] : undefined;
  if (handler === undefined) return { status: 404, type, body: `only ${Object.keys(handlers).join(', ')}\n` };
  try {
    return await handler(url);
  } catch {
    return { status: 500, type, body: 'failed\n' };
  }
}
