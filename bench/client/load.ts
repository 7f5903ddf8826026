/** What a load of calls cost. */
export interface Cost {
  calls: number;
  perSecond: number;
  /** CPU time of this process, user and system, per call. */
  cpuMsPerCall: number;
}

/** When to stop: after so many calls, or when so much time (ms) has passed; calls under way then are waited for. */
export type Amount = { calls: number } | { ms: number };

/**
 * Makes calls, `concurrency` of them at a time, and measures them.
 *
 * @param call gets its lane (0 to `concurrency` − 1; one call at a time in each) and its number among all calls
 * @throws what a call threw, after the calls under way ended.
 */
export async function load(
  amount: Amount,
  concurrency: number,
  call: (lane: number, number: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  let next = 0;
  const enough = (): boolean =>
    'calls' in amount ? next >= amount.calls : next > 0 && performance.now() - started >= amount.ms;
  const lanes = Array.from({ length: concurrency }, async (_, lane) => {
    while (!enough()) {
      signal?.throwIfAborted();
      await call(lane, next++);
    }
  });
  const ended = await Promise.allSettled(lanes);
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { calls: next, perSecond: next / seconds, cpuMsPerCall: (user + system) / 1000 / next };
}
