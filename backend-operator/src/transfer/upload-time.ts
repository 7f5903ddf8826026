import { nanosOf } from '../quantity/amounts.ts';
import type { Task } from '../group/task.ts';

/** Where no store is configured: uploads to a user's own URLs. */
const leastSeconds = 600;
/** Half a gigabit: what an upload may count on where nobody has said how long it takes. */
const bytesPerSecond = 64n * 1024n * 1024n;
/** A node is to be drained some day. */
const mostSeconds = 24 * 3600;
const nano = 1_000_000_000n;

/**
 * How long uploads of a task may take after its command ended: what the workflow or its pool says; else the operator's time, or where that is
 * longer the one that as much as the task may store takes. What isn't uploaded then is lost, so it grows with what there is to lose; a task that
 * asks for little holds nobody up for long.
 *
 * @param usual of the operator
 */
export function uploadSecondsOf({ spec: { timeouts, resources } }: Task, usual = leastSeconds): number {
  if (timeouts?.uploadSeconds !== undefined) return timeouts.uploadSeconds;
  const bytes = (resources.storage === undefined ? 0n : (nanosOf(String(resources.storage)) ?? 0n)) / nano;
  const seconds = (bytes + bytesPerSecond - 1n) / bytesPerSecond;
  return Math.max(usual, seconds > BigInt(mostSeconds) ? mostSeconds : Number(seconds));
}
