import { type Clock, monotonicMs } from '../runtime/clock.ts';
import type { TimeSaid } from '../runtime/server-clock.ts';
import type { ClusterAccess, Credentials } from './access.ts';
import { isTransportError, KubeError, TransportReason } from './errors.ts';
import { Pools } from './pools.ts';
import { queryString } from './query.ts';
import { defaultRetryPolicy, retryDelay, type RetryPolicy } from './retry.ts';
import { errorFromResponse } from './status.ts';
import { type Attempt, exchange, openStream, TransportError } from './transport.ts';
import type { RawRequest, RawResponse, RawStream } from './types.ts';

/** What a client may count per request: every attempt, with its final status (0 = no answer). */
export interface RequestMetrics {
  requested(method: string, status: number, seconds: number): void;
}

export interface RequesterOptions {
  access: ClusterAccess;
  clock: Clock;
  userAgent: string;
  timeoutMs: number;
  maxConnections: number;
  maxBodyBytes: number;
  retry?: Partial<RetryPolicy> | undefined;
  metrics?: RequestMetrics | undefined;
  /** Told what the server says of its time with each answer. */
  heard?: ((time: TimeSaid) => void) | undefined;
  random: () => number;
}

const idempotentMethods = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

/** Sends requests: credentials, connections, time-outs, retries, errors. Knows nothing about kinds. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #policy: RetryPolicy;
  readonly #pools: Pools;
  readonly #origin: string;
  readonly #prefix: string;

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.#policy = { ...defaultRetryPolicy, ...options.retry };
    this.#pools = new Pools(options.access, options.maxConnections);
    const url = new URL(options.access.server);
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, '');
  }

  /** Any answer below 400; everything else is thrown as a KubeError, after the retries that are safe. */
  async request(method: string, path: string, request: RawRequest = {}): Promise<RawResponse> {
    const attempt = this.#attempt(method, path, request);
    const { clock, maxBodyBytes } = this.#options;
    const idempotent = request.idempotent ?? idempotentMethods.has(method);
    let renewed = false;
    for (let attempts = 1; ; attempts++) {
      const answer = await this.#once(attempt, (credentials, sent) =>
        exchange(this.#pools.for(credentials).requests, sent, { clock, origin: this.#origin, maxBodyBytes }),
      );
      if (!(answer instanceof Error)) return answer;
      if (answer.status === 401 && !renewed) {
        renewed = true;
        this.#options.access.renew();
        continue;
      }
      const delay = retryDelay(
        {
          attempts,
          status: answer.status,
          retryAfterSeconds: answer.retryAfterSeconds,
          notSent: answer instanceof TransportError && answer.notSent,
          idempotent,
        },
        this.#policy,
        this.#options.random(),
      );
      if (delay === undefined) throw answer;
      await wait(clock, delay, request.signal);
    }
  }

  /** Opens a body without end; only a 401 is tried again, once, with new credentials. */
  async stream(method: string, path: string, request: RawRequest = {}, idleMs?: number): Promise<RawStream> {
    const attempt = this.#attempt(method, path, request);
    const { clock } = this.#options;
    for (let renewed = false; ; renewed = true) {
      const answer = await this.#once(attempt, async (credentials, sent) => {
        const connection = this.#pools.for(credentials).streams;
        const stream = await openStream(connection, sent, { clock, origin: this.#origin, idleMs });
        return stream.status < 400 ? stream : { ...stream, body: await readAll(stream.body, 1 << 16) };
      });
      if (!(answer instanceof Error)) return answer as RawStream;
      if (answer.status !== 401 || renewed) throw answer;
      this.#options.access.renew();
    }
  }

  close(): Promise<void> {
    return this.#pools.destroy();
  }

  #attempt(method: string, path: string, request: RawRequest): Attempt {
    const { body } = request;
    const encoded =
      body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const headers: Attempt['headers'] = {
      accept: 'application/json',
      'user-agent': this.#options.userAgent,
      ...(encoded !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
      ...request.headers,
    };
    return {
      method,
      path: `${this.#prefix}${path}${queryString(request.query)}`,
      headers,
      body: encoded,
      signal: request.signal,
      timeoutMs: request.timeoutMs ?? this.#options.timeoutMs,
    };
  }

  /** One attempt with current credentials: the answer, or the error that it or its absence means. */
  async #once<A extends { status: number; headers: RawResponse['headers']; body: unknown }>(
    attempt: Attempt,
    send: (credentials: Credentials, attempt: Attempt) => Promise<A>,
  ): Promise<A | KubeError> {
    const { access, clock, metrics, heard } = this.#options;
    attempt.signal?.throwIfAborted();
    const credentials = await access.credentials();
    refuseTwoNames(attempt, credentials);
    const sentMs = monotonicMs(clock);
    let answer: A | KubeError;
    try {
      answer = await send(credentials, { ...attempt, headers: { ...attempt.headers, ...credentials.headers } });
    } catch (error) {
      if (attempt.signal?.aborted || !isTransportError(error)) throw error;
      answer = error as KubeError;
    }
    const receivedMs = monotonicMs(clock);
    metrics?.requested(attempt.method, answer.status, (receivedMs - sentMs) / 1000);
    if (answer instanceof Error) return answer;
    const { date } = answer.headers;
    // What refuses may be something in between.
    if (answer.status < 400 && typeof date === 'string') heard?.({ date, sentMs, receivedMs });
    if (answer.status < 400) return answer;
    const path = attempt.path.split('?', 1)[0] ?? '';
    const { status, headers } = answer;
    const body = answer.body as Uint8Array;
    return errorFromResponse({ status, headers, body }, { method: attempt.method, path, now: clock.now() });
  }
}

/** Credentials that borrow a name themselves would win over the name that a request asks for. */
function refuseTwoNames(attempt: Attempt, credentials: Credentials): void {
  if (attempt.headers['impersonate-user'] === undefined) return;
  if (!Object.keys(credentials.headers).some((name) => name.toLowerCase().startsWith('impersonate-'))) return;
  const message = 'the credentials impersonate a user themselves, so that they cannot act for others';
  throw new KubeError({ status: 0, reason: TransportReason.credentials, message });
}

/** The first `maxBytes` of a body; the rest is not waited for. */
async function readAll(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks);
}

/** Resolves after `ms`; rejects with `signal.reason` when aborted before. */
export function wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const cancel = clock.setTimeout(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
