import { TaskReasons, type Task, type Workflow, WorkflowReasons } from '@osmo/crds';

/** Upstream's words for how far something is; its clients compare them. */
export const statusWords = [
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
export type StatusWord = (typeof statusWords)[number];

const failures: Readonly<Record<string, StatusWord>> = {
  [TaskReasons.imagePull]: 'FAILED_IMAGE_PULL',
  [TaskReasons.createError]: 'FAILED_BACKEND_ERROR',
  [TaskReasons.startError]: 'FAILED_START_ERROR',
  [TaskReasons.evicted]: 'FAILED_EVICTED',
  [TaskReasons.oomKilled]: 'FAILED_EVICTED',
  [TaskReasons.preempted]: 'FAILED_PREEMPTED',
  [TaskReasons.backendError]: 'FAILED_BACKEND_ERROR',
  [TaskReasons.startTimeout]: 'FAILED_START_TIMEOUT',
  [TaskReasons.execTimeout]: 'FAILED_EXEC_TIMEOUT',
  [TaskReasons.queueTimeout]: 'FAILED_QUEUE_TIMEOUT',
  [TaskReasons.canceled]: 'FAILED_CANCELED',
  [TaskReasons.upstream]: 'FAILED_UPSTREAM',
  [TaskReasons.refused]: 'FAILED_SERVER_ERROR',
};

/** Reasons by which a workflow was refused before anything of it ran. */
const refusals: ReadonlySet<string> = new Set([
  WorkflowReasons.invalidSpec,
  WorkflowReasons.unsupported,
  WorkflowReasons.notAllowed,
  WorkflowReasons.resourceRule,
]);

export function workflowStatus({ status }: Pick<Workflow, 'status'>): StatusWord {
  switch (status?.phase) {
    case 'Running':
      return 'RUNNING';
    case 'Completed':
      return 'COMPLETED';
    case 'Failed':
      return refusals.has(status.reason ?? '') ? 'FAILED_SUBMISSION' : (failures[status.reason ?? ''] ?? 'FAILED');
    case 'Pending':
    case undefined:
      return 'PENDING';
  }
}

export function taskStatus({ status }: Pick<Task, 'status'>): StatusWord {
  switch (status?.phase) {
    case 'Scheduling':
      return 'SCHEDULING';
    case 'Initializing':
      return 'INITIALIZING';
    case 'Running':
      return 'RUNNING';
    case 'Completed':
      return 'COMPLETED';
    case 'Failed':
      return failures[status.reason ?? ''] ?? 'FAILED';
    case 'Pending':
    case undefined:
      return 'PROCESSING';
  }
}

export const hasEnded = (status: StatusWord): boolean => status === 'COMPLETED' || status.startsWith('FAILED');

/** What decides about a group, first match wins: the worst of what happened to it. */
const strongest: readonly StatusWord[] = [
  'FAILED_UPSTREAM',
  'FAILED_SERVER_ERROR',
  'FAILED_PREEMPTED',
  'FAILED_EVICTED',
  'FAILED_CANCELED',
  'FAILED_EXEC_TIMEOUT',
  'FAILED_QUEUE_TIMEOUT',
];

/**
 * How far a group is, from its tasks: as long as one has not ended, the furthest that counts; then the outcome, which only the
 * lead decides when the group ignores the others.
 */
export function groupStatus(
  tasks: readonly { status: StatusWord; lead: boolean }[],
  ignoreNonleadStatus: boolean,
): StatusWord {
  const words = tasks.map(({ status }) => status);
  if (words.some((word) => !hasEnded(word))) {
    if (words.every((word) => word === 'WAITING')) return 'WAITING';
    if (words.some((word) => word === 'RUNNING' || hasEnded(word))) return 'RUNNING';
    const order: readonly StatusWord[] = ['INITIALIZING', 'SCHEDULING', 'PROCESSING'];
    return order.find((word) => words.includes(word)) ?? 'WAITING';
  }
  const strong = strongest.find((word) => words.includes(word));
  if (strong === 'FAILED_UPSTREAM' || strong === 'FAILED_SERVER_ERROR' || strong === 'FAILED_PREEMPTED') return strong;
  const lead = tasks.filter((task) => task.lead);
  const considered = (ignoreNonleadStatus && lead.length > 0 ? lead : tasks).map(({ status }) => status);
  const failed: readonly StatusWord[] = considered.filter((word) => word !== 'COMPLETED');
  if (failed.length === 0) return 'COMPLETED';
  const decisive = strongest.find((word) => failed.includes(word));
  if (decisive !== undefined) return decisive;
  const [first] = failed;
  return first !== undefined && failed.every((word) => word === first) ? first : 'FAILED';
}
