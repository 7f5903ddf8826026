import type { Pod, Service } from '@osmo/kube';
import { classify, seconds } from './classify.ts';
import { filesSecretFor } from './files.ts';
import { decideGroup } from './group-end.ts';
import { podNameOf } from './names.ts';
import { podFor } from './pod.ts';
import { removals, unconfirmed } from './removals.ts';
import { serviceFor } from './service.ts';
import { dueAt, isOver, isRecorded, refused, statusByDelay, statusByEnding, statusByPod, vanished } from './status.ts';
import type { Task, TaskStatus } from './task.ts';
import { UnbuildableError } from './unbuildable.ts';
import type { GroupPlan, GroupWorld, Member } from './world.ts';

/**
 * Decides what to do about a group. Pure; the order of tasks and pods is irrelevant; applied to the world that it leads
 * to, it asks for nothing more.
 *
 * What makes every crash harmless: a pod is created only for a Task without a recorded pod, under a name that the attempt
 * fixes; a pod is deleted, or its finalizer taken off, only after its Task's end is recorded (or the Task is gone).
 */
export function planGroup(world: GroupWorld): GroupPlan {
  const present = world.tasks.filter(({ metadata }) => metadata.deletionTimestamp === undefined).toSorted(byUid);
  const builds = new Map(present.map((task) => [uidOf(task), build(task, world)]));
  const members = decideGroup(
    present.map((task) => memberOf(task, builds.get(uidOf(task)), world)),
    world.now,
  );
  const writes = statusWrites(members, world.now);
  const create = creations(members, builds, world);
  const rest = removals(members, world);
  const askAgain = unconfirmed(world).length > 0 ? [new Date(world.now.getTime() + askAgainMs)] : [];
  const wakeAt = earliest([...askAgain, ...writes.wakeAt, ...members.map((member) => member.wakeAt)]);
  return { create, ...rest, statuses: writes.statuses, ...wakeAt };
}

/** A pod whose Task the hub has and the cache has not: the cache should catch up; it is looked at again after this. */
const askAgainMs = 30_000;

type Build = { pod: Pod } | { error: string };

/** The pod that a task would get: built before anything is created, so that a group is never begun that can't be whole. */
function build(task: Task, { settings, refusals }: GroupWorld): Build | undefined {
  if (isRecorded(task) || task.status?.podUID !== undefined) return undefined;
  const attempt = task.status?.attempt ?? 0;
  const name = podNameOf({ name: task.metadata.name, uid: uidOf(task) }, attempt);
  const refusal = refusals.get(name);
  if (refusal !== undefined) return { error: refusal };
  try {
    const namespace = task.metadata.namespace ?? '';
    return { pod: podFor(task, { namespace, attempt, nodeLostSeconds: settings.nodeLostSeconds }) };
  } catch (error) {
    if (error instanceof UnbuildableError) return { error: error.message };
    throw error;
  }
}

function memberOf(task: Task, built: Build | undefined, world: GroupWorld): Member {
  const attempt = task.status?.attempt ?? 0;
  const name = podNameOf({ name: task.metadata.name, uid: uidOf(task) }, attempt);
  const pod = world.pods.find(({ metadata }) => metadata.name === name);
  const started = pod !== undefined || task.status?.podUID !== undefined;
  const base = { task, attempt, pod, started };
  if (isRecorded(task)) return { ...base, status: recorded(task) };
  const now = seconds(world.now);
  const refusal = refusalOf(pod, built, world);
  if (refusal !== undefined) return { ...base, status: statusByEnding(task, pod, refused(refusal, now), attempt) };
  if (pod !== undefined) {
    const verdict = classify(pod, world.now, world.settings.limits);
    return { ...base, status: statusByPod(task, pod, verdict, attempt), wakeAt: verdict.wakeAt };
  }
  if (started) return { ...base, status: statusByEnding(task, undefined, vanished(task, now), attempt) };
  const delay = world.delays.get(podNameOf({ name: task.metadata.name, uid: uidOf(task) }, attempt));
  return { ...base, status: delay === undefined ? recorded(task) : statusByDelay(task, delay) };
}

/** With a pod, only its files can still be refused; without one, the pod itself. */
function refusalOf(pod: Pod | undefined, built: Build | undefined, { refusals }: GroupWorld): string | undefined {
  if (pod !== undefined) return refusals.get(pod.metadata.name);
  return built !== undefined && 'error' in built ? built.error : undefined;
}

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
function creations(
  members: readonly Member[],
  builds: ReadonlyMap<string, Build | undefined>,
  world: GroupWorld,
): GroupPlan['create'] {
  const whole = members.length > 0 && members.every(({ task }) => task.spec.group.size === members.length);
  const alive = members.filter(({ status }) => !isOver(status.phase));
  const nothing: GroupPlan['create'] = { pods: [], services: [], secrets: [] };
  if (!whole || alive.length === 0) return nothing;
  const pods = alive.filter(({ started }) => !started).map(({ task }) => builds.get(uidOf(task)));
  return {
    pods: pods.flatMap((built) => (built !== undefined && 'pod' in built ? [built.pod] : [])),
    services: missingService(alive, world),
    secrets: alive.flatMap(({ task, pod }) => missingSecret(task, pod, world)),
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

/** What the Task says by itself: nothing, until the first status is written. */
function recorded(task: Task): TaskStatus {
  return task.status ?? { phase: 'Pending', attempt: 0, conditions: [] };
}

function uidOf(task: Task): string {
  return task.metadata.uid ?? '';
}

function byUid(a: Task, b: Task): number {
  return uidOf(a) < uidOf(b) ? -1 : 1;
}
