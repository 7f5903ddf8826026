import { type Task, TaskReasons } from '@osmo/crds';
import type { Graph, GraphTask } from '@osmo/workflow-spec/graph';
import type { TaskGlance } from './recent.ts';

/**
 * What is remembered of a Task. A status that speaks of an earlier run than the one that is asked for counts as none: the
 * task is to start again, and its backend hasn't said so yet.
 */
export function glanceAt(task: GraphTask, graph: Graph, object: Task): TaskGlance {
  const { metadata, spec } = object;
  const run = spec.run ?? 0;
  const status = (object.status?.run ?? 0) < run ? undefined : object.status;
  const phase = status?.phase ?? 'Pending';
  const ended = phase === 'Completed' || phase === 'Failed';
  const times = [
    ended ? status?.completionTime : undefined,
    status?.startTime,
    status?.initializingTime,
    status?.schedulingTime,
    metadata.creationTimestamp,
  ];
  const at = times.map((time) => Date.parse(time ?? '')).find((time) => !Number.isNaN(time)) ?? 0;
  const startedAt = Date.parse(status?.startTime ?? '');
  return {
    index: task.index,
    name: task.name,
    group: graph.groups[task.group]?.name ?? '',
    phase,
    ...(status?.reason !== undefined && { reason: status.reason }),
    ...(status?.exitCode !== undefined && { exitCode: status.exitCode }),
    ...(status?.message !== undefined && { message: status.message }),
    at,
    pool: spec.pool,
    ...(!Number.isNaN(startedAt) && { startedAt }),
    ...(run > 0 && { run }),
    ...(spec.hold === true && { held: true }),
    ...(spec.cancel !== undefined && { cancel: spec.cancel.force === true ? 'force' : 'orderly' }),
  };
}

/** Whether nothing more will become of it in this run. */
export function isOver({ phase }: Pick<TaskGlance, 'phase'>): boolean {
  return phase === 'Completed' || phase === 'Failed';
}

/** Whether its command runs or has run in this run. */
export function hasBegun({ phase, startedAt }: Pick<TaskGlance, 'phase' | 'startedAt'>): boolean {
  return startedAt !== undefined || phase === 'Running' || phase === 'Completed';
}

/** Reasons of Tasks that wait for what somebody may have to mend: a quota, a missing Secret, a kubelet that can't tell. */
export const delays: readonly string[] = [
  TaskReasons.podNotAccepted,
  TaskReasons.createContainerConfigError,
  TaskReasons.containerStatusUnknown,
];

/** Whether it waits for such a thing. */
export function isDelayed({ phase, reason }: Pick<TaskGlance, 'phase' | 'reason'>): boolean {
  return reason !== undefined && (phase === 'Scheduling' || phase === 'Initializing') && delays.includes(reason);
}
