import { TaskReasons } from '@osmo/crds';
import { seconds } from './classify.ts';
import { isOver, isRecorded, statusByEnding } from './status.ts';
import type { Task } from './task.ts';
import type { Member } from './world.ts';

/** Ends the member if its Task is canceled. How its pod ended meanwhile doesn't matter: who cancels wants no result. */
export function canceled(member: Member, now: Date): Member {
  const { task, pod, attempt } = member;
  const { cancel } = task.spec;
  if (cancel === undefined || isRecorded(task)) return member;
  const who = cancel.by === undefined ? 'canceled' : `canceled by ${cancel.by}`;
  const message = cancel.reason === undefined ? who : `${who}: ${cancel.reason}`;
  const completionTime = seconds(now);
  const ending = { phase: 'Failed' as const, reason: TaskReasons.canceled, message, completionTime };
  return ended(member, statusByEnding(task, pod, ending, attempt));
}

/** The member with that end, whatever its own pod said. */
export function ended(member: Member, status: Member['status']): Member {
  const { again: _again, wanted: _wanted, wakeAt: _wakeAt, ...rest } = member;
  return { ...rest, status };
}

/** True when the pod of an ended task must not be given the time to end in order. */
export function isForced({ spec, status }: Task): boolean {
  return spec.cancel?.force === true && isOver(status?.phase);
}
