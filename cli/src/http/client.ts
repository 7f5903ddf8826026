import { ExitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../host.ts';
import { upstreamVersion, version } from '../version.ts';
import { failureOf } from './answer-error.ts';
import { connectionError } from './connection-error.ts';
import { type Incoming, textOf } from './exchange.ts';
import { type QueryValue, queryOf } from './query.ts';

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with `/api/`; values of users in it are encoded by `segment`. */
  path: string;
  query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** It submits or restarts a workflow, for the words of a refusal. */
  submission?: boolean;
  /** Whether a connection that didn't come about is tried again; true when not given. */
  retry?: boolean;
}

export interface ClientOptions {
  host: Pick<Host, 'exchange' | 'sleep' | 'signal' | 'err'>;
  /** Address of the gateway, perhaps with a path, without a slash at its end. */
  url: string;
  /** Headers that say who is calling; asked for each request, since tokens end. */
  identity: () => Promise<Readonly<Record<string, string>>>;
}

/** How long an answer may take that is no stream, ms; upstream's. */
const answerMs = 60_000;
/** How often a connection is tried again; upstream's. */
const mostRetries = 5;
/** Longest that one `Retry-After` is obeyed, s; beyond it the command ends with 75. */
const longestPause = 30;

/** A value of a user as one segment of a path. */
export const segment = (value: string): string => encodeURIComponent(value);

/**
 * The REST gateway. Requests are repeated when no connection came about, when one of them that changes nothing was broken off, and when the
 * gateway asks to come back later; everything else is a `Failure` with upstream's exit code.
 */
export class GatewayClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  /** The JSON that a request is answered with. */
  async json<T>(request: Request): Promise<T> {
    const text = await this.text(request);
    try {
      return JSON.parse(text) as T;
    } catch {
      const start = text.trim().slice(0, 200);
      const what = start === '' ? 'an empty answer' : `no JSON: ${start}`;
      throw new Failure(ExitCodes.server, `${this.#name(request)}: the server sent ${what}`);
    }
  }

  /** The text that a request is answered with. */
  async text(request: Request): Promise<string> {
    const timeout = AbortSignal.timeout(answerMs);
    const { body } = await this.#send(request, timeout);
    return this.#read(request, body, timeout);
  }

  /** The text of an answer piece by piece, as it comes. It may be silent for as long as it likes, before it begins too. */
  async *stream(request: Request): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    for await (const chunk of this.bytes(request)) {
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') yield text;
    }
    const rest = decoder.decode();
    if (rest !== '') yield rest;
  }

  /** The bytes of an answer, as they come; as of `stream`. */
  async *bytes(request: Request): AsyncGenerator<Uint8Array> {
    const { body } = await this.#send(request, undefined);
    try {
      yield* body;
    } catch (error) {
      throw this.#lost(request, error, undefined);
    }
  }

  #name({ method = 'GET', path }: Request): string {
    return `${method} ${this.#options.url}${path}`;
  }

  async #read(request: Request, body: Incoming['body'], timeout: AbortSignal | undefined): Promise<string> {
    try {
      return await textOf(body);
    } catch (error) {
      throw this.#lost(request, error, timeout);
    }
  }

  async #send(request: Request, timeout: AbortSignal | undefined): Promise<Incoming> {
    const { host, url, identity } = this.#options;
    const { method = 'GET', path, query = {}, retry = true, submission } = request;
    const search = queryOf(query);
    const address = `${url}${path}${search && `?${search}`}`;
    const signal = timeout === undefined ? host.signal : AbortSignal.any([host.signal, timeout]);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    for (let attempt = 0; ; attempt++) {
      const headers = { ...(await identity()), ...ownHeaders, ...request.headers };
      let answer: Incoming;
      try {
        answer = await host.exchange(address, { method, headers, body, signal });
      } catch (error) {
        const { again } = connectionError(error);
        const harmless = again === 'always' || (again === 'reads' && method === 'GET');
        if (!retry || !harmless || signal.aborted || attempt >= mostRetries) throw this.#lost(request, error, timeout);
        await host.sleep(pauseMs(attempt), host.signal);
        continue;
      }
      const { status } = answer;
      this.#warn(answer);
      if (status >= 200 && status < 300) return answer;
      const text = await this.#read(request, answer.body, timeout);
      const pause = retryAfter(answer);
      if (status !== 429 || pause > longestPause || attempt >= mostRetries)
        throw failureOf({
          status,
          body: text,
          request: this.#name(request),
          submission,
          location: answer.headers['location'],
        });
      await host.sleep(pause * 1000, host.signal);
    }
  }

  #lost(request: Request, error: unknown, timeout: AbortSignal | undefined): unknown {
    if (this.#options.host.signal.aborted) return new Failure(ExitCodes.interrupted, 'interrupted');
    if (error instanceof Failure) return error;
    const what = timeout?.aborted ? `no answer within ${answerMs / 1000} s` : connectionError(error).message;
    return new Failure(ExitCodes.server, `${this.#name(request)}: ${what}`);
  }

  /** What the gateway wants the user to know: base64 of UTF-8. */
  #warn({ headers }: Incoming): void {
    const encoded = headers['x-osmo-warning'];
    if (encoded !== undefined)
      this.#options.host.err.write(`${Buffer.from(encoded, 'base64').toString('utf8').trim()}\n`);
  }
}

const ownHeaders = {
  'x-osmo-client-version': upstreamVersion,
  'user-agent': `osmo-cli/${version}`,
  'content-type': 'application/json',
};

/** 200 ms, then twice as long each time. */
const pauseMs = (attempt: number): number => 200 * 2 ** attempt;

/** Seconds to wait; 1 when the gateway doesn't say. */
function retryAfter({ headers }: Incoming): number {
  const seconds = Number(headers['retry-after'] ?? 1);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : 1;
}
