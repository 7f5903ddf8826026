import { Annotations, type Task, type Workflow } from '@osmo/crds';
import { type ObjectStore, writeRecord } from '@osmo/storage';

/** Puts the record of a finished workflow into an archive, as the controllers do before they delete it. */
export async function archiveWorkflow(
  store: ObjectStore,
  workflow: Workflow,
  tasks: readonly Task[] = [],
): Promise<void> {
  const { metadata, spec, status } = workflow;
  const { namespace = '', name, uid = '', labels, annotations, creationTimestamp } = metadata;
  const submittedBy = annotations?.[Annotations.submittedBy];
  await writeRecord(store, {
    summary: {
      ...{ namespace, name, uid, run: 0, pool: spec.pool, priority: spec.priority },
      phase: status?.phase ?? 'Completed',
      completionTime: status?.completionTime ?? '',
      ...(status?.startTime !== undefined && { startTime: status.startTime }),
      ...(creationTimestamp !== undefined && { creationTime: creationTimestamp }),
      ...(submittedBy !== undefined && { submittedBy }),
      ...(labels !== undefined && { labels }),
      ...(spec.labels !== undefined && { workflowLabels: spec.labels }),
      ...(annotations !== undefined && { annotations }),
    },
    workflow,
    tasks: (async function* each() {
      yield* tasks as never[];
    })(),
    events: [],
    imageOf: () => ({ image: 'busybox', imageIDs: [] }),
  });
}
