import type { Dispatcher } from 'undici';
import type { Clock } from '../runtime/clock.ts';
import { OutgoingError, OutgoingReasons } from './errors.ts';
import type { OutgoingInit } from './outgoing.ts';

interface SendLimits {
  timeoutMs: number;
  maxResponseBytes: number;
  clock: Clock;
}

/** Sends one request and reads the whole answer. @throws OutgoingError; the signal's reason when aborted */
export async function send(
  dispatcher: Dispatcher,
  url: URL,
  init: OutgoingInit,
  { timeoutMs, maxResponseBytes, clock }: SendLimits,
): Promise<Response> {
  const given = init.signal ?? undefined;
  given?.throwIfAborted();
  const timer = new AbortController();
  const stop = clock.setTimeout(timeoutMs, () =>
    timer.abort(new OutgoingError(OutgoingReasons.timeout, `${url.host} did not answer within ${timeoutMs} ms`)),
  );
  const signal = given === undefined ? timer.signal : AbortSignal.any([timer.signal, given]);
  try {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      ...requestOf(init),
      signal,
      // The timer above is for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const bytes = await read(body, maxResponseBytes, url);
    refuseRedirect(statusCode, headers['location'], url);
    return responseOf(statusCode, headers, bytes);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw outgoingErrorOf(error, url);
  } finally {
    stop();
  }
}

function requestOf({ method = 'GET', headers, body }: OutgoingInit): {
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
} {
  const all = new Headers(headers);
  if (body instanceof URLSearchParams && !all.has('content-type')) {
    all.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  if (!all.has('user-agent')) all.set('user-agent', 'osmo');
  return {
    method: method.toUpperCase(),
    headers: Object.fromEntries(all),
    body: body instanceof URLSearchParams ? body.toString() : (body ?? null),
  };
}

async function read(body: Dispatcher.ResponseData['body'], limit: number, { host }: URL): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop breaks the connection.
    if (bytes > limit) throw new OutgoingError(OutgoingReasons.tooLarge, `${host} answered more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function refuseRedirect(status: number, location: string | string[] | undefined, url: URL): void {
  if (status < 300 || status > 399 || location === undefined) return;
  const to = String(location);
  const host = URL.canParse(to, url.href) ? new URL(to, url).host : 'elsewhere';
  throw new OutgoingError(
    OutgoingReasons.redirected,
    `${url.host} answered with a redirect to ${host.slice(0, 255)}, which is not followed: give the address that it leads to`,
  );
}

/** Statuses that a Response can't have a body with. */
const empty: ReadonlySet<number> = new Set([204, 205, 304]);

function responseOf(status: number, headers: Record<string, string | string[] | undefined>, bytes: Buffer): Response {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of value === undefined ? [] : [value].flat()) all.append(name, one);
  }
  return new Response(empty.has(status) ? null : new Uint8Array(bytes), { status, headers: all });
}

function outgoingErrorOf(error: unknown, { host }: URL): Error {
  if (error instanceof OutgoingError) return error;
  const cause = error as { code?: unknown; message?: string; cause?: unknown };
  if (cause.cause instanceof OutgoingError) return cause.cause;
  const what = typeof cause.code === 'string' ? cause.code : (cause.message ?? 'unknown').slice(0, 200);
  return new OutgoingError(OutgoingReasons.failed, `${host} could not be called: ${what}`, { cause: error });
}
