import type { Pod, Service } from '@osmo/kube';
import { filesSecretFor } from './files.ts';
import { decideGroup } from './group-end.ts';
import { isWhole, membersOf } from './members.ts';
import { removals, unconfirmed } from './removals.ts';
import { serviceFor } from './service.ts';
import { dueAt, isOver, isRecorded } from './status.ts';
import type { Task } from './task.ts';
import type { GroupPlan, GroupWorld, Member } from './world.ts';

/**
 * Decides what to do about a group. Pure; the order of tasks and pods is irrelevant; applied to the world that it leads
 * to, it asks for nothing more.
 *
 * What makes every crash harmless: a pod is created only for a Task without a recorded pod, under a name that the attempt
 * fixes; a pod is deleted, or its finalizer taken off, only after its Task's end is recorded (or the Task is gone).
 */
export function planGroup(world: GroupWorld): GroupPlan {
  const members = decideGroup(membersOf(world), world.now);
  const writes = statusWrites(members, world.now);
  const create = creations(members, world);
  const rest = removals(members, world);
  const askAgain = unconfirmed(world).length > 0 ? [new Date(world.now.getTime() + askAgainMs)] : [];
  const wakeAt = earliest([...askAgain, ...writes.wakeAt, ...members.map((member) => member.wakeAt)]);
  return { create, ...rest, statuses: writes.statuses, ...wakeAt };
}

/** A pod whose Task the hub has and the cache has not: the cache should catch up; it is looked at again after this. */
const askAgainMs = 30_000;

function statusWrites(members: readonly Member[], now: Date): { statuses: GroupPlan['statuses']; wakeAt: Date[] } {
  const statuses: GroupPlan['statuses'] = [];
  const wakeAt: Date[] = [];
  for (const { task, status } of members) {
    const due = isRecorded(task) ? undefined : dueAt(task, status, now);
    if (due === undefined) continue;
    if (due <= now) statuses.push({ task, status });
    else wakeAt.push(due);
  }
  return { statuses, wakeAt };
}

/**
 * Pods for the members that never had one, once every Task of the group is here and as long as nothing has ended the
 * group. What a crash left undone is made up for: the pods that are missing, the Service, the Secrets of waiting pods.
 */
function creations(members: readonly Member[], world: GroupWorld): GroupPlan['create'] {
  const alive = members.filter(({ status }) => !isOver(status.phase));
  const secrets = alive.flatMap(({ task, pod }) => missingSecret(task, pod, world));
  if (!isWhole(members.map(({ task }) => task))) return { pods: [], services: [], secrets };
  return {
    pods: alive.flatMap(({ wanted }) => (wanted === undefined ? [] : [wanted])),
    services: missingService(alive, world),
    secrets,
  };
}

function missingService(alive: readonly Member[], { services }: GroupWorld): Service[] {
  const first = alive[0]?.task;
  const service = first === undefined ? undefined : serviceFor(first, first.metadata.namespace ?? '');
  const there = services.some(({ metadata }) => metadata.name === service?.metadata.name);
  return service === undefined || there ? [] : [service];
}

function missingSecret(task: Task, pod: Pod | undefined, { filesStored }: GroupWorld) {
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return [];
  if (pod.status?.phase !== 'Pending' || filesStored.has(pod.metadata.uid ?? '')) return [];
  const secret = filesSecretFor(task, pod);
  return secret === undefined ? [] : [secret];
}

function earliest(times: readonly (Date | undefined)[]): { wakeAt?: Date } {
  const all = times.filter((time) => time !== undefined).map((time) => time.getTime());
  return all.length === 0 ? {} : { wakeAt: new Date(Math.min(...all)) };
}
