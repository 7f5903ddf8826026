import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock, Logger } from '@osmo/kube';
import type { Generation } from '@osmo/kube/certificates';

export interface ServerOptions {
  host: string;
  port: number;
  clock: Clock;
  logger: Logger;
  /** How long requests are still answered after a stop: until the apiserver has heard of it, ms. */
  drainMs: number;
}

/** The HTTPS server of the webhooks. */
export class ReviewServer {
  readonly #server: Server;
  readonly #options: ServerOptions;
  #serving: string | undefined;

  constructor(handler: RequestListener, options: ServerOptions) {
    this.#options = options;
    this.#server = createServer({ minVersion: 'TLSv1.2', maxHeaderSize: 16 << 10 }, handler);
    // Longer than the apiserver keeps an idle connection, so that it never writes into one that is being closed.
    this.#server.keepAliveTimeout = 120_000;
    this.#server.headersTimeout = 5_000;
    this.#server.requestTimeout = 15_000;
    this.#server.maxHeadersCount = 64;
    this.#server.maxConnections = 512;
    // A handshake that fails is the caller's affair: it is told so by the protocol.
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  /** Serves with this certificate from the next connection on; those that are open go on as they are. */
  use({ certificate, key }: Generation): void {
    if (this.#serving === certificate) return;
    this.#server.setSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' });
    this.#serving = certificate;
  }

  /** Why it takes no calls; undefined when it does. */
  problem(): string | undefined {
    return this.#server.listening ? undefined : 'not listening yet';
  }

  /** Listens; @returns the port. */
  async listen(): Promise<number> {
    const { host, port, logger } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address() as AddressInfo;
    logger.info('listening', { address: address.address, port: address.port });
    return address.port;
  }

  /** Goes on for a while, takes no more connections, lets what is being answered end, and closes. */
  async close(): Promise<void> {
    const { clock, drainMs } = this.#options;
    await new Promise<void>((resolve) => {
      clock.setTimeout(drainMs, resolve);
    });
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    await closed;
  }
}
