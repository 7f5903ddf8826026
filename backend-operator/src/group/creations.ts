import type { Pod, Secret, Service } from '@osmo/kube';
import { planSecretNameOf } from '../transfer/names.ts';
import { planSecretFor } from '../transfer/secret.ts';
import { isAlone } from './attempts.ts';
import { filesSecretFor, storedAs } from './files.ts';
import { isWhole } from './members.ts';
import { filesSecretNameOf } from './names.ts';
import { isFinished } from './pod-facts.ts';
import { serviceFor } from './service.ts';
import { isOver } from './status.ts';
import type { Task } from './task.ts';
import { isHeld } from './transitions.ts';
import type { GroupPlan, GroupWorld, Member } from './world.ts';

/**
 * Pods for the members that have none in their attempt, once every Task of the group is here and as long as nothing has
 * ended the group: those that start together all at once, when the last of them may; who goes on alone by itself. What a
 * crash left undone is made up for: the pods that are missing, the Service, the Secrets of waiting pods.
 */
export function creations(members: readonly Member[], world: GroupWorld): GroupPlan['create'] {
  const alive = members.filter(({ status }) => !isOver(status.phase));
  const secrets = alive.flatMap(({ task, pod }) => missingSecrets(task, pod, world));
  if (!isWhole(members.map(({ task }) => task)) || isHeld(members) || isMoving(members)) {
    return { pods: [], services: [], secrets };
  }
  return { pods: wantedPods(alive, world.now), services: missingService(alive, world), secrets };
}

/** When a pod may be created that may not yet, as far as that depends on time alone. */
export function opensAt(members: readonly Member[]): Date[] {
  const times = members.flatMap((member) => (member.wanted === undefined ? [] : obstacles(member)));
  return times.filter((time) => time.getTime() !== never);
}

/** The last instant that a Date can be. */
const never = 8.64e15;

/** While an attempt is about to begin on record, nothing is created: the world is not what the record says. */
export function isMoving(members: readonly Member[]): boolean {
  return members.some(({ attempt, round, status }) => status.attempt !== attempt || (status.round ?? 0) !== round);
}

function wantedPods(alive: readonly Member[], now: Date): Pod[] {
  const waiting = alive.filter((member) => member.wanted !== undefined);
  const isOpen = (member: Member) => obstacles(member).every((time) => time <= now);
  const together = waiting.filter(({ task }) => !isAlone(task));
  const allOpen = together.every(isOpen);
  const open = waiting.filter((member) => (isAlone(member.task) ? isOpen(member) : allOpen));
  return open.flatMap(({ wanted }) => (wanted === undefined ? [] : [wanted]));
}

/**
 * What an attempt waits for: the pause before it, and the pods of earlier attempts, which hold the place and the name.
 * One whose time to end has passed is on a node that doesn't answer: it isn't waited for.
 */
function obstacles({ task, earlier }: Member): Date[] {
  const { retryTime } = task.status ?? {};
  return [
    ...(retryTime === undefined ? [] : [new Date(retryTime)]),
    ...earlier
      .filter((pod) => !isFinished(pod))
      .map(({ metadata: { deletionTimestamp } }) => new Date(deletionTimestamp ?? never)),
  ];
}

function missingService(alive: readonly Member[], { services }: GroupWorld): Service[] {
  const first = alive[0]?.task;
  const service = first === undefined ? undefined : serviceFor(first, first.metadata.namespace ?? '');
  const there = services.some(({ metadata }) => metadata.name === service?.metadata.name);
  return service === undefined || there ? [] : [service];
}

function missingSecrets(task: Task, pod: Pod | undefined, { filesStored, settings }: GroupWorld): Secret[] {
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return [];
  if (pod.status?.phase !== 'Pending') return [];
  const { uid = '', name } = pod.metadata;
  // Made only when they are missing: that costs more than the look.
  const files = filesStored.has(storedAs(uid, filesSecretNameOf(name), name)) ? undefined : filesSecretFor(task, pod);
  const isPlanned = filesStored.has(storedAs(uid, planSecretNameOf(name), name));
  const plan = isPlanned ? undefined : planSecretFor(task, pod, settings.data);
  return [files, plan].filter((secret) => secret !== undefined);
}
