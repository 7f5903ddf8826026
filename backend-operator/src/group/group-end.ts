import { TaskReasons } from '@osmo/crds';
import { seconds } from './classify.ts';
import { type Ending, isOver, statusByEnding } from './status.ts';
import type { Member } from './world.ts';

/**
 * Ends the members that go on although one of them has ended the group: the lead by its end (its outcome is everybody's),
 * any other by failing where the group doesn't ignore that, or by failing before the group was whole.
 *
 * Depends on nothing but the members, so that it comes out the same after a crash between two status writes.
 */
export function decideGroup(members: readonly Member[], now: Date): Member[] {
  const cause = causeOf(members);
  if (cause === undefined) return [...members];
  const ending = endingBy(cause, now);
  return members.map((member) =>
    isOver(member.status.phase)
      ? member
      : {
          ...member,
          status: statusByEnding(member.task, member.pod, ending, member.attempt),
          wakeAt: undefined,
        },
  );
}

/** The member whose end is the group's; the lead before others, then by the order of the members. */
function causeOf(members: readonly Member[]): Member | undefined {
  if (members.length <= 1) return undefined;
  const lead = members.find(({ task, status }) => task.spec.lead && isOver(status.phase));
  if (lead !== undefined) return lead;
  const failed = members.filter(({ status }) => status.phase === 'Failed');
  const broken = members.some(({ started, status }) => !started && !isOver(status.phase));
  const first = failed.find(({ status }) => status.reason !== TaskReasons.peerFailed) ?? failed[0];
  return first !== undefined && (broken || !first.task.spec.group.ignoreNonleadStatus) ? first : undefined;
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
  const why = status.reason === undefined ? '' : ` (${status.reason})`;
  return {
    phase: 'Failed',
    reason: TaskReasons.peerFailed,
    message: `${lead ? 'Lead task' : 'Task'} ${taskName} of the group failed${why}`,
    completionTime,
  };
}
