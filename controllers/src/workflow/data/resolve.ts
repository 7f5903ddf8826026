import type { Task, TaskData, TaskInput, TaskOutput, Workflow } from '@osmo/crds';
import { type Graph, type GraphTask, replaceTokens } from '@osmo/workflow-spec/graph';
import { sameInstanceInputs } from '../same-instance.ts';
import { type Catalog, Missing } from './catalog.ts';
import { resolveInputs } from './inputs.ts';
import { resolveOutputs } from './outputs.ts';

/** What of a Task's data had to be looked up. */
export type ResolvedData = Pick<TaskData, 'inputs' | 'outputs'>;

export interface ResolveContext {
  readonly workflow: Workflow;
  readonly graph: Graph;
  readonly catalog: Catalog;
  /** Finds the Task object of a task of this workflow. */
  readonly find: (task: GraphTask) => Task | undefined;
}

/**
 * Which versions the inputs of a task are now, and where its outputs go; or what is missing first. `pinned` is what it was
 * before: the same versions of datasets are read, and updated, again.
 */
export function resolveData(
  task: GraphTask,
  { workflow, graph, catalog, find }: ResolveContext,
  pinned?: ResolvedData,
): ResolvedData | Missing {
  const { inputs, outputs } = transfersOf(task, workflow, graph);
  const namespace = workflow.metadata.namespace ?? '';
  const found = resolveInputs(inputs, task.path, { namespace, graph, catalog, find, pinned: pinned?.inputs });
  if (found instanceof Missing) return found;
  const places = resolveOutputs(outputs, task.path, { namespace, catalog, pinned: pinned?.outputs });
  if (places instanceof Missing) return places;
  return { ...(found.length > 0 && { inputs: found }), ...(places.length > 0 && { outputs: places }) };
}

/** Inputs and outputs of a task with their tokens replaced. */
export function transfersOf(
  task: GraphTask,
  { metadata }: Workflow,
  graph: Graph,
): { inputs: readonly TaskInput[]; outputs: readonly TaskOutput[] } {
  const { inputs = [], outputs = [] } = task.template;
  if (inputs.length === 0 && outputs.length === 0) return { inputs, outputs };
  const names = { name: metadata.name, uid: metadata.uid ?? '', namespace: metadata.namespace ?? '' };
  const own = { inputs: sameInstanceInputs(task, inputs, graph), outputs };
  return replaceTokens(own, task, { graph, workflow: names });
}
