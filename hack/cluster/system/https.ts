import { request } from 'node:https';

/** What a request needs to be trusted, as PEM text. */
export interface Identity {
  ca: string;
  cert?: string;
  key?: string;
}

/** Answer of `requestHttps`. */
export interface Answer {
  status: number;
  body: string;
}

export interface RequestOptions {
  method?: string;
  body?: unknown;
  contentType?: string;
  timeoutMs?: number;
}

/**
 * One HTTPS request on a connection of its own, so that a restarted server is never confused with the old one.
 *
 * @param body is sent as JSON when given (and the method is POST unless said otherwise).
 * @throws the network's error; a status of 400 and more is no error.
 */
export function requestHttps(
  url: string,
  identity: Identity,
  { method, body, contentType = 'application/json', timeoutMs = 5000 }: RequestOptions = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((done, failed) => {
    const sent = request(
      url,
      {
        ...identity,
        agent: false,
        method: method ?? (text === undefined ? 'GET' : 'POST'),
        timeout: timeoutMs,
        headers: { accept: 'application/json', ...(text !== undefined && { 'content-type': contentType }) },
      },
      (response) => {
        let collected = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (collected += part));
        response.on('error', failed);
        response.on('end', () => done({ status: response.statusCode ?? 0, body: collected }));
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${url}: no answer within ${timeoutMs} ms`)));
    sent.on('error', failed);
    sent.end(text);
  });
}
