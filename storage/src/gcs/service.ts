import { backOff, type Pause } from '../back-off.ts';
import { isStoreError } from '../store-error.ts';
import { objectOf } from './account.ts';
import { refusal, translated } from './errors.ts';
import type { Answer, Ask, Http } from './http.ts';
import type { Tokens } from './token.ts';

/** Times that a request is made. */
const attempts = 4;
/** Of an answer in JSON: a page of 1000 objects with the longest names has less. */
const mostBytes = 16 * 1024 * 1024;

/** A request to the JSON API. */
export interface ApiRequest {
  method: Ask['method'];
  /** Behind the bucket, such as `/o`. */
  path: string;
  /** Uploads have an address of their own. */
  upload?: boolean;
  query?: Readonly<Record<string, string | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: readonly Uint8Array[];
  signal: AbortSignal | undefined;
  /** Of the object, for errors. */
  url: string;
}

export interface JsonAnswer {
  status: number;
  headers: Answer['headers'];
  fields: Readonly<Record<string, unknown>>;
}

/** One bucket by Google's JSON API (cloud.google.com/storage/docs/json_api/v1). */
export class GcsService {
  readonly #endpoint: string;
  readonly #bucket: string;
  readonly #http: Http;
  readonly #tokens: Tokens;
  readonly #pause: Pause;

  constructor(
    bucket: string,
    endpoint: string,
    { http, tokens, pause = backOff }: { http: Http; tokens: Tokens; pause?: Pause | undefined },
  ) {
    this.#bucket = bucket;
    this.#endpoint = endpoint;
    this.#http = http;
    this.#tokens = tokens;
    this.#pause = pause;
  }

  /** An answer with a JSON object, or nothing, as its body. @throws StoreError; `signal.reason` */
  async json(request: ApiRequest): Promise<JsonAnswer> {
    return this.#again(request, async () => jsonOf(await this.#ask(request), request));
  }

  /** An answer whose body is still to be read. @throws StoreError; `signal.reason` */
  async open(request: ApiRequest): Promise<Answer> {
    return this.#again(request, async () => {
      const answer = await this.#ask(request);
      if (answer.status === 200 || answer.status === 206) return answer;
      throw refusal(answer.status, await textOf(answer), request.url);
    });
  }

  /**
   * One request of a resumable upload, made once. Its address is a secret that opens it, so no token goes with it, and no error repeats it.
   *
   * @throws StoreError for other answers than 200, 201 and 308
   */
  async session(
    address: string,
    request: Pick<ApiRequest, 'method' | 'headers' | 'body' | 'signal' | 'url'>,
  ): Promise<JsonAnswer> {
    const { method, headers, body, signal, url } = request;
    return this.#told({ signal, url }, async () => {
      const answer = await this.#http.ask({ method, url: address, headers, body, signal });
      return jsonOf(answer, request, [200, 201, 308]);
    });
  }

  async pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
    await this.#pause(attempt, signal);
  }

  async #ask({ method, path, upload = false, query = {}, headers, body, signal }: ApiRequest): Promise<Answer> {
    const parameters = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
    );
    const at = `${this.#endpoint}${upload ? '/upload' : ''}/storage/v1/b/${encodeURIComponent(this.#bucket)}${path}`;
    return this.#http.ask({
      method,
      url: parameters.length === 0 ? at : `${at}?${parameters.join('&')}`,
      headers: { ...headers, authorization: `Bearer ${await this.#tokens()}` },
      body,
      signal,
    });
  }

  async #again<T>(request: Pick<ApiRequest, 'signal' | 'url'>, act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        // One attempt after the other.
        // oxlint-disable-next-line no-await-in-loop
        return await this.#told(request, act);
      } catch (error) {
        if (!isStoreError(error, 'Unavailable') || attempt >= attempts) throw error;
      }
      // oxlint-disable-next-line no-await-in-loop
      await this.#pause(attempt, request.signal);
    }
  }

  async #told<T>({ signal, url }: Pick<ApiRequest, 'signal' | 'url'>, act: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      signal?.throwIfAborted();
      throw translated(error, url);
    }
  }
}

async function jsonOf(
  answer: Answer,
  { method, url }: Pick<ApiRequest, 'method' | 'url'>,
  wanted: readonly number[] = [200, 201, 204],
): Promise<JsonAnswer> {
  const text = await textOf(answer);
  const { status, headers } = answer;
  if (!wanted.includes(status)) throw refusal(status, text, url);
  if (text === '' || status === 308 || method === 'DELETE') return { status, headers, fields: {} };
  const fields = objectOf(text);
  // What ends too soon is no JSON.
  if (fields === undefined) throw new Error('an answer that is no JSON object');
  return { status, headers, fields };
}

async function textOf({ body }: Answer): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > mostBytes) throw new Error(`an answer of more than ${mostBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
