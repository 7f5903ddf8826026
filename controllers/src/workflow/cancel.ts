import { ConditionTypes, WorkflowReasons } from '@osmo/crds';
import type { Cancellation, Workflow } from '@osmo/crds';
import { findCondition } from '../conditions.ts';
import { isFinal } from './status.ts';

/** What the Tasks of a canceled workflow are told, and the words for people. */
export interface WorkflowCancellation {
  readonly cancel: Cancellation;
  readonly message: string;
}

/**
 * Whether a workflow is to be ended. That the field is taken away again brings back nothing of a workflow that is being
 * ended: its status says so already.
 */
export function cancellationOf({ spec, status }: Workflow): WorkflowCancellation | undefined {
  if (spec.cancel !== undefined) return { cancel: spec.cancel, message: messageOf(spec.cancel) };
  const former = findCondition(status?.conditions, ConditionTypes.admitted);
  if (former?.reason !== WorkflowReasons.canceled || isFinal(status)) return undefined;
  return { cancel: {}, message: former.message };
}

function messageOf({ by, reason }: Cancellation): string {
  return `canceled${by === undefined ? '' : ` by ${by}`}${reason === undefined ? '' : `: ${reason}`}`;
}
