import { type RecentTask, upstreamWorkflowStatus, type Workflow } from '@osmo/crds';
import { timeOf } from '../conditions.ts';
import { submitterOf } from '../quota/alive.ts';

/** What there is to say about the end of a workflow, in no form yet. */
export interface Notice {
  /** The same whenever the same end is told, so that whoever hears it twice can know. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly run: number;
  readonly phase: 'Completed' | 'Failed';
  /** Upstream's word: COMPLETED, FAILED_EXEC_TIMEOUT … */
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly user: string;
  readonly pool: string;
  readonly startTime?: string;
  readonly completionTime: string;
  readonly tasks?: { readonly total: number; readonly completed: number; readonly failed: number };
  /** The first that failed. */
  readonly failed: readonly Pick<RecentTask, 'name' | 'reason' | 'exitCode' | 'message'>[];
  /** Where a person can look. */
  readonly url?: string;
}

const mostFailed = 5;

/** What to say about a workflow that ended at `end`. */
export function noticeOf(workflow: Workflow, end: Date, publicUrl: string | undefined): Notice {
  const { metadata, spec, status } = workflow;
  const { namespace = '', name, uid = '' } = metadata;
  const run = status?.run ?? 0;
  const counts = status?.taskCounts;
  const failed = (status?.recentTasks ?? []).filter(({ phase }) => phase === 'Failed').slice(0, mostFailed);
  return {
    id: `${uid}.${run}`,
    ...{ namespace, name, uid, run },
    phase: status?.phase === 'Completed' ? 'Completed' : 'Failed',
    status: upstreamWorkflowStatus(workflow),
    ...(status?.reason !== undefined && { reason: status.reason }),
    ...(status?.message !== undefined && { message: status.message }),
    user: submitterOf(workflow),
    pool: spec.pool,
    ...(status?.startTime !== undefined && { startTime: status.startTime }),
    completionTime: timeOf(end),
    ...(counts !== undefined && {
      tasks: { total: counts.total, completed: counts.completed, failed: counts.failed + counts.upstream },
    }),
    failed: failed.map(({ name: task, reason, exitCode, message }) => ({
      name: task,
      ...(reason !== undefined && { reason }),
      ...(exitCode !== undefined && { exitCode }),
      ...(message !== undefined && { message }),
    })),
    ...(publicUrl !== undefined && { url: `${publicUrl}/api/workflow/${encodeURIComponent(name)}` }),
  };
}
