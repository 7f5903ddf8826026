import { Annotations, ConditionTypes, quotaUsageName, type Workflow } from '@osmo/crds';
import { compileGraph } from '@osmo/workflow-spec/graph';
import { findCondition } from '../conditions.ts';

/** Whether a workflow counts: it hasn't ended, or is to run again. One that is being deleted counts until its end. */
export function isAlive({ spec, status }: Workflow): boolean {
  if (spec.restart !== undefined && spec.restart.id !== status?.restartID) return true;
  const succeeded = findCondition(status?.conditions, ConditionTypes.succeeded);
  return succeeded?.status !== 'True' && succeeded?.status !== 'False';
}

/** Tasks of a workflow that have not ended; undefined as long as nothing has counted them. */
export function tasksLeft({ spec, status }: Workflow): number | undefined {
  const counts = status?.taskCounts;
  if (counts === undefined) return undefined;
  const isRestarted = spec.restart !== undefined && spec.restart.id !== status?.restartID;
  return counts.total - counts.completed - (isRestarted ? 0 : counts.failed + counts.upstream);
}

/** As `tasksLeft`; as many as the spec stands for where nothing has counted them. */
export function tasksOf(workflow: Workflow): number {
  return tasksLeft(workflow) ?? compileGraph(workflow.spec).graph?.tasks.length ?? 0;
}

/** Who submitted a workflow; empty when nobody knows. */
export function submitterOf({ metadata }: Workflow): string {
  return metadata.annotations?.[Annotations.submittedBy] ?? '';
}

/** Names of the QuotaUsages that a workflow counts in, whether they exist or not. */
export function usagesOf(workflow: Workflow): string[] {
  const { namespace = '' } = workflow.metadata;
  return [quotaUsageName('User', submitterOf(workflow)), quotaUsageName('Namespace', namespace)];
}
