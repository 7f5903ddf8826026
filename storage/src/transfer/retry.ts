import { setTimeout as sleep } from 'node:timers/promises';
import { isStoreError } from '../store-error.ts';
import type { TransferOptions } from './types.ts';

const firstPauseMs = 500;
const longestPauseMs = 20_000;

/** Waits before attempt `attempt` + 1: twice as long each time, and somewhere between half and all of it. */
async function backOff(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  const wait = most / 2 + (Math.random() * most) / 2;
  await sleep(wait, undefined, { ...(signal !== undefined && { signal }) }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}

/** Does something again while the store can't be reached or fails. @throws the last error */
export async function retried<T>(
  { attempts = 6, pause = backOff, signal }: Pick<TransferOptions, 'attempts' | 'pause' | 'signal'>,
  act: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      // One attempt after the other.
      // oxlint-disable-next-line no-await-in-loop
      return await act();
    } catch (error) {
      if (attempt >= attempts || !isStoreError(error, 'Unavailable')) throw error;
    }
    // oxlint-disable-next-line no-await-in-loop
    await pause(attempt, signal);
  }
}
