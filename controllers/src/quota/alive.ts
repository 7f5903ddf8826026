import { Annotations, ConditionTypes, quotaUsageName, type Workflow } from '@osmo/crds';
import { findCondition } from '../conditions.ts';

/** Whether a workflow counts: it hasn't ended, or is to run again. One that is being deleted counts until its end. */
export function isAlive({ spec, status }: Workflow): boolean {
  if (spec.restart !== undefined && spec.restart.id !== status?.restartID) return true;
  const succeeded = findCondition(status?.conditions, ConditionTypes.succeeded);
  return succeeded?.status !== 'True' && succeeded?.status !== 'False';
}

/** All that the number of its unended tasks follows from: told apart without counting them. */
export function tasksMark({ spec, status }: Workflow): string {
  const { total, completed, failed, upstream } = status?.taskCounts ?? {};
  return JSON.stringify([total, completed, failed, upstream, spec.restart?.id, status?.restartID]);
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
