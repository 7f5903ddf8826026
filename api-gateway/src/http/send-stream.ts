import { once } from 'node:events';
import type { Clock } from '@osmo/kube';
import type { Response } from 'express';
import type { Answer } from './operation.ts';

/**
 * Sends what comes piece by piece, each at once. A failure before the first piece is still an ordinary error; one in the middle breaks the
 * connection, so that nobody takes it for the end. So does a reader that takes nothing for as long as the answer allows.
 *
 * @param prepare sets status and headers, once there is a first piece
 */
export async function sendStream(
  { stream, stallMs }: Extract<Answer, { stream: unknown }>,
  response: Response,
  prepare: () => void,
  clock: Clock,
): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]();
  let next = await iterator.next();
  prepare();
  response.setHeader('x-accel-buffering', 'no');
  response.flushHeaders();
  while (next.done !== true) {
    if (response.closed || response.destroyed) {
      // oxlint-disable-next-line no-await-in-loop
      await iterator.return?.();
      return;
    }
    // oxlint-disable-next-line no-await-in-loop
    if (!response.write(next.value) && !(await drained(response, stallMs, clock))) response.destroy();
    // oxlint-disable-next-line no-await-in-loop
    next = await iterator.next();
  }
  response.end();
}

/** Resolves when there is room again, or nobody reads any more; with false when neither happened in time. */
async function drained(response: Response, stallMs: number | undefined, clock: Clock): Promise<boolean> {
  const settled = new AbortController();
  const { signal } = settled;
  const room = ['drain', 'close'].map((event) =>
    once(response, event, { signal }).then(
      () => true,
      () => true,
    ),
  );
  const { promise: stalled, resolve } = Promise.withResolvers<boolean>();
  const cancel = stallMs === undefined ? undefined : clock.setTimeout(stallMs, () => resolve(false));
  try {
    return await Promise.race([...room, stalled]);
  } finally {
    cancel?.();
    settled.abort();
  }
}
