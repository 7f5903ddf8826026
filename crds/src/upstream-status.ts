import { TaskReasons, WorkflowReasons } from './constants.ts';
import type { Task } from './task.ts';
import type { Workflow } from './workflow.ts';

/** Upstream's words for where a workflow, a group or a task is; its clients compare them. */
export const upstreamStatuses = [
  'SUBMITTING',
  'WAITING',
  'PROCESSING',
  'SCHEDULING',
  'INITIALIZING',
  'PENDING',
  'RUNNING',
  'COMPLETED',
  'RESCHEDULED',
  'FAILED',
  'FAILED_SUBMISSION',
  'FAILED_CANCELED',
  'FAILED_SERVER_ERROR',
  'FAILED_EXEC_TIMEOUT',
  'FAILED_QUEUE_TIMEOUT',
  'FAILED_BACKEND_ERROR',
  'FAILED_IMAGE_PULL',
  'FAILED_EVICTED',
  'FAILED_START_ERROR',
  'FAILED_START_TIMEOUT',
  'FAILED_PREEMPTED',
  'FAILED_UPSTREAM',
] as const;
export type UpstreamStatus = (typeof upstreamStatuses)[number];

/** Those that upstream has for a workflow as a whole. */
export const upstreamWorkflowStatuses = [
  'WAITING',
  'PENDING',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'FAILED_SUBMISSION',
  'FAILED_CANCELED',
  'FAILED_SERVER_ERROR',
  'FAILED_EXEC_TIMEOUT',
  'FAILED_QUEUE_TIMEOUT',
  'FAILED_BACKEND_ERROR',
  'FAILED_IMAGE_PULL',
  'FAILED_EVICTED',
  'FAILED_START_ERROR',
  'FAILED_START_TIMEOUT',
  'FAILED_PREEMPTED',
] as const satisfies readonly UpstreamStatus[];

/** Those that upstream has for a task. */
export const upstreamTaskStatuses = [
  'WAITING',
  'PROCESSING',
  'SCHEDULING',
  'INITIALIZING',
  'RUNNING',
  'COMPLETED',
  'RESCHEDULED',
  'FAILED',
  'FAILED_CANCELED',
  'FAILED_SERVER_ERROR',
  'FAILED_BACKEND_ERROR',
  'FAILED_EXEC_TIMEOUT',
  'FAILED_QUEUE_TIMEOUT',
  'FAILED_IMAGE_PULL',
  'FAILED_UPSTREAM',
  'FAILED_EVICTED',
  'FAILED_START_ERROR',
  'FAILED_START_TIMEOUT',
  'FAILED_PREEMPTED',
] as const satisfies readonly UpstreamStatus[];

/** What a failed task is called by its reason; `FAILED` by any other. */
const failedTasks: Readonly<Record<string, UpstreamStatus>> = {
  [TaskReasons.canceled]: 'FAILED_CANCELED',
  [TaskReasons.refused]: 'FAILED_SERVER_ERROR',
  [TaskReasons.execTimeout]: 'FAILED_EXEC_TIMEOUT',
  [TaskReasons.queueTimeout]: 'FAILED_QUEUE_TIMEOUT',
  [TaskReasons.backendError]: 'FAILED_BACKEND_ERROR',
  [TaskReasons.createError]: 'FAILED_BACKEND_ERROR',
  [TaskReasons.imagePull]: 'FAILED_IMAGE_PULL',
  [TaskReasons.evicted]: 'FAILED_EVICTED',
  [TaskReasons.oomKilled]: 'FAILED_EVICTED',
  [TaskReasons.startError]: 'FAILED_START_ERROR',
  [TaskReasons.startTimeout]: 'FAILED_START_TIMEOUT',
  [TaskReasons.preempted]: 'FAILED_PREEMPTED',
  [TaskReasons.upstream]: 'FAILED_UPSTREAM',
};

/** The words that groups and workflows have for a failure; upstream folds the others into `FAILED` there. */
const ofGroups: ReadonlySet<UpstreamStatus> = new Set([
  'FAILED_UPSTREAM',
  'FAILED_CANCELED',
  'FAILED_SERVER_ERROR',
  'FAILED_EXEC_TIMEOUT',
  'FAILED_QUEUE_TIMEOUT',
  'FAILED_PREEMPTED',
  'FAILED_EVICTED',
]);

/** Reasons for which a workflow failed before anything of it was started. */
const submissions: ReadonlySet<string> = new Set([
  WorkflowReasons.invalidSpec,
  WorkflowReasons.unsupported,
  WorkflowReasons.notAllowed,
  WorkflowReasons.resourceRule,
]);

const folded = (status: UpstreamStatus): UpstreamStatus => (ofGroups.has(status) ? status : 'FAILED');

/** Whether nothing more will become of what has this status. `RESCHEDULED` is the end of an attempt only. */
export function isUpstreamEnd(status: string): boolean {
  return status === 'COMPLETED' || status.startsWith('FAILED');
}

/** The status of a workflow: `PENDING`, `RUNNING`, `COMPLETED`, or why it failed. */
export function upstreamWorkflowStatus({ status }: Pick<Workflow, 'status'>): UpstreamStatus {
  switch (status?.phase) {
    case 'Running':
      return 'RUNNING';
    case 'Completed':
      return 'COMPLETED';
    case 'Failed':
      if (submissions.has(status.reason ?? '')) return 'FAILED_SUBMISSION';
      return folded(failedTasks[status.reason ?? ''] ?? 'FAILED');
    case 'Pending':
    case undefined:
      return 'PENDING';
  }
}

/**
 * The status of a task that has a Task object. A Task that is to run again and of which its backend has said nothing yet
 * is `PROCESSING`, one that is told to wait `WAITING`.
 */
export function upstreamTaskStatus({ spec, status }: TaskState): UpstreamStatus {
  const isOfThisRun = (status?.run ?? 0) >= (spec?.run ?? 0);
  switch (isOfThisRun ? status?.phase : undefined) {
    case 'Scheduling':
      return 'SCHEDULING';
    case 'Initializing':
      return 'INITIALIZING';
    case 'Running':
      return 'RUNNING';
    case 'Completed':
      return 'COMPLETED';
    case 'Failed':
      return failedTasks[status?.reason ?? ''] ?? 'FAILED';
    case 'Pending':
    case undefined:
      return spec?.hold === true ? 'WAITING' : 'PROCESSING';
  }
}

/** As much of a Task as its status depends on. */
export interface TaskState {
  spec?: Pick<Task['spec'], 'run' | 'hold'>;
  status?: Task['status'];
}

/** The status of a task that has no Task object: nothing has started it. */
export function upstreamStatusWithoutTask({ status }: Pick<Workflow, 'status'>): UpstreamStatus {
  if (status?.phase !== 'Completed' && status?.phase !== 'Failed') return 'WAITING';
  return status.reason === TaskReasons.canceled ? 'FAILED_CANCELED' : 'FAILED_UPSTREAM';
}

/** What decides about a group whoever of its tasks it happened to, and then what does if it happened to one that counts. */
const ofAny: readonly UpstreamStatus[] = ['FAILED_UPSTREAM', 'FAILED_SERVER_ERROR'];
const ofConsidered: readonly UpstreamStatus[] = ['FAILED_CANCELED', 'FAILED_EXEC_TIMEOUT', 'FAILED_QUEUE_TIMEOUT'];

/**
 * The status of a group, from those of its tasks' latest attempts. As long as one has not ended: `RUNNING` if any runs or
 * has ended, else the furthest. Then the first of upstream, server error, (canceled, exec timeout, queue timeout, which
 * upstream gives the group directly), preempted, evicted, failed, completed; with `ignoreNonleadStatus` only the lead
 * counts, but for the first two and for preemption.
 */
export function upstreamGroupStatus(
  tasks: readonly { status: UpstreamStatus; lead: boolean }[],
  ignoreNonleadStatus: boolean,
): UpstreamStatus {
  const all = tasks.map(({ status }) => status);
  if (!all.every(isUpstreamEnd)) {
    if (all.some((status) => status === 'RUNNING' || status === 'RESCHEDULED' || isUpstreamEnd(status)))
      return 'RUNNING';
    const furthest: readonly UpstreamStatus[] = ['INITIALIZING', 'SCHEDULING', 'PROCESSING', 'SUBMITTING'];
    return furthest.find((status) => all.includes(status)) ?? 'WAITING';
  }
  const leads = tasks.filter(({ lead }) => lead);
  const considered = (ignoreNonleadStatus && leads.length > 0 ? leads : tasks).map(({ status }) => status);
  const failed = considered.filter((status) => status !== 'COMPLETED').map(folded);
  const first =
    ofAny.find((status) => all.includes(status)) ??
    ofConsidered.find((status) => failed.includes(status)) ??
    (all.includes('FAILED_PREEMPTED') ? 'FAILED_PREEMPTED' : undefined) ??
    (failed.includes('FAILED_EVICTED') ? 'FAILED_EVICTED' : undefined);
  return first ?? (failed.length > 0 ? 'FAILED' : 'COMPLETED');
}
