import type { Dispatcher } from 'undici';
import type { Clock } from '../runtime/clock.ts';
import { KubeError, type KubeErrorInit, TransportReason } from './errors.ts';
import type { RawResponse, RawStream } from './types.ts';

/** One attempt of a request; `path` includes the query and any path of the server's URL. */
export interface Attempt {
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
  body?: string | Uint8Array | undefined;
  signal?: AbortSignal | undefined;
  /** For `exchange`: until the end of the body. For `openStream`: until the headers. */
  timeoutMs: number;
}

/** No answer, or not a whole one. */
export class TransportError extends KubeError {
  /** The request can't have reached the server: no connection was made. */
  readonly notSent: boolean;

  constructor(init: KubeErrorInit, notSent: boolean) {
    super(init);
    this.notSent = notSent;
  }
}

const notSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends a request and reads the whole answer, whatever its status. Works on the dispatcher itself: a Readable per answer
 * costs more than everything else here together.
 *
 * @throws `signal.reason` when aborted, else a KubeError of a `TransportReason`.
 */
export function exchange(
  dispatcher: Dispatcher,
  attempt: Attempt,
  limits: { clock: Clock; origin: string; maxBodyBytes: number },
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status = 0;
    let headers: RawResponse['headers'] = {};
    const life = attemptLife(attempt, limits.clock, reject);
    dispatcher.dispatch(dispatchOptions(attempt, limits.origin), {
      onRequestStart: (controller) => life.started(controller),
      onResponseStart(_, statusCode, responseHeaders) {
        status = statusCode;
        headers = responseHeaders;
      },
      onResponseData(_, chunk) {
        bytes += chunk.length;
        if (bytes > limits.maxBodyBytes) {
          return life.fail(transportError(attempt, TransportReason.tooLarge, `more than ${limits.maxBodyBytes} bytes`));
        }
        chunks.push(chunk);
      },
      onResponseEnd() {
        if (life.settle())
          resolve({
            status,
            headers,
            body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes),
          });
      },
      onResponseError: (_, error) => life.fail(connectionError(attempt, error)),
    });
  });
}

/** Bytes that may wait for a slow reader before the connection is paused. */
const highWaterBytes = 1 << 20;

/**
 * Sends a request and gives the body as it arrives. Iterating ends normally at the end of the body and throws when the
 * connection breaks, `idleMs` pass without a byte, or the signal aborts; leaving the loop early closes the connection.
 */
export function openStream(
  dispatcher: Dispatcher,
  attempt: Attempt,
  limits: { clock: Clock; origin: string; idleMs?: number | undefined },
): Promise<RawStream> {
  return new Promise((resolve, reject) => {
    const queue = new ByteQueue(limits.clock, limits.idleMs, () =>
      transportError(attempt, TransportReason.stalled, `nothing arrived for ${limits.idleMs} ms`),
    );
    const life = attemptLife(attempt, limits.clock, (error) => {
      queue.fail(error);
      reject(error);
    });
    queue.onClose = (error) => life.fail(error);
    dispatcher.dispatch(dispatchOptions(attempt, limits.origin), {
      onRequestStart: (controller) => life.started(controller),
      onResponseStart(controller, status, headers) {
        life.stopTimer();
        queue.controller = controller;
        queue.touch();
        resolve({ status, headers, body: queue });
      },
      onResponseData: (_, chunk) => queue.push(chunk),
      onResponseEnd() {
        life.settle();
        queue.end();
      },
      onResponseError: (_, error) => life.fail(connectionError(attempt, error)),
    });
  });
}

function dispatchOptions(attempt: Attempt, origin: string): Dispatcher.DispatchOptions {
  return {
    origin,
    path: attempt.path,
    method: attempt.method,
    headers: attempt.headers,
    body: attempt.body ?? null,
    // Our own timers rule: undici's are coarse, and its defaults would cut idle watches.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

interface AttemptLife {
  started(controller: Dispatcher.DispatchController): void;
  fail(error: Error): void;
  stopTimer(): void;
  /** Ends the attempt well; false when it had ended before. */
  settle(): boolean;
}

/** Timer, abort signal and "ends only once" of an attempt; a request still waiting for a connection fails at once too. */
function attemptLife(attempt: Attempt, clock: Clock, reject: (error: Error) => void): AttemptLife {
  const { signal } = attempt;
  let controller: Dispatcher.DispatchController | undefined;
  let ended: Error | true | undefined;
  const stopTimer = clock.setTimeout(attempt.timeoutMs, () =>
    life.fail(transportError(attempt, TransportReason.timeout, `no answer within ${attempt.timeoutMs} ms`)),
  );
  const onAbort = (): void => life.fail(signal?.reason as Error);
  const life: AttemptLife = {
    started(c) {
      controller = c;
      if (ended instanceof Error) c.abort(ended);
    },
    fail(error) {
      if (!life.settle()) return;
      ended = error instanceof Error ? error : new Error('aborted');
      reject(error);
      controller?.abort(ended);
    },
    stopTimer,
    settle() {
      if (ended) return false;
      ended = true;
      stopTimer();
      signal?.removeEventListener('abort', onAbort);
      return true;
    },
  };
  if (signal?.aborted) queueMicrotask(onAbort);
  else signal?.addEventListener('abort', onAbort, { once: true });
  return life;
}

/** Chunks between a connection and one reader, with back-pressure and an idle timer. */
class ByteQueue implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  controller: Dispatcher.DispatchController | undefined;
  onClose: (error: Error) => void = () => undefined;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #end: { error?: Error } | undefined;
  #waiting: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void } | undefined;
  readonly #clock: Clock;
  readonly #idleMs: number | undefined;
  readonly #stalled: () => Error;
  #stopIdle: (() => void) | undefined;

  constructor(clock: Clock, idleMs: number | undefined, stalled: () => Error) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#stalled = stalled;
  }

  /** Something arrived: the idle time starts anew. */
  touch(): void {
    this.#stopIdle?.();
    if (this.#idleMs === undefined || this.#end) return;
    this.#stopIdle = this.#clock.setTimeout(this.#idleMs, () => {
      // While the reader is behind, it is us who hold the connection back.
      if (this.#chunks.length > 0) this.touch();
      else this.onClose(this.#stalled());
    });
  }

  push(chunk: Uint8Array): void {
    if (this.#end) return;
    this.touch();
    if (this.#waiting) {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > highWaterBytes) this.controller?.pause();
  }

  end(): void {
    this.#finish({});
  }

  fail(error: Error): void {
    this.#finish({ error });
  }

  #finish(end: { error?: Error }): void {
    if (this.#end) return;
    this.#end = end;
    this.#stopIdle?.();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (!waiting) return;
    if (end.error) waiting.reject(end.error);
    else waiting.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#chunks.length > 0) {
      const value = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
      this.#chunks = [];
      this.#bytes = 0;
      this.controller?.resume();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end?.error) return Promise.reject(this.#end.error);
    if (this.#end) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.onClose(new DOMException('The reader went away', 'AbortError'));
    this.#finish({});
    return Promise.resolve({ done: true, value: undefined });
  }
}

function transportError(attempt: Attempt, reason: string, what: string, notSent = false): TransportError {
  const path = attempt.path.split('?', 1)[0] ?? '';
  const message = `${attempt.method} ${path}: ${what}`;
  return new TransportError({ status: 0, reason, message, method: attempt.method, path }, notSent);
}

function connectionError(attempt: Attempt, error: Error): KubeError {
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const code = (first as NodeJS.ErrnoException).code;
  const message = code && !first.message.includes(code) ? `${first.message} (${code})` : first.message;
  return transportError(attempt, TransportReason.connection, message, code !== undefined && notSentCodes.has(code));
}
