import type { RetryPolicy } from '@osmo/crds';

export type RetryCause = 'User' | 'Infrastructure';

/** Longest pause where the policy names none, in seconds. */
const longestSeconds = 600;
/** Pauses between retries for the cluster's sake where the policy sets none: at once first, then growing. */
const infrastructure = { baseSeconds: 10, longestSeconds: 300 };

/**
 * The pause before the n-th retry (from 1; those for the command's and those for the cluster's sake counted together), in
 * seconds: it doubles with each.
 */
export function pauseSeconds(policy: RetryPolicy | undefined, cause: RetryCause, n: number): number {
  const { backoffSeconds, maxBackoffSeconds = longestSeconds } = policy ?? {};
  if (backoffSeconds !== undefined) return Math.min(backoffSeconds * doubled(n - 1), maxBackoffSeconds);
  if (cause === 'User' || n <= 1) return 0;
  return Math.min(infrastructure.baseSeconds * doubled(n - 2), infrastructure.longestSeconds);
}

/** 2 to the power of n, as far as a pause can grow. */
function doubled(n: number): number {
  return 2 ** Math.min(n, 20);
}
