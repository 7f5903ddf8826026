import { load } from '../client/load.ts';
import type { Moments } from '../lab/moments.ts';
import { quantile, sustainedRate } from '../report/statistics.ts';

/** How a number of things went from their creation to their end. */
export interface Passage {
  /** Ends per second, without the first and the last tenth. */
  perSecond: number;
  /** From the create call to the end as a watcher sees it, seconds. */
  p50: number;
  p99: number;
}

export interface Flood {
  count: number;
  /** Creates per second; absent: as fast as they are taken, 16 at a time. */
  pace?: number;
  create(name: string): Promise<unknown>;
  /** Must not have seen any of the names yet. */
  ends: Moments;
  timeoutMs: number;
  /** @throws Error when waiting on is in vain. */
  check(): void;
  signal: AbortSignal;
}

const atOnce = 16;

/** Creates things named `prefix-NUMBER`, waits until all have ended, and measures their passage. */
export async function flood(prefix: string, options: Flood): Promise<Passage> {
  const { count, pace, ends, signal } = options;
  const createdAt = new Map<string, number>();
  const before = ends.at.size;
  const started = performance.now();
  await load(
    { calls: count },
    atOnce,
    async (_, number) => {
      if (pace !== undefined) await until(started + (number * 1000) / pace);
      const name = `${prefix}-${number}`;
      createdAt.set(name, performance.now());
      await options.create(name);
    },
    signal,
  );
  await ends.reached(before + count, options.timeoutMs, () => options.check());
  return passageOf(createdAt, ends.at);
}

/** Joins when things were created with when they ended. @throws Error when one has not ended. */
export function passageOf(created: ReadonlyMap<string, number>, ended: ReadonlyMap<string, number>): Passage {
  const pairs = [...created].map(([name, from]) => {
    const to = ended.get(name);
    if (to === undefined) throw new Error(`${name} has not ended`);
    return { from, to };
  });
  const seconds = pairs.map(({ from, to }) => (to - from) / 1000);
  return {
    perSecond: sustainedRate(pairs.map(({ to }) => to)),
    p50: quantile(seconds, 0.5),
    p99: quantile(seconds, 0.99),
  };
}

const until = (moment: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, moment - performance.now()));
  });
