import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { usageFailure } from '../failure.ts';

/** A port of this machine that waits for a browser to come back. */
export interface Callback {
  port: number;
  /** The parameters that the browser brings. @throws Failure when nobody comes in time, Error of the signal */
  answer(waitMs: number): Promise<URLSearchParams>;
  close(): void;
}

/**
 * Listens on the loopback interface for one answer with this state; whatever else comes is turned away, so that no page can end the wait.
 *
 * @param port 0: any free one
 */
export async function listenForCallback(port: number, state: string, signal: AbortSignal): Promise<Callback> {
  const came = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request, response) => {
    const found = parametersOf(request, state);
    reply(response, found === undefined ? 404 : 200);
    if (found !== undefined) came.resolve(found);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(usageFailure(`--callback-port ${port}: can't be used: ${error.message}`)));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async answer(waitMs) {
      const timer = setTimeout(() => came.reject(usageFailure('nobody signed in within 5 minutes; try again')), waitMs);
      const stop = (): void => came.reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      try {
        return await came.promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
    },
    close() {
      server.close();
      server.closeIdleConnections();
      // A browser keeps its connection; the page was sent by then.
      setImmediate(() => server.closeAllConnections());
    },
  };
}

function parametersOf({ method, url = '' }: IncomingMessage, state: string): URLSearchParams | undefined {
  const address = URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost') : undefined;
  if (method !== 'GET' || address?.pathname !== '/') return undefined;
  return address.searchParams.get('state') === state ? address.searchParams : undefined;
}

function reply(response: ServerResponse, status: number): void {
  const text = status === 200 ? 'You can close this window and go on in the terminal.' : 'There is nothing here.';
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`${text}\n`);
}
