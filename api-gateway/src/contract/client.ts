import { request } from 'node:http';

/** A request as upstream's own client sends it. */
export interface ClientRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Path and query as they go over the wire. */
  path: string;
  /** JSON; absent: the client still says that it sends JSON. */
  body?: unknown;
  /** Absent: a request without any identity. */
  user?: string | undefined;
  /** Headers on top; undefined takes one away. */
  headers?: Readonly<Record<string, string | undefined>>;
}

export interface ClientAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** Headers of client 6.4.0 with every request: it names JSON also where it sends nothing. */
const always = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate',
  connection: 'keep-alive',
  'content-type': 'application/json',
  'user-agent': 'osmo-cli/6.4.0',
  'x-osmo-client-version': '6.4.0',
};

/** Sends a request to the last byte as given: neither path nor headers are put in order first, as `fetch` would do. */
export function send(base: string, { method, path, body, user, headers = {} }: ClientRequest): Promise<ClientAnswer> {
  const { hostname, port } = new URL(base);
  const bytes = body === undefined ? '' : JSON.stringify(body);
  const own: Record<string, string | undefined> = {
    ...always,
    ...(user !== undefined && { 'x-osmo-user': user }),
    ...(method !== 'GET' && method !== 'HEAD' && { 'content-length': String(Buffer.byteLength(bytes)) }),
    ...headers,
  };
  const named = Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: named, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject);
      response.once('end', () => {
        const { statusCode: status = 0 } = response;
        resolve({ status, headers: response.headers, text: Buffer.concat(pieces).toString('utf8') });
      });
    });
    sent.once('error', reject);
    sent.end(bytes);
  });
}
