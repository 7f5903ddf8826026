import { TaskReasons, TaskType, WorkflowType } from '@osmo/crds';
import type { Task } from '@osmo/crds';
import { isBadRequest, isForbidden, isInvalid, isTooLarge, type RefusedWrite } from '@osmo/kube';
import { refuseTask } from './progress.ts';
import { controllerUidOf, type WorkflowRecord, type WorkflowRecords } from './records.ts';

/** How long a status that can't be stored is left alone, ms: someone may raise the limit of the store. */
export const statusRetryDelay = 10 * 60_000;
const messageLength = 512;

/**
 * Takes a write that the API will never take into the workflow's record, so that the next plan knows: a Task that can't
 * be stored fails its group, a status that can't be stored is cut and at last given up for a while.
 *
 * @returns whether the refusal is dealt with. If not, the write is tried again with back-off; what the API said is kept
 *   for the status.
 */
export function takeRefusal(write: RefusedWrite, error: Error, records: WorkflowRecords, now: Date): boolean {
  if (write.kind === 'apply' && write.desired.mode === 'create' && write.desired.type.kind === TaskType.kind) {
    const task = write.desired.object as Task;
    const record = records.find(controllerUidOf(task));
    return record !== undefined && takeTaskRefusal(record, task, error, now);
  }
  if (write.kind === 'status' && write.write.type.kind === WorkflowType.kind) {
    const record = records.find(write.write.object.metadata.uid);
    return record !== undefined && takeStatusRefusal(record, error, now);
  }
  return false;
}

function takeTaskRefusal(record: WorkflowRecord, task: Task, error: Error, now: Date): boolean {
  const { compiled } = record;
  if ('problems' in compiled) return false;
  const found = compiled.graph.taskByName.get(task.spec.taskName);
  const message = error.message.slice(0, messageLength);
  if (found !== undefined && isFinal(error)) {
    refuseTask(compiled.progress, found, TaskReasons.refused, message, now.getTime());
    return true;
  }
  if (isForbidden(error)) record.hindrance = message;
  return false;
}

function takeStatusRefusal(record: WorkflowRecord, error: Error, now: Date): boolean {
  if (!isFinal(error)) return false;
  if (record.status.room === 'full') {
    record.status = { ...record.status, room: 'compact' };
    return true;
  }
  const retryAt = new Date(now.getTime() + statusRetryDelay);
  record.status = { ...record.status, room: 'none', retryAt };
  return true;
}

// Nothing but another object would be taken; a quota or a missing right (403) can change without it.
function isFinal(error: Error): boolean {
  return isTooLarge(error) || isInvalid(error) || isBadRequest(error);
}
