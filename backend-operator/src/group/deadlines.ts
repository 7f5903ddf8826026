import { TaskReasons } from '@osmo/crds';
import { seconds } from './classify.ts';
import { trueCondition } from './pod-facts.ts';
import { type Ending, isOver } from './status.ts';
import type { Member } from './world.ts';

/** A time limit of the group. */
export interface Deadline {
  at: Date;
  ending: Ending;
}

/**
 * When the first command of the group started in this run; undefined before that. It is stored with every status, so that
 * attempts which are forgotten don't move it.
 */
export function groupStart(members: readonly Member[]): string | undefined {
  return earliest(
    members
      .filter(({ task }) => (task.status?.run ?? 0) === (task.spec.run ?? 0))
      .flatMap(({ task: { status }, verdict }) => [
        status?.groupStartTime,
        onNode(status?.startTime, status?.initializingTime ?? status?.schedulingTime),
        onNode(verdict?.times.start, verdict?.times.initializing ?? verdict?.times.scheduling),
      ]),
  );
}

/** A start, or when its pod got a node if that was later: then the clock of the node is behind, and would end the group early. */
function onNode(start: string | undefined, gotNode: string | undefined): string | undefined {
  if (start === undefined || gotNode === undefined) return start;
  return Date.parse(start) < Date.parse(gotNode) ? gotNode : start;
}

/** The limits that apply now: for the wait for nodes while a pod has none, for the run once a command has started. */
export function deadlinesOf(members: readonly Member[]): Deadline[] {
  const timeouts = members[0]?.task.spec.timeouts ?? {};
  const { queueSeconds, execSeconds } = timeouts;
  const limits = [
    { since: queuedSince(members), limit: queueSeconds, ending: queueTimeout },
    { since: groupStart(members), limit: execSeconds, ending: execTimeout },
  ];
  return limits.flatMap(({ since, limit, ending }) => {
    if (since === undefined || limit === undefined) return [];
    const at = new Date(Date.parse(since) + limit * 1000);
    return [{ at, ending: ending(limit, seconds(at)) }];
  });
}

/** Since when a pod of the group waits for a node. */
function queuedSince(members: readonly Member[]): string | undefined {
  return earliest(
    members.filter(isQueued).map(({ task, pod }) => task.status?.schedulingTime ?? pod?.metadata.creationTimestamp),
  );
}

function isQueued({ pod, status, again }: Member): boolean {
  if (isOver(status.phase) || again !== undefined) return false;
  return pod?.spec.nodeName === undefined && (pod === undefined || trueCondition(pod, 'PodScheduled') === undefined);
}

function queueTimeout(limit: number, completionTime: string): Ending {
  return {
    phase: 'Failed',
    reason: TaskReasons.queueTimeout,
    message: `not every pod of the group had a node within ${limit} s (queueSeconds)`,
    completionTime,
  };
}

function execTimeout(limit: number, completionTime: string): Ending {
  return {
    phase: 'Failed',
    reason: TaskReasons.execTimeout,
    message: `the group ran for longer than ${limit} s (execSeconds)`,
    completionTime,
  };
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  return times.filter((time) => time !== undefined).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
}
