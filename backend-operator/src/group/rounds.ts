import { isAlone } from './attempts.ts';
import { isOver } from './status.ts';
import type { Member } from './world.ts';

/**
 * The tasks of a group start together, in rounds. A round that is recorded on one Task holds for all: who is behind starts
 * anew, so that it makes no difference between which two writes a crash comes.
 */
export function roundOf(members: readonly Member[]): number {
  return Math.max(0, ...members.map(({ round }) => round));
}

/** Whether a command of the group has run in this round: from then on nobody is held back by the barrier. */
export function hasPassedBarrier(members: readonly Member[]): boolean {
  const round = roundOf(members);
  return members
    .filter((member) => member.round === round)
    .some(
      ({ task, verdict }) =>
        task.status?.startTime !== undefined || verdict?.times.start !== undefined || isAlone(task),
    );
}

/** Whether the group starts anew because an attempt of this member ended: for its lead always, for others by the group. */
export function startsRound(member: Member, members: readonly Member[]): boolean {
  if (member.again === undefined || members.length <= 1 || member.round !== roundOf(members)) return false;
  const { lead, group } = member.task.spec;
  return lead || !group.ignoreNonleadStatus || (group.barrier && !hasPassedBarrier(members));
}

/** Whether a member that ended for good keeps the others of its round from ever being whole. */
export function breaksRound(member: Member, members: readonly Member[]): boolean {
  const { task, status, pod, round } = member;
  if (!isOver(status.phase) || status.phase !== 'Failed' || round !== roundOf(members)) return false;
  const neverHadPod = pod === undefined && status.podUID === undefined && !isAlone(task);
  return neverHadPod || (task.spec.group.barrier && !hasPassedBarrier(members));
}
