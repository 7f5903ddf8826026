import { nextRun } from './attempts.ts';
import { recorded } from './members.ts';
import { isBehindRun } from './status.ts';
import type { Task } from './task.ts';
import type { Member } from './world.ts';

/** Whether all Tasks of the group are to be in the same run; while the hub is between two writes nothing is decided. */
export function isOneRun(tasks: readonly Task[]): boolean {
  return new Set(tasks.map(({ spec }) => spec.run ?? 0)).size <= 1;
}

/**
 * The members as they begin a further run: those whose status is about an earlier one start anew, the others wait for
 * them. Undefined when there is nothing to begin.
 */
export function begunRun(members: readonly Member[], now: Date): Member[] | undefined {
  const oneRun = isOneRun(members.map(({ task }) => task));
  if (oneRun && !members.some(({ task }) => isBehindRun(task))) return undefined;
  return members.map(({ task, attempt, round, pod, earlier, started, verdict }): Member => {
    const base = { task, attempt, round, pod, earlier, started, status: recorded(task) };
    if (!oneRun || !isBehindRun(task)) return base;
    return { ...base, status: nextRun({ ...base, ...(verdict === undefined ? {} : { verdict }) }, now) };
  });
}
