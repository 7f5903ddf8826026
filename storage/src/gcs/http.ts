import { Agent as PlainAgent, type IncomingHttpHeaders, type IncomingMessage, request as askPlain } from 'node:http';
import { Agent as SecureAgent, request as askSecure } from 'node:https';

/** A request of HTTP. */
export interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: readonly Uint8Array[] | undefined;
  signal?: AbortSignal | undefined;
}

/** Its answer, of whatever status. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Holds a connection until it was read, or its iteration was ended. */
  body: AsyncIterable<Uint8Array>;
}

/** What sends requests, over connections that it keeps. */
export interface Http {
  /** Resolves when the answer's headers are there. @throws Error of the network; `signal`'s AbortError */
  ask(request: Ask): Promise<Answer>;
  close(): void;
}

/** Without a single byte. */
const silenceMs = 60_000;
const maxSockets = 64;
const agentOptions = { keepAlive: true, maxSockets };

/**
 * Node's own client rather than `fetch`, which would unpack what is stored packed (`Content-Encoding`), so that neither sizes nor ranges were
 * those of the stored object.
 */
export function newHttp(): Http {
  const plain = new PlainAgent(agentOptions);
  const secure = new SecureAgent(agentOptions);
  return {
    ask: ({ method, url, headers, body = [], signal }) =>
      new Promise((resolve, reject) => {
        const size = body.reduce((sum, piece) => sum + piece.byteLength, 0);
        const options = {
          method,
          headers: { ...headers, ...((body.length > 0 || method !== 'GET') && { 'content-length': String(size) }) },
          ...(signal !== undefined && { signal }),
        };
        const request = url.startsWith('https:')
          ? askSecure(url, { ...options, agent: secure })
          : askPlain(url, { ...options, agent: plain });
        request.setTimeout(silenceMs, () => {
          request.destroy(new Error(`no byte for ${silenceMs / 1000} s`));
        });
        request.once('error', reject);
        request.once('response', (answer: IncomingMessage) => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
        });
        for (const piece of body) request.write(piece);
        request.end();
      }),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}
