import { EventReasons, WorkflowType } from '@osmo/crds';
import type { Workflow } from '@osmo/crds';
import type { Plan } from '@osmo/kube';

/** How far the record of a workflow is. */
export type Archived =
  /** There is no archive: nothing is kept. */
  | { state: 'None' }
  /** The record is in the archive, whole. */
  | { state: 'Stored'; url: string }
  /** It could not be written just now. */
  | { state: 'Failed'; message: string; retryAt: Date }
  /** It could not be written before; nothing was tried now. */
  | { state: 'Waiting'; retryAt: Date };

/** All that what becomes of a finished workflow depends on. */
export interface ArchiveWorld {
  readonly now: Date;
  readonly workflow: Workflow;
  /** When its objects are to go. */
  readonly deleteAt: Date;
  /** Undefined as long as it isn't time. */
  readonly archived: Archived | undefined;
}

/**
 * What to do about a workflow that has ended: wait; or say that its record can't be written, and keep everything; or delete
 * it, exactly as it was recorded: a workflow that has changed since is recorded again. Its Tasks follow as its dependents.
 */
export function planArchive({ now, workflow, deleteAt, archived }: ArchiveWorld): Plan<Workflow> {
  if (now < deleteAt || archived === undefined) return { wakeAt: deleteAt };
  if (archived.state === 'Waiting') return { wakeAt: archived.retryAt };
  if (archived.state === 'Failed') {
    const note = `the record could not be archived, so nothing is deleted; it will be tried again: ${archived.message}`;
    const event = { type: 'Warning' as const, reason: EventReasons.archiveFailed, action: 'Archive', note };
    return { events: [event], wakeAt: archived.retryAt };
  }
  const { namespace, name, uid, resourceVersion } = workflow.metadata;
  const removal = {
    type: WorkflowType,
    namespace,
    name,
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    propagationPolicy: 'Background' as const,
  };
  if (archived.state === 'None') return { remove: [removal] };
  const note = `its record is in the archive, ${archived.url}; its objects were deleted`;
  return {
    remove: [removal],
    events: [{ type: 'Normal', reason: EventReasons.archived, action: 'Archive', note }],
  };
}
