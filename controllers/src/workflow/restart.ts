import type { Restart, Task, Workflow } from '@osmo/crds';
import {
  type GraphTask,
  problemsMessage,
  restartedBy,
  restartProblems,
  withDependents,
} from '@osmo/workflow-spec/graph';
import type { Progress } from './progress.ts';
import { isFinal } from './status.ts';
import { collect, type FindTask, type Told } from './signals.ts';

const messageLength = 1000;

/**
 * What becomes of a request to run tasks again. 'refused' and 'nothing': it is noted, and that is all. 'marking': Tasks
 * are still to be told; nothing else is done meanwhile. 'told': all were, and the workflow is in its next run.
 */
export type RestartStep =
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'marking'; readonly told: readonly Told[] }
  | { readonly kind: 'told'; readonly run: number; readonly tasks: number };

/** The request that has not taken place yet. That of a canceled workflow waits until `spec.cancel` is taken away. */
export function openRestart({ spec, status }: Workflow): Restart | undefined {
  const { restart, cancel } = spec;
  return restart === undefined || cancel !== undefined || restart.id === status?.restartID ? undefined : restart;
}

/**
 * Whether a workflow was canceled while a request to run tasks again was under way: Tasks that were told of it already are
 * to be ended, although the workflow itself has ended long since.
 */
function isOvertaken({ spec, status }: Workflow): boolean {
  return spec.cancel !== undefined && spec.restart !== undefined && spec.restart.id !== status?.restartID;
}

/** Whether its status is of an earlier state of its spec: who waits for a condition takes none of an earlier generation (`kubectl wait`). */
export function isUnseen({ metadata, status }: Workflow): boolean {
  return metadata.generation !== undefined && (status?.observedGeneration ?? 0) < metadata.generation;
}

/** Whether it has ended, says so of its spec as it is, and nobody asks to run it again: nothing about it is looked at or written any more then. */
export function isAtRest(workflow: Workflow): boolean {
  const isAsked = openRestart(workflow) !== undefined || isOvertaken(workflow);
  return isFinal(workflow.status) && !isAsked && !isUnseen(workflow);
}

/** The next step of a request for a spec that can't be run. */
export function refuseRestart(): RestartStep {
  return {
    kind: 'refused',
    message: 'the spec of this workflow can never be run; apply a corrected one under a new name',
  };
}

/**
 * The next step of a request. Every Task that is to run again is told its new run, and to wait; the request has taken
 * place when all were told.
 *
 * After a crash halfway the same Tasks are found again: those that were told already are known by their run, and all
 * that depends on them is told with them. A Task is told the number of the run and not to add one, so that telling it
 * twice does nothing.
 */
export function restartStep(
  restart: Restart,
  { status }: Workflow,
  progress: Progress,
  most: number,
  find: FindTask,
): RestartStep {
  const problems = restartProblems(restart, progress.graph);
  if (problems.length > 0) return { kind: 'refused', message: problemsMessage(problems, messageLength) };
  const run = (status?.run ?? 0) + 1;
  const groups = withDependents(progress.graph, roots(restart, run, progress, status?.phase === 'Failed'));
  if (groups.size === 0) return { kind: 'nothing' };
  const inOrder = [...groups].toSorted((a, b) => a - b);
  const tasks = inOrder.flatMap((group) => progress.graph.groups[group]?.tasks ?? []);
  const unknown = restart.pinned === true ? withoutDigest(tasks, find) : [];
  if (unknown.length > 0) return { kind: 'refused', message: unpinnable(unknown) };
  const due = tasks.filter(({ index }) => {
    const glance = progress.entries[index];
    return glance !== undefined && (glance.run ?? 0) < run;
  });
  const told = collect(due, most, find, (task) => ({
    run,
    hold: true,
    ...pinned(restart, task),
  }));
  return due.length > 0 ? { kind: 'marking', told } : { kind: 'told', run, tasks: tasks.length };
}

/** Groups that the request is about by itself, and those that a run before a crash had come to. */
function roots(restart: Restart, run: number, progress: Progress, ended: boolean): number[] {
  const { graph, groups, entries } = progress;
  const named = restart.tasks && new Set(restart.tasks.flatMap((name) => restartedBy(name, graph)));
  return graph.groups
    .filter(({ index, tasks }) => {
      if (tasks.some((task) => (entries[task.index]?.run ?? 0) >= run)) return true;
      if (named !== undefined) return tasks.some((task) => named.has(task.index));
      const group = groups[index];
      // Of a workflow that has ended, what never began was kept from it.
      return group?.state === 'Failed' || group?.state === 'Upstream' || (ended && group?.state !== 'Completed');
    })
    .map(({ index }) => index);
}

/** The image that ran, by its digest: of this attempt, else of the last one that has it. */
function pinned({ pinned: wanted }: Restart, task: Task): { pinnedImage?: string } {
  const image = wanted === true ? digestsOf(task)[0] : undefined;
  return image === undefined ? {} : { pinnedImage: image };
}

/** What ran, latest first, as names with digests. What a runtime knows by no digest is not among it. */
function digestsOf(task: Task): string[] {
  return imagesOf(task).flatMap((id) => (id.includes('@sha256:') ? [id.replace(/^[a-z-]+:\/\//, '')] : []));
}

function imagesOf({ status }: Task): string[] {
  const ran = [status?.imageID, ...(status?.attempts ?? []).map(({ imageID }) => imageID).toReversed()];
  return ran.flatMap((id) => (id === undefined || id === '' ? [] : [id]));
}

/** Tasks that ran an image of which no digest is known: what ran can't be told from what its tag may stand for now. */
function withoutDigest(tasks: readonly GraphTask[], find: FindTask): string[] {
  return tasks.flatMap((task) => {
    const object = find(task);
    return object !== undefined && imagesOf(object).length > 0 && digestsOf(object).length === 0 ? [task.name] : [];
  });
}

function unpinnable(names: readonly string[]): string {
  const some = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  return (
    `spec.restart.pinned: the node of ${some} reported no digest for the image that ran, as it does for images that were ` +
    'loaded and not pulled; give a new id without pinned, or name the image by its digest'
  );
}
