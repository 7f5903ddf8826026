import type { Pod } from '@osmo/kube';
import { creations, isMoving, opensAt } from './creations.ts';
import { groupStart } from './deadlines.ts';
import { decideGroup, nextDeadline } from './group-end.ts';
import { isWhole, membersOf } from './members.ts';
import { podGroupFor } from './pod-group.ts';
import { removals, unconfirmed } from './removals.ts';
import { begunRun } from './run.ts';
import { dueAt, isRecorded } from './status.ts';
import { transitions } from './transitions.ts';
import type { GroupPlan, GroupWorld, Member } from './world.ts';

/**
 * Decides what to do about a group. Pure; the order of tasks and pods is irrelevant; applied to the world that it leads
 * to, it asks for nothing more.
 *
 * What makes every crash harmless: a pod is created only for a Task whose record shows the attempt and no pod of it, under
 * a name that the attempt fixes; a pod is deleted, or its finalizer taken off, only after the end of its attempt is on
 * record (or the Task is gone).
 */
export function planGroup(world: GroupWorld): GroupPlan {
  const { now } = world;
  const own = membersOf(world);
  const members = begunRun(own, now) ?? transitions(decideGroup(own, now), now);
  const writes = statusWrites(members, now);
  const create = begunRun(own, now) === undefined ? creations(members, world) : noCreations;
  const askAgain = unconfirmed(world).length > 0 ? [new Date(now.getTime() + askAgainMs)] : [];
  const podGroups = gangs(members, create.pods, world);
  const { waits, ...removed } = removals(members, world);
  const looks = [...members.map((member) => member.wakeAt), ...opensAt(members), ...waits, nextDeadline(members)];
  const wakeAt = earliest([...askAgain, ...writes.wakeAt, ...looks.filter((time) => time !== undefined && time > now)]);
  return { create, podGroups, ...removed, statuses: writes.statuses, ...wakeAt };
}

/** A pod whose Task the hub has and the cache has not: the cache should catch up; it is looked at again after this. */
const askAgainMs = 30_000;

const noCreations: GroupPlan['create'] = { pods: [], services: [], secrets: [] };

/** The gang, where the cluster knows any; not while the group isn't whole or an attempt is about to begin on record. */
function gangs(members: readonly Member[], pods: readonly Pod[], { podGroups }: GroupWorld): GroupPlan['podGroups'] {
  if (podGroups === undefined || !isWhole(members.map(({ task }) => task)) || isMoving(members)) return [];
  const podGroup = podGroupFor(members, new Set(pods.map(({ metadata }) => metadata.name)));
  return podGroup === undefined ? [] : [podGroup];
}

function statusWrites(members: readonly Member[], now: Date): { statuses: GroupPlan['statuses']; wakeAt: Date[] } {
  const statuses: GroupPlan['statuses'] = [];
  const wakeAt: Date[] = [];
  const groupStartTime = groupStart(members);
  for (const member of members) {
    const { task } = member;
    const status = begun(member, groupStartTime);
    const due = isRecorded(task) ? undefined : dueAt(task, status, now);
    if (due === undefined) continue;
    if (due <= now) statuses.push({ task, status });
    else wakeAt.push(due);
  }
  return { statuses, wakeAt };
}

/** When the group started goes on record with whatever else is written. */
function begun({ task, status }: Member, groupStartTime: string | undefined): Member['status'] {
  const isThisRun = (status.run ?? 0) === (task.status?.run ?? 0);
  return groupStartTime === undefined || !isThisRun ? status : { ...status, groupStartTime };
}

function earliest(times: readonly (Date | undefined)[]): { wakeAt?: Date } {
  const all = times.filter((time) => time !== undefined).map((time) => time.getTime());
  return all.length === 0 ? {} : { wakeAt: new Date(Math.min(...all)) };
}
