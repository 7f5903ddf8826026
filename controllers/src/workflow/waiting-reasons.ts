import { WorkflowReasons } from '@osmo/crds';
import type { WorkflowStatus } from '@osmo/crds';

export type WorkflowReason = (typeof WorkflowReasons)[keyof typeof WorkflowReasons];

/**
 * What somebody hears of a workflow that has come to this reason without having ended: `queued` for nodes, `delayed` by what
 * may have to be mended, `paused` for a moment. 'by its admission': the condition Admitted has the same reason and tells it.
 * 'by its end', 'by its phase': no reason to wait.
 */
const byReason: Readonly<
  Record<WorkflowReason, 'queued' | 'delayed' | 'paused' | 'by its admission' | 'by its end' | 'by its phase'>
> = {
  [WorkflowReasons.queued]: 'queued',
  [WorkflowReasons.dataNotFound]: 'delayed',
  [WorkflowReasons.pending]: 'delayed',
  [WorkflowReasons.publishing]: 'paused',
  [WorkflowReasons.admitted]: 'by its admission',
  [WorkflowReasons.poolNotFound]: 'by its admission',
  [WorkflowReasons.platformNotFound]: 'by its admission',
  [WorkflowReasons.backendNotFound]: 'by its admission',
  [WorkflowReasons.poolNotReady]: 'by its admission',
  [WorkflowReasons.unsupported]: 'by its admission',
  [WorkflowReasons.suspended]: 'by its admission',
  [WorkflowReasons.canceled]: 'by its admission',
  [WorkflowReasons.invalidSpec]: 'by its end',
  [WorkflowReasons.notAllowed]: 'by its end',
  [WorkflowReasons.resourceRule]: 'by its end',
  [WorkflowReasons.completed]: 'by its end',
  [WorkflowReasons.failed]: 'by its end',
  [WorkflowReasons.running]: 'by its phase',
};

/** What has become of a wait: it began, for another reason too, or it is over. */
export type WaitStep =
  | { readonly kind: 'queued' | 'delayed' | 'paused'; readonly reason: string; readonly message: string }
  | { readonly kind: 'over'; readonly reason: string };

/** What happened between two statuses about waiting, as far as neither the admission nor the end tells it. */
export function waitStep(former: WorkflowStatus | undefined, next: WorkflowStatus): WaitStep | undefined {
  if (hasEnded(next) || (former?.reason === next.reason && !hasEnded(former))) return undefined;
  const { reason, message = '' } = next;
  const kind = kindOf(reason);
  if (reason !== undefined && kind !== undefined) return { kind, reason, message };
  const before = hasEnded(former) ? undefined : former?.reason;
  // What came instead is told by itself.
  return before === undefined || reason !== undefined || kindOf(before) === undefined
    ? undefined
    : { kind: 'over', reason: before };
}

/** Reasons of the API's that aren't listed say what has to be mended. */
function kindOf(reason: string | undefined): 'queued' | 'delayed' | 'paused' | undefined {
  if (reason === undefined) return undefined;
  if (!Object.hasOwn(byReason, reason)) return 'delayed';
  const told = byReason[reason as WorkflowReason];
  return told === 'queued' || told === 'delayed' || told === 'paused' ? told : undefined;
}

const hasEnded = (status: WorkflowStatus | undefined): boolean =>
  status?.phase === 'Completed' || status?.phase === 'Failed';
