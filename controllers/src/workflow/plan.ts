import { ConditionTypes, EventReasons, TaskType } from '@osmo/crds';
import type { Task, Workflow, WorkflowStatus } from '@osmo/crds';
import type { Desired, EventIntent, Plan, Removal } from '@osmo/kube';
import { findCondition } from '../conditions.ts';
import { batchLimit } from './batch.ts';
import type { WorkflowWorld } from './world.ts';
import { paceOf } from './pace.ts';
import { isFinal, statusOf } from './status.ts';
import { taskFor } from './tasks.ts';

const noteLength = 1000;

/**
 * What to do about one workflow: create the Tasks whose turn has come, remove those in the way, say where it is. A
 * workflow that has ended or is being deleted is left alone.
 */
export function planWorkflow(world: WorkflowWorld): Plan<Workflow> {
  const { workflow, now } = world;
  if (workflow.metadata.deletionTimestamp !== undefined || isFinal(workflow.status)) return {};
  const status = statusOf(world);
  const apply = creations(world);
  const remove = removals(world);
  if (world.status.room === 'none') return { apply, remove, ...unstorable(world) };
  const pace = paceOf({
    former: workflow.status,
    next: status,
    now,
    created: dateOf(workflow.metadata.creationTimestamp),
    statusAt: world.status.at,
  });
  const wakeAt = earliest(
    pace.write ? undefined : pace.at,
    apply.length > 0 && world.batch.length >= batchLimit ? now : undefined,
  );
  return {
    apply,
    remove,
    ...(pace.write && { status, events: eventsOf(workflow, status) }),
    ...(wakeAt !== undefined && { wakeAt }),
  };
}

function creations({ admission, batch, context }: WorkflowWorld): Desired[] {
  if (admission?.verdict !== 'admitted' || context === undefined) return [];
  return batch
    .filter((candidate) => candidate.occupant === undefined)
    .map(({ task }) => ({ mode: 'create' as const, type: TaskType, object: taskFor(task, context) }));
}

function removals({ batch, surplus, workflow }: WorkflowWorld): Removal[] {
  const { name, uid } = workflow.metadata;
  const left = batch.map((candidate) => candidate.occupant).filter((task) => task !== undefined);
  // Only what a workflow of this name left behind: a Task that somebody made by hand is not ours to delete.
  const earlier = left.filter((task) =>
    task.metadata.ownerReferences?.some(
      (owner) => owner.controller === true && owner.kind === 'Workflow' && owner.name === name && owner.uid !== uid,
    ),
  );
  return [...earlier, ...surplus].filter((task) => task.metadata.deletionTimestamp === undefined).map(removalOf);
}

function removalOf({ metadata }: Task): Removal {
  return {
    type: TaskType,
    name: metadata.name,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    ...(metadata.uid !== undefined && { uid: metadata.uid }),
  };
}

/** Told once, then tried again from time to time: someone may have raised the limit of the store. */
function unstorable({ status }: WorkflowWorld): Pick<Plan<Workflow>, 'events' | 'wakeAt'> {
  const note =
    "The status of this workflow can't be stored since the object is too large. Submit it with a smaller spec: move large files into an image or into object storage";
  const action = 'UpdateStatus';
  return {
    ...(!status.told && { events: [{ type: 'Warning', reason: EventReasons.statusNotStored, action, note }] }),
    ...(status.retryAt !== undefined && { wakeAt: status.retryAt }),
  };
}

/** One Event at the end, and one whenever the workflow begins to wait for something else. */
function eventsOf(workflow: Workflow, status: WorkflowStatus): EventIntent[] {
  const detail = [status.reason, status.message]
    .filter((text) => text !== undefined)
    .join(': ')
    .slice(0, noteLength);
  if (status.phase === 'Failed') {
    return [{ type: 'Warning', reason: EventReasons.failed, action: 'Run', note: detail }];
  }
  if (status.phase === 'Completed') {
    const note = `Completed ${status.taskCounts?.completed ?? 0} of ${status.taskCounts?.total ?? 0} tasks`;
    return [{ type: 'Normal', reason: EventReasons.completed, action: 'Run', note }];
  }
  const before = findCondition(workflow.status?.conditions, ConditionTypes.admitted);
  const after = findCondition(status.conditions, ConditionTypes.admitted);
  if (after?.status !== 'False' || before?.reason === after.reason) return [];
  return [{ type: 'Warning', reason: EventReasons.notAdmitted, action: 'Admit', note: detail }];
}

function dateOf(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function earliest(...dates: (Date | undefined)[]): Date | undefined {
  return dates.filter((date) => date !== undefined).toSorted((a, b) => a.getTime() - b.getTime())[0];
}
