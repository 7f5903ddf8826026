import { backOff, type Pause } from './back-off.ts';
import { freeMemory } from './free-memory.ts';
import { isStoreError, StoreError } from './store-error.ts';

/** Failures in a row, without a byte between them, before a body is given up. */
const attempts = 5;

/** A body that is read from a store over the network. */
export interface Reading {
  /** URL of the object, for errors. */
  url: string;
  /** The body as it comes with the first answer, from `offset` on. */
  first: AsyncIterable<Uint8Array>;
  offset: number;
  /** Bytes that it should have. */
  length: number;
  /** Asks for the rest, of the same version of the object. Rejects with Unavailable when there is none of it any more. */
  reopen: (range: { offset: number; length: number }) => Promise<AsyncIterable<Uint8Array>>;
  /** An error of the transport as a StoreError; others stay what they are. */
  translated: (error: unknown) => unknown;
  signal: AbortSignal | undefined;
  /** As `GetOptions.shortLived`; only where the pieces of bodies are nobody else's. */
  shortLived?: boolean | undefined;
  pause?: Pause | undefined;
}

/**
 * Reads a body to its end; when the connection breaks or ends too soon, goes on where it broke.
 *
 * @throws StoreError Unavailable when that fails several times in a row
 */
export async function* continued(reading: Reading): AsyncGenerator<Uint8Array> {
  const { url, offset, length, signal, translated, shortLived = false, pause = backOff } = reading;
  let body: AsyncIterable<Uint8Array> | undefined = reading.first;
  let size = 0;
  for (let failures = 0; ;) {
    try {
      // One answer after the other.
      // oxlint-disable-next-line no-await-in-loop
      body ??= await reading.reopen({ offset: offset + size, length: length - size });
      for await (const piece of body) {
        signal?.throwIfAborted();
        if (piece.byteLength === 0) continue;
        if (size + piece.byteLength > length)
          throw new StoreError('Unavailable', url, `has more than the ${length} bytes that it said`);
        size += piece.byteLength;
        failures = 0;
        yield piece;
        if (shortLived) freeMemory(piece);
      }
      if (size === length) return;
      throw new StoreError('Unavailable', url, `ended after ${size} of ${length} bytes`);
    } catch (error) {
      signal?.throwIfAborted();
      const failure = translated(error);
      failures += 1;
      if (!isStoreError(failure, 'Unavailable') || failures >= attempts) throw failure;
    }
    body = undefined;
    // oxlint-disable-next-line no-await-in-loop
    await pause(failures, signal);
  }
}

/** Ends a body that nobody reads: it holds a connection or a file until its iteration has begun and ended. */
export async function leave(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of body) if (piece.byteLength >= 0) return;
}

/** Sees that a part was answered with that part: what is between may answer with the whole. @throws StoreError Misconfigured */
export async function checkAnswered(answer: {
  offset: number;
  /** Its Content-Range. */
  range: string | undefined;
  body: AsyncIterable<Uint8Array>;
  url: string;
}): Promise<void> {
  const { offset, range = '', body, url } = answer;
  if (offset === 0 || range.startsWith(`bytes ${offset}-`)) return;
  await leave(body);
  throw new StoreError(
    'Misconfigured',
    url,
    `was asked for from byte ${offset} and answered ${range || 'with the whole'}`,
  );
}
