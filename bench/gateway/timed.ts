import { load } from '../client/load.ts';

/** How calls went. */
export interface Timed {
  perSecond: number;
  /** What each took, ms. */
  tookMs: number[];
}

/** Makes calls, some at a time, and takes the time of each. @throws what a call threw */
export async function timed(
  calls: number,
  concurrency: number,
  call: (number: number) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Timed> {
  const tookMs: number[] = [];
  const { perSecond } = await load(
    { calls },
    concurrency,
    async (_, number) => {
      const started = performance.now();
      await call(number);
      tookMs.push(performance.now() - started);
    },
    signal,
  );
  return { perSecond, tookMs };
}
