import type { Backend, Platform, Pool, Task, Workflow } from '@osmo/crds';
import { controllerUid, type Informer, type Manager } from '@osmo/kube';
import { Backends, Platforms, Pools, Tasks, Workflows } from './kinds.ts';

/** All that the gateway reads without asking the apiserver. */
export interface Caches {
  readonly workflows: Informer<Workflow>;
  readonly tasks: Informer<Task>;
  readonly pools: Informer<Pool>;
  readonly platforms: Informer<Platform>;
  readonly backends: Informer<Backend>;
}

/** Names of the indexes. */
export const Indexes = {
  /** Tasks by the UID of their Workflow. */
  workflowUid: 'workflowUid',
} as const;

/** Asks the manager for every cache; they are filled once it starts. */
export function newCaches(manager: Manager): Caches {
  return {
    workflows: manager.informer({ type: Workflows, transform: slimWorkflow }),
    tasks: manager.informer({ type: Tasks, indexes: { [Indexes.workflowUid]: controllerUid }, transform: slimTask }),
    pools: manager.informer({ type: Pools }),
    platforms: manager.informer({ type: Platforms }),
    backends: manager.informer({ type: Backends }),
  };
}

/** What programs are given is by far the most of an object, and no list shows it; who asks for the spec gets it fresh. */
const bulky = ['files', 'args', 'env', 'podTemplate', 'variables'] as const;

/** A Workflow without what only its spec shows: template, files, arguments, environment. */
export function slimWorkflow(workflow: Workflow): Workflow {
  delete (workflow.metadata as { managedFields?: unknown }).managedFields;
  delete workflow.spec.source;
  for (const task of workflow.spec.tasks ?? []) dropBulky(task);
  for (const group of workflow.spec.groups ?? []) for (const task of group.tasks) dropBulky(task);
  return workflow;
}

/** A Task without what only its pod needs. */
export function slimTask(task: Task): Task {
  delete (task.metadata as { managedFields?: unknown }).managedFields;
  dropBulky(task.spec);
  return task;
}

function dropBulky(holder: object): void {
  for (const field of bulky) delete (holder as Record<string, unknown>)[field];
  (holder as { command?: readonly string[] }).command = noWords;
}

const noWords: readonly string[] = Object.freeze([]);
