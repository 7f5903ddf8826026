import { setTimeout as sleep } from 'node:timers/promises';

/** Waits after attempt `attempt` failed, counted from 1. Rejects with `signal.reason` when aborted. */
export type Pause = (attempt: number, signal: AbortSignal | undefined) => Promise<void>;

const firstPauseMs = 500;
const longestPauseMs = 20_000;

/** Twice as long each time, from 0.5 s to 20 s, and somewhere between half and all of it, so that many don't come back at once. */
export const backOff: Pause = async (attempt, signal) => {
  const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  const wait = most / 2 + (Math.random() * most) / 2;
  await sleep(wait, undefined, { ...(signal !== undefined && { signal }) }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
};
