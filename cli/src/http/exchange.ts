/** A request on its way. */
export interface Outgoing {
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
  signal: AbortSignal;
  /** Authorities to trust instead of the public ones, PEM. */
  ca?: string | undefined;
}

/** The beginning of an answer; the body comes as it is read. */
export interface Incoming {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Sends one request over Node's own HTTP client: unlike fetch it has no limit on how long a stream may be silent, and it is there sooner.
 * Redirects are answers as others.
 *
 * @throws the connection's error, with Node's `code`
 */
export async function exchange(address: string, { method, headers, body, signal, ca }: Outgoing): Promise<Incoming> {
  const url = new URL(address);
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body ?? '')) };
    const sent = request(
      url,
      { method, headers: { ...headers, ...(method !== 'GET' && length) }, signal, ...(ca !== undefined && { ca }) },
      (answer) => {
        const first = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat()[0]] as const);
        resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(first), body: answer });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** All of a body as text. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
