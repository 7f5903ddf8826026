import { WorkflowReasons } from '@osmo/crds';
import type { WorkflowStatus } from '@osmo/crds';
import { delays } from './glance.ts';

/** Shortest time between two writes of a status in which only numbers moved, ms. */
const counterInterval = 1000;
/** The same when not even numbers moved, only what is said about tasks that run or about what is waited for, ms. */
const glanceInterval = 10_000;
/**
 * How long a new workflow may be without a status when all is well, ms: most start within it, and one write then says
 * what would have taken two. The time of creation has whole seconds, so it's up to one less; a backend whose first question
 * to a fresh apiserver is put off for a second has to fit in.
 */
const firstWriteDelay = 3000;

/** When a status is to be written: now, at a time, or not at all. */
export type Pace = { write: true } | { write: false; at?: Date };

/** What the pace depends on. */
export interface PaceInput {
  former: WorkflowStatus | undefined;
  next: WorkflowStatus;
  now: Date;
  /** When the workflow was created. */
  created: Date | undefined;
  /** When the status was last seen to change. */
  statusAt: Date | undefined;
}

/**
 * Decides whether a status is worth a write: transitions at once, numbers at most once a second, the details of running
 * tasks and of a wait at most every ten. The number of writes so depends on time, not on the number of tasks.
 */
export function paceOf({ former, next, now, created, statusAt }: PaceInput): Pace {
  if (former === undefined || former.conditions.length === 0) {
    const calm = next.phase === 'Pending' && next.reason === undefined;
    return calm && created !== undefined ? notBefore(created, firstWriteDelay, now) : { write: true };
  }
  if (!same(transitions(former), transitions(next))) {
    const waits = next.reason === WorkflowReasons.queued || delays.includes(next.reason ?? '');
    const moved =
      waits &&
      former.reason === next.reason &&
      same(transitions(former), transitions({ ...next, message: former.message }));
    return moved ? notBefore(statusAt, glanceInterval, now) : { write: true };
  }
  if (!same(numbers(former), numbers(next))) return notBefore(statusAt, counterInterval, now);
  if (same(former.recentTasks, next.recentTasks) || next.phase === 'Pending') return { write: false };
  return notBefore(statusAt, glanceInterval, now);
}

function notBefore(start: Date | undefined, delay: number, now: Date): Pace {
  if (start === undefined) return { write: true };
  const at = new Date(start.getTime() + delay);
  return at.getTime() <= now.getTime() ? { write: true } : { write: false, at };
}

const transitions = ({ phase, reason, message, conditions, observedGeneration, ...rest }: WorkflowStatus): unknown => [
  phase,
  reason,
  message,
  observedGeneration,
  rest.run,
  rest.restartID,
  conditions.map(({ type, status, reason: why, message: text }) => [type, status, why, text]),
];

const numbers = ({ taskCounts, groupCounts }: WorkflowStatus): unknown => [taskCounts, groupCounts].map(sorted);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

// The apiserver answers with keys in an order of its own.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, sorted(item)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
