import { Annotations, Api } from '@osmo/crds';
import type { Workflow } from '@osmo/crds';
import type { RecordSummary } from '@osmo/storage';
import { timeOf } from '../conditions.ts';

/** What a list of finished workflows shows of this one. */
export function summaryOf(workflow: Workflow, end: Date): RecordSummary {
  const { metadata, spec, status } = workflow;
  const { namespace = '', name, uid = '', labels, creationTimestamp } = metadata;
  const submittedBy = metadata.annotations?.[Annotations.submittedBy];
  const annotations = ownAnnotations(metadata.annotations);
  return {
    namespace,
    name,
    uid,
    run: status?.run ?? 0,
    phase: status?.phase ?? 'Failed',
    ...(status?.reason !== undefined && { reason: status.reason }),
    ...(status?.message !== undefined && { message: status.message }),
    pool: spec.pool,
    priority: spec.priority,
    ...(submittedBy !== undefined && { submittedBy }),
    ...(labels !== undefined && { labels }),
    ...(spec.labels !== undefined && { workflowLabels: spec.labels }),
    ...(annotations !== undefined && { annotations }),
    ...(creationTimestamp !== undefined && { creationTime: creationTimestamp }),
    ...(status?.startTime !== undefined && { startTime: status.startTime }),
    completionTime: timeOf(end),
    ...(status?.taskCounts !== undefined && { taskCounts: status.taskCounts }),
    ...(status?.groupCounts !== undefined && { groupCounts: status.groupCounts }),
  };
}

/** The product's own, which are small; what tools leave, such as the whole object as it was applied, is in the record. */
function ownAnnotations(annotations: Record<string, string> = {}): Record<string, string> | undefined {
  const own = Object.entries(annotations).filter(([key]) => key.split('/')[0]?.endsWith(Api.group) === true);
  return own.length === 0 ? undefined : Object.fromEntries(own);
}
