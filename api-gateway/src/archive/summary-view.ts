import { Annotations, type Workflow } from '@osmo/crds';
import type { RecordSummary } from '@osmo/storage';

/** A finished workflow as far as its summary tells: enough for lists and their filters. */
export function workflowOfSummary(summary: RecordSummary): Workflow {
  const { namespace, name, uid, labels, annotations, submittedBy, creationTime, workflowLabels } = summary;
  return {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Workflow',
    metadata: {
      ...{ namespace, name, uid },
      ...(labels !== undefined && { labels }),
      annotations: { ...annotations, ...(submittedBy !== undefined && { [Annotations.submittedBy]: submittedBy }) },
      creationTimestamp: creationTime ?? summary.startTime ?? summary.completionTime,
    },
    spec: {
      pool: summary.pool,
      priority: summary.priority,
      ...(workflowLabels !== undefined && { labels: workflowLabels }),
    },
    status: {
      phase: summary.phase,
      conditions: [],
      ...(summary.reason !== undefined && { reason: summary.reason }),
      ...(summary.message !== undefined && { message: summary.message }),
      ...(summary.startTime !== undefined && { startTime: summary.startTime }),
      completionTime: summary.completionTime,
    },
  } as unknown as Workflow;
}
