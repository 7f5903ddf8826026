import { EventReasons, TaskType } from '@osmo/crds';
import type { Task, Workflow, WorkflowStatus } from '@osmo/crds';
import type { Desired, Plan, Removal } from '@osmo/kube';
import { batchLimit } from './batch.ts';
import { nextLook } from '../queue/explain.ts';
import { eventsOf, refusedRestartEvents } from './events.ts';
import type { GraphTask } from '@osmo/workflow-spec/graph';
import type { Progress } from './progress.ts';
import type { WorkflowWorld } from './world.ts';
import { paceOf } from './pace.ts';
import { isUnseen } from './restart.ts';
import { tell } from './signals.ts';
import { isFinal, statusOf } from './status.ts';
import { taskFor } from './tasks.ts';

/**
 * What to do about one workflow: create the Tasks whose turn has come, tell those that exist what has changed, remove those
 * in the way, say where it is. A workflow that has ended is left alone but for a restart and for saying of which
 * generation it has, and one that is being deleted altogether.
 */
export function planWorkflow(world: WorkflowWorld): Plan<Workflow> {
  const { workflow, now, restart } = world;
  if (workflow.metadata.deletionTimestamp !== undefined) return {};
  if (restart?.kind === 'marking') {
    // With nothing to tell, Tasks are on their way out: that they are gone wakes this up.
    return world.tell.length === 0 ? {} : { apply: world.tell.map(tell), wakeAt: now };
  }
  if (isFinal(workflow.status) && restart?.kind !== 'told') {
    if (restart !== undefined) return noteRestart(world);
    const status = isUnseen(workflow) ? endAsSeen(workflow) : undefined;
    return { apply: world.tell.map(tell), ...(status !== undefined && { status }) };
  }
  const status = statusOf(world);
  const apply = [...world.publish, ...creations(world), ...world.tell.map(tell)];
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
    apply.length > 0 && isFull(world) ? now : undefined,
    // What was held back for the restart goes on, and our own status wakes nobody.
    restart?.kind === 'told' ? now : undefined,
    world.wait === undefined ? undefined : nextLook(world.wait, now),
    world.dataRetryAt,
  );
  return {
    apply,
    remove,
    ...(pace.write && { status, events: eventsOf(world, status) }),
    ...(wakeAt !== undefined && { wakeAt }),
  };
}

const isFull = ({ batch, tell: told }: WorkflowWorld): boolean =>
  batch.length >= batchLimit || told.length >= batchLimit;

/** All that is left of a request that does nothing: nobody looks at it again. */
function noteRestart(world: WorkflowWorld): Plan<Workflow> {
  const status = endAsSeen(world.workflow);
  const { restart } = world.workflow.spec;
  if (status === undefined || restart === undefined) return {};
  return { status: { ...status, restartID: restart.id }, events: refusedRestartEvents(world) };
}

/** What is said of a workflow that has ended, said of its spec as it is now. */
function endAsSeen({ status, metadata: { generation } }: Workflow): WorkflowStatus | undefined {
  if (status === undefined) return undefined;
  const seen = generation === undefined ? {} : { observedGeneration: generation };
  // Who was told of the end is said by somebody else.
  const { notifications: _, ...own } = status;
  return { ...own, ...seen, conditions: own.conditions.map((condition) => ({ ...condition, ...seen })) };
}

function creations({ admission, batch, context, progress }: WorkflowWorld): Desired[] {
  if (admission?.verdict !== 'admitted' || context === undefined) return [];
  return batch
    .filter((candidate) => candidate.occupant === undefined)
    .map(({ task, data }) => ({
      mode: 'create' as const,
      type: TaskType,
      object: inRun(taskFor(task, context, data), task, progress),
    }));
}

/** A Task that somebody deleted comes back in the run of its group: a group starts when all are in the same. */
function inRun(object: Task, { group }: GraphTask, progress: Progress | undefined): Task {
  const peers = progress?.graph.groups[group]?.tasks ?? [];
  const run = peers.reduce((most, { index }) => Math.max(most, progress?.entries[index]?.run ?? 0), 0);
  return run === 0 ? object : { ...object, spec: { ...object.spec, run } };
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

function dateOf(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function earliest(...dates: (Date | undefined)[]): Date | undefined {
  return dates.filter((date) => date !== undefined).toSorted((a, b) => a.getTime() - b.getTime())[0];
}
