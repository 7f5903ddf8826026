import { TaskReasons } from '@osmo/crds';
import { type GivenUp, nextAttempt } from './attempts.ts';
import { ended } from './cancel.ts';
import { groupStart } from './deadlines.ts';
import { recorded } from './members.ts';
import { roundOf, startsRound } from './rounds.ts';
import { complete, isOver } from './status.ts';
import type { Member } from './world.ts';

/**
 * Begins the next attempts: of members whose attempt ended and is tried again, of their peers when the group starts anew,
 * and of all that have a place while the group is held.
 */
export function transitions(members: readonly Member[], now: Date): Member[] {
  return isHeld(members) ? held(members, now) : retried(members, now);
}

/**
 * Whether the group may not start: it is held, and no command of it has started in this run. A task that has ended says nothing
 * of that: it isn't told when the others are let go.
 */
export function isHeld(members: readonly Member[]): boolean {
  const holds = ({ task, status }: Member): boolean => task.spec.hold === true && !isOver(status.phase);
  return members.some(holds) && groupStart(members) === undefined;
}

function held(members: readonly Member[], now: Date): Member[] {
  const round = roundOf(members);
  // By what is on record: that the cluster doesn't take a pod for now is of no account while none is made, and would be told of for ever.
  const taken = ({ task, started }: Member) => started || recorded(task).phase !== 'Pending';
  const current = members.some((member) => !isOver(member.status.phase) && member.round === round && taken(member));
  const target = members.length > 1 && current ? round + 1 : round;
  const why: GivenUp = { cause: 'Held', message: 'held before any command of the group started' };
  return members.map((member) => {
    if (isOver(member.status.phase)) return member;
    if (taken(member)) return ended(member, nextAttempt(member, why, { round: target, now }));
    const waiting = {
      ...recorded(member.task),
      ...roundField(target),
      phase: 'Pending' as const,
      reason: TaskReasons.held,
    };
    return ended(member, complete(member.task, waiting));
  });
}

function retried(members: readonly Member[], now: Date): Member[] {
  const trigger = members.find((member) => startsRound(member, members));
  const target = roundOf(members) + (trigger === undefined ? 0 : 1);
  const cause = trigger?.task.spec.taskName;
  const why: GivenUp = {
    cause: 'Peer',
    message: cause === undefined ? 'the group starts anew' : `the group starts anew with task ${cause}`,
  };
  return members.map((member) => {
    if (isOver(member.status.phase)) return member;
    if (member.again !== undefined) return ended(member, nextAttempt(member, member.again, { round: target, now }));
    if (member.round >= target) return member;
    if (member.started) return ended(member, nextAttempt(member, why, { round: target, now }));
    return ended(member, complete(member.task, { ...member.status, ...roundField(target) }));
  });
}

function roundField(round: number): { round?: number } {
  return round === 0 ? {} : { round };
}
