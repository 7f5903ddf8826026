import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, Logger } from '@osmo/kube';

export interface ServerOptions {
  host: string;
  port: number;
  /** How long new requests are still answered after a stop: until those who send them have heard of it, ms. */
  drainMs: number;
  clock: Clock;
  logger: Logger;
  /** Called once it is listening. */
  onListening?: (port: number) => void;
}

const headerBytes = 32 << 10;

/**
 * Serves until the signal aborts, then drains: goes on for a while, takes no more connections, lets what is being answered end
 * (`onDrained` ends what has no end of its own), and closes.
 */
export async function serveUntil(
  handler: RequestListener,
  { host, port, drainMs, clock, logger, onListening }: ServerOptions,
  signal: AbortSignal,
  onDrained: () => void,
): Promise<void> {
  const settings = { maxHeaderSize: headerBytes, keepAliveTimeout: 75_000, noDelay: true };
  const server = createServer(settings, (request, response) => {
    // A connection that is used meanwhile ends with its answer, and not under the next request when all are closed.
    if (signal.aborted) response.setHeader('connection', 'close');
    // One whose answer was promised more requests would be kept open for them.
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    handler(request, response);
  });
  server.headersTimeout = 15_000;
  // For the whole request, body included; answers may take as long as they like.
  server.requestTimeout = 60_000;
  server.maxHeadersCount = 100;
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

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
