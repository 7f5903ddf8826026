import type { Pod } from '@osmo/kube';
import { afterAttempt } from './attempt-end.ts';
import { isAlone } from './attempts.ts';
import { type StartTogether, startTogether } from './barrier.ts';
import { classify, seconds } from './classify.ts';
import { attemptOfPod, serviceNameOf, taskOfObject } from './identity.ts';
import { serviceKey } from './ledger.ts';
import { podNameOf } from './names.ts';
import { podFor } from './pod.ts';
import { timesOf } from './pod-facts.ts';
import {
  endingOf,
  isOver,
  isRecorded,
  refused,
  statusByDelay,
  statusByEnding,
  statusByPod,
  vanished,
} from './status.ts';
import type { Task, TaskStatus } from './task.ts';
import { UnbuildableError } from './unbuildable.ts';
import { type Limits, type Verdict } from './verdict.ts';
import type { GroupWorld, Member } from './world.ts';

/** The Tasks that go on, in a fixed order. */
export function presentTasks({ tasks }: Pick<GroupWorld, 'tasks'>): Task[] {
  return tasks.filter(({ metadata }) => metadata.deletionTimestamp === undefined).toSorted(byUid);
}

/** The tasks of the group that go on, in a fixed order, each with its pod and the status that it has by that alone. */
export function membersOf(world: GroupWorld): Member[] {
  const present = presentTasks(world);
  const pods = new Map(world.pods.map((pod) => [pod.metadata.name, pod]));
  const byTask = Map.groupBy(world.pods, (pod) => taskOfObject(pod)?.name);
  const onNodes = onNodesSince(present, pods);
  const members = present.map((task) =>
    memberOf(task, pods.get(podNameOfTask(task)), byTask.get(task.metadata.name) ?? [], {
      ...world,
      settings: { ...world.settings, limits: limitsOf(task, world.settings.limits, onNodes) },
    }),
  );
  return isWhole(present) ? withWanted(members, world) : members;
}

/** Whether all tasks of the group are here. */
export function isWhole(tasks: readonly Task[]): boolean {
  return tasks.length > 0 && tasks.every(({ spec }) => spec.group.size === tasks.length);
}

/** `pods` are all of the task, those of a Task of its name that somebody deleted included: two of them must not run at once. */
function memberOf(task: Task, pod: Pod | undefined, pods: readonly Pod[], world: GroupWorld): Member {
  const attempt = attemptOf(task);
  const isOwn = (other: Pod): boolean => taskOfObject(other)?.uid === task.metadata.uid;
  const earlier = pods.filter((other) => !isOwn(other) || attemptOfPod(other) < attempt);
  const started = pod !== undefined || task.status?.podUID !== undefined;
  const base = { task, attempt, round: task.status?.round ?? 0, pod, earlier, started, status: recorded(task) };
  const now = seconds(world.now);
  if (isRecorded(task)) return base;
  const refusal =
    world.refusals.get(podNameOfTask(task)) ?? (started ? undefined : ofService(task, world, world.refusals));
  if (refusal !== undefined) return { ...base, status: statusByEnding(task, pod, refused(refusal, now), attempt) };
  if (pod !== undefined) return byVerdict(base, classify(pod, world.now, world.settings.limits), now);
  return started ? byVerdict(base, vanished(task, now), now) : base;
}

/** A member by what its pod says: it goes on, has ended, or is to be tried again. */
function byVerdict(base: Member, verdict: Verdict, now: string): Member {
  const { task, pod, attempt } = base;
  const member: Member = { ...base, verdict, wakeAt: verdict.wakeAt };
  const status = (by: Verdict): TaskStatus =>
    pod === undefined
      ? statusByEnding(task, undefined, endingOf(by, now), attempt)
      : statusByPod(task, pod, by, attempt);
  if (!isOver(verdict.phase)) return { ...member, status: status(verdict) };
  const after = afterAttempt(task, verdict);
  if (after.kind === 'again') return { ...member, again: after.again };
  return { ...member, status: status(after.verdict) };
}

/**
 * A task's own time limit for its start counts from the node to the command; else the operator's, for the sandbox only. Where
 * tasks wait for each other it counts from the last one's node: until then the time in the queue is what counts.
 */
function limitsOf({ spec }: Task, limits: Limits, onNodes: string | undefined): Limits {
  const startSeconds = spec.timeouts?.startSeconds;
  if (startSeconds === undefined) return limits;
  if (!spec.group.barrier || spec.group.size <= 1) return { ...limits, startSeconds };
  return onNodes === undefined ? limits : { ...limits, startSeconds, startFrom: onNodes };
}

/** Since when all pods of the group have their nodes; undefined while one has none. */
function onNodesSince(tasks: readonly Task[], pods: ReadonlyMap<string, Pod>): string | undefined {
  const since = tasks
    .filter((task) => !isRecorded(task))
    .map((task) => pods.get(podNameOfTask(task)))
    .map((pod) => (pod === undefined ? undefined : timesOf(pod).initializing));
  const times = since.filter((time) => time !== undefined);
  return times.length < since.length ? undefined : times.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0];
}

/**
 * Pods for the members that wait for theirs. All are built before any of the group is created, so that a group is never
 * begun that can't be whole.
 */
function withWanted(members: readonly Member[], world: GroupWorld): Member[] {
  const { now, delays, settings } = world;
  const start = startOf(members, settings.taskRuntimeImage);
  return members.map((member) => {
    const { task, attempt, started, status } = member;
    if (started || isOver(status.phase)) return member;
    const namespace = task.metadata.namespace ?? '';
    const { nodeLostSeconds } = settings;
    try {
      const wanted = podFor(task, {
        namespace,
        attempt,
        nodeLostSeconds,
        runtime: { image: settings.taskRuntimeImage, store: settings.data },
        ...(start === undefined || isAlone(task) ? {} : { start }),
      });
      const delay =
        delays.get(wanted.metadata.name) ?? (isPaused(task, now) ? undefined : ofService(task, world, delays));
      return {
        ...member,
        wanted,
        status: delay === undefined ? status : statusByDelay(task, delay, seconds(now)),
      };
    } catch (error) {
      if (!(error instanceof UnbuildableError)) throw error;
      return { ...member, status: statusByEnding(task, undefined, refused(error.message, seconds(now)), attempt) };
    }
  });
}

/** What was said about the Service of the group, as long as it isn't there. */
function ofService(task: Task, { services }: GroupWorld, said: ReadonlyMap<string, string>): string | undefined {
  if (task.spec.group.size <= 1) return undefined;
  const name = serviceNameOf(task);
  return services.some(({ metadata }) => metadata.name === name) ? undefined : said.get(serviceKey(name));
}

/** Whether the pause before its attempt still goes on: until then it misses nothing. */
function isPaused({ status }: Task, now: Date): boolean {
  return status?.retryTime !== undefined && new Date(status.retryTime) > now;
}

/** Whom the start barrier has to bring together: all tasks that haven't ended. */
function startOf(members: readonly Member[], image: string): StartTogether | undefined {
  const lead = members.find(({ task }) => task.spec.lead)?.task;
  const going = members.filter(({ status }) => !isOver(status.phase)).length;
  if (lead === undefined || going <= 1 || members.some(({ task }) => !task.spec.group.barrier)) return undefined;
  const epoch = members.reduce((sum, { attempt }) => sum + attempt, 0);
  return startTogether(lead, { epoch, members: going, image });
}

/** What the Task says by itself: nothing, until the first status is written. */
export function recorded(task: Task): TaskStatus {
  return task.status ?? { phase: 'Pending', attempt: 0, conditions: [] };
}

function attemptOf(task: Task): number {
  return task.status?.attempt ?? 0;
}

/** Name of the pod of the task's attempt. */
export function podNameOfTask(task: Task): string {
  const { name, uid = '' } = task.metadata;
  return podNameOf({ name, uid }, attemptOf(task));
}

function byUid(a: Task, b: Task): number {
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}
