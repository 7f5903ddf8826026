import type { Task, Workflow } from '@osmo/crds';
import type { Clock } from '@osmo/kube';
import { type Caches, Indexes } from '../caches.ts';
import type { Changes } from '../system/changes.ts';
import type { WorkflowRef } from '../workflows/ids.ts';
import type { WorkflowInCache } from '../workflows/read.ts';

/** A workflow that the cache hasn't heard of for so long was gone before it could. */
const unknownMs = 30_000;

/** A workflow that somebody follows. */
export interface WatchedWorkflow {
  /** It and its Tasks as they are now; undefined when it is gone. */
  read(): { workflow: Workflow; tasks: readonly Task[] } | undefined;
  /** Calls back when something about it may have changed (with the Task, if it is one), until the result is called. */
  listen(changed: (task?: Task) => void): () => void;
}

/** @param first as it was found, maybe before the cache has heard of it: whoever submits a workflow follows it next. */
export function watchedWorkflow(
  {
    caches,
    clock,
    workflowChanges,
    taskChanges,
  }: { caches: Caches; clock: Clock; workflowChanges: Changes<Workflow>; taskChanges: Changes<Task> },
  first: WorkflowInCache,
  { namespace, name }: WorkflowRef,
): WatchedWorkflow {
  const { uid = '' } = first.workflow.metadata;
  const cached = (): Workflow | undefined => {
    const workflow = caches.workflows.get(namespace, name);
    // Another workflow of the same name is none of this one's business.
    return workflow?.metadata.uid === uid ? workflow : undefined;
  };
  let isKnown = cached() !== undefined;
  return {
    read() {
      if (first.archived) return first;
      const workflow = cached();
      if (workflow === undefined) return isKnown ? undefined : first;
      isKnown = true;
      return { workflow, tasks: caches.tasks.byIndex(Indexes.workflowUid, uid) };
    },
    listen(changed) {
      const stops = [
        workflowChanges.listen(({ old, new: now }) => {
          if ((now ?? old)?.metadata.uid === uid) changed();
        }),
        taskChanges.listen(({ old, new: now }) => {
          if ((now ?? old)?.spec.workflow.uid === uid) changed(now);
        }),
      ];
      if (!isKnown) {
        const giveUp = clock.setTimeout(unknownMs, () => {
          isKnown = true;
          changed();
        });
        stops.push(giveUp);
      }
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
