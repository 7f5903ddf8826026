import { TaskReasons } from '@osmo/crds';
import { canceled, ended } from './cancel.ts';
import { seconds } from './classify.ts';
import { type Deadline, deadlinesOf } from './deadlines.ts';
import { breaksRound } from './rounds.ts';
import { type Ending, isOver, isRecorded, statusByEnding } from './status.ts';
import type { Member } from './world.ts';

/**
 * Ends the members that something other than their own pod ends; first match wins: a cancellation, a time limit of the
 * group, the end of its lead (its outcome is everybody's), the failure of another where the group doesn't ignore that, or
 * where it keeps the group from ever being whole.
 *
 * Depends on nothing but the members, so that it comes out the same after a crash between two status writes: an end of the
 * group that one Task has on record ends the others too.
 */
export function decideGroup(members: readonly Member[], now: Date): Member[] {
  const uncanceled = members.map((member) => canceled(member, now));
  const inTime = byDeadline(uncanceled, now);
  const cause = causeOf(inTime);
  return cause === undefined ? inTime : endAll(inTime, endingBy(cause, now));
}

/** When to look again for the sake of a time limit. */
export function nextDeadline(members: readonly Member[]): Date | undefined {
  const going = members.some(({ status }) => !isOver(status.phase));
  return going
    ? deadlinesOf(members)
        .map(({ at }) => at)
        .toSorted((a, b) => a.getTime() - b.getTime())[0]
    : undefined;
}

function byDeadline(members: readonly Member[], now: Date): Member[] {
  const recorded = members.find(({ task }) => isRecorded(task) && isTimeout(task.status?.reason));
  if (recorded !== undefined) return endAll(members, endingOfRecorded(recorded, now));
  const open = members.some(({ status }) => !isOver(status.phase)) || members.some((member) => endedUnrecorded(member));
  if (!open) return [...members];
  const passed = deadlinesOf(members).find(({ at }) => at <= now);
  return passed === undefined ? [...members] : endLate(members, passed);
}

/** Ends what was not over when the limit was reached; an end before that counts, also if it is seen only now. */
function endLate(members: readonly Member[], { at, ending }: Deadline): Member[] {
  const lead = members.find(({ task }) => task.spec.lead);
  const groupWasOver = lead !== undefined && isOver(lead.status.phase) && !isLate(lead, at);
  if (groupWasOver) return [...members];
  return members.map((member) =>
    isOver(member.status.phase) && !isLate(member, at) ? member : withEnding(member, ending),
  );
}

function isLate(member: Member, at: Date): boolean {
  const { completionTime } = member.status;
  return endedUnrecorded(member) && completionTime !== undefined && Date.parse(completionTime) > at.getTime();
}

function endedUnrecorded({ task, status }: Member): boolean {
  return isOver(status.phase) && !isRecorded(task) && status.reason !== TaskReasons.canceled;
}

function isTimeout(reason: string | undefined): boolean {
  return reason === TaskReasons.queueTimeout || reason === TaskReasons.execTimeout;
}

/** The member whose end is the group's; the lead before others, then by the order of the members. */
function causeOf(members: readonly Member[]): Member | undefined {
  if (members.length <= 1) return undefined;
  const lead = members.find(({ task, status }) => task.spec.lead && isOver(status.phase));
  if (lead !== undefined) return lead;
  const failed = members.filter(({ status }) => status.phase === 'Failed');
  const byPeer = failed.find(({ status }) => status.reason === TaskReasons.peerFailed);
  const byItself = failed.filter((member) => member !== byPeer && member.status.reason !== TaskReasons.peerFailed);
  const breaking = byItself.find(
    (member) => !member.task.spec.group.ignoreNonleadStatus || breaksRound(member, members),
  );
  return breaking ?? (byPeer === undefined ? undefined : (byItself[0] ?? byPeer));
}

function endAll(members: readonly Member[], ending: Ending): Member[] {
  return members.map((member) => (isOver(member.status.phase) ? member : withEnding(member, ending)));
}

function withEnding(member: Member, ending: Ending): Member {
  return ended(member, statusByEnding(member.task, member.pod, ending, member.attempt));
}

function endingOfRecorded({ status }: Member, now: Date): Ending {
  const { reason = '', message = '', completionTime = seconds(now) } = status;
  return { phase: 'Failed', reason, message, completionTime };
}

function endingBy({ task, status }: Member, now: Date): Ending {
  const completionTime = status.completionTime ?? seconds(now);
  const { taskName, lead } = task.spec;
  if (status.phase === 'Completed') {
    return {
      phase: 'Completed',
      reason: TaskReasons.completed,
      message: `Lead task ${taskName} finished`,
      completionTime,
    };
  }
  // Who cancels the lead cancels the group, also if the hub has not come to the others yet.
  if (lead && status.reason === TaskReasons.canceled) {
    return { phase: 'Failed', reason: TaskReasons.canceled, message: status.message ?? '', completionTime };
  }
  const why = status.reason === undefined ? '' : ` (${status.reason})`;
  return {
    phase: 'Failed',
    reason: TaskReasons.peerFailed,
    message: `${lead ? 'Lead task' : 'Task'} ${taskName} of the group failed${why}`,
    completionTime,
  };
}
