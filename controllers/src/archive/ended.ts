import { ConditionTypes } from '@osmo/crds';
import type { Workflow } from '@osmo/crds';
import { findCondition } from '../conditions.ts';
import { openRestart } from '../workflow/restart.ts';

/**
 * When a workflow came to its end; undefined while it hasn't, also when it will be restarted or is being deleted.
 * Computed from what is stored, so that it is the same after any restart of ours.
 */
export function endOf(workflow: Workflow): Date | undefined {
  const { metadata, status } = workflow;
  if (metadata.deletionTimestamp !== undefined || openRestart(workflow) !== undefined) return undefined;
  const succeeded = findCondition(status?.conditions, ConditionTypes.succeeded);
  if (succeeded?.status !== 'True' && succeeded?.status !== 'False') return undefined;
  const time = new Date(status?.completionTime ?? succeeded.lastTransitionTime);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** What decides how long workflows stay that have ended. */
export interface Stay {
  /** For workflows that say nothing; undefined: for good. */
  readonly defaultTtlSeconds: number | undefined;
  /** All stay at least so long: Events about the end come a little later than the end. */
  readonly leastSeconds: number;
}

/** When the objects of a workflow are to go; undefined: never, as things are. */
export function deletionTime(workflow: Workflow, { defaultTtlSeconds, leastSeconds }: Stay): Date | undefined {
  const end = endOf(workflow);
  const seconds = workflow.spec.ttlSecondsAfterFinished ?? defaultTtlSeconds;
  if (end === undefined || seconds === undefined) return undefined;
  return new Date(end.getTime() + Math.max(seconds, leastSeconds) * 1000);
}
