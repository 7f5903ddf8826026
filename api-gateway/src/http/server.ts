import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Clock, type Logger, monotonicMs } from '@osmo/kube';
import { defaultLimits, type ServerLimits } from './server-limits.ts';

export interface ServerOptions {
  host: string;
  port: number;
  /** How long new requests are still answered after a stop: until those who send them have heard of it, ms. */
  drainMs: number;
  clock: Clock;
  logger: Logger;
  limits?: ServerLimits;
  /** Serves TLS with what it is given, now and whenever that changes; absent: in the clear. */
  certificates?: Certificates | undefined;
  /** Called once it is listening. */
  onListening?: (port: number) => void;
}

/** Where a server has its certificates from. */
export interface Certificates {
  /** Calls back with the certificate to serve with, PEM, at once if there is one, and with each later one. */
  follow(use: (certificate: { certificate: string; key: string }) => void): void;
}

/**
 * Serves until the signal aborts, then drains: goes on for a while, takes no more connections, lets what is being answered end
 * (`onDrained` ends what has no end of its own), and closes.
 */
export async function serveUntil(
  handler: RequestListener,
  options: ServerOptions,
  signal: AbortSignal,
  onDrained: () => void,
): Promise<void> {
  const { host, port, drainMs, clock, logger, onListening } = options;
  const server = newServer(options, (request, response) => {
    // A connection that is used meanwhile ends with its answer, and not under the next request when all are closed.
    if (signal.aborted) response.setHeader('connection', 'close');
    // One whose answer was promised more requests would be kept open for them.
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    handler(request, response);
  });
  await listening(server, host, port);
  const address = server.address() as AddressInfo;
  logger.info('listening', { address: address.address, port: address.port });
  onListening?.(address.port);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await new Promise<void>((resolve) => {
    clock.setTimeout(drainMs, resolve);
  });
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  onDrained();
  server.closeIdleConnections();
  await closed;
}

function newServer(
  { limits = defaultLimits, certificates, clock, logger }: ServerOptions,
  handler: RequestListener,
): Server {
  const { headerBytes, headers, headersMs, requestMs, idleMs, lookMs, requests, connections } = limits;
  const settings = {
    maxHeaderSize: headerBytes,
    headersTimeout: headersMs,
    // For the whole request, body included; answers may take as long as they like.
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookMs,
    keepAliveTimeout: idleMs,
    noDelay: true,
  };
  const tlsSettings = { ...settings, minVersion: 'TLSv1.2', handshakeTimeout: headersMs } as const;
  const server = certificates === undefined ? createServer(settings, handler) : createTlsServer(tlsSettings, handler);
  server.maxHeadersCount = headers;
  server.maxRequestsPerSocket = requests;
  server.maxConnections = connections;
  let told = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    const now = monotonicMs(clock);
    if (now - told < tellMs) return;
    told = now;
    logger.warn('as many connections are open as may be; others are refused', { connections });
  });
  if ('setSecureContext' in server) {
    // From the next connection on; those that are open go on as they are.
    certificates?.follow(({ certificate, key }) =>
      server.setSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' }),
    );
  }
  return server;
}

/** How often it is told that connections are refused, ms. */
const tellMs = 60_000;

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
