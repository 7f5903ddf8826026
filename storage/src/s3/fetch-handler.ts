import { Readable } from 'node:stream';
import type { S3ClientConfig } from '@aws-sdk/client-s3';

/** Sends a request and gives the whole answer, like the global `fetch`. */
export type StoreFetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string | Uint8Array; signal?: AbortSignal },
) => Promise<Response>;

/** What the SDK hands over; a subset of its HttpRequest. */
interface SdkRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * Lets a client make its requests by a `fetch`: for whoever has to say where requests may go. For requests without a body, or with a
 * short one; the answer is read whole.
 */
export function fetchHandler(fetch: StoreFetch): NonNullable<S3ClientConfig['requestHandler']> {
  return {
    handle: async (request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
      const { method, headers, body } = request;
      // What `fetch` sets itself.
      const { host: _, 'content-length': __, ...sent } = headers;
      const answer = await fetch(urlOf(request), {
        method,
        headers: sent,
        ...((typeof body === 'string' || body instanceof Uint8Array) && body.length > 0 && { body }),
        ...(abortSignal !== undefined && { signal: abortSignal }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      return {
        response: {
          statusCode: answer.status,
          reason: answer.statusText,
          headers: Object.fromEntries(answer.headers),
          body: Readable.from(bytes.length === 0 ? [] : [bytes]),
        },
      };
    },
    destroy: () => undefined,
  };
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) =>
      each === null ? escaped(key) : `${escaped(key)}=${escaped(each)}`,
    ),
  );
  const search = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search}`;
}

/** As the signature has it. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
