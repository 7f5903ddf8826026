import { Api, TaskType } from '@osmo/crds';
import type { Cancellation, Task, TaskData } from '@osmo/crds';
import type { Desired } from '@osmo/kube';
import type { GraphTask } from '@osmo/workflow-spec/graph';
import { isOver } from './glance.ts';
import type { Progress } from './progress.ts';
import type { TaskGlance } from './recent.ts';

/** What the hub tells a Task after its creation: the fields of its spec that may change, all of them. */
export interface Signals {
  run: number;
  hold: boolean;
  cancel?: Cancellation;
  pinnedImage?: string;
  /** From run 1 on, where inputs or outputs were resolved: when the task was told to go. Before, what its creation says stands. */
  data?: TaskData;
}

/** One Task and what it is to be told. */
export interface Told {
  readonly task: Task;
  readonly signals: Signals;
}

/** Finds the Task object of a task of the graph; undefined when it is gone. */
export type FindTask = (task: GraphTask) => Task | undefined;

/** What a Task is told now. */
export function signalsOf({ spec }: Task): Signals {
  return {
    run: spec.run ?? 0,
    hold: spec.hold ?? false,
    ...(spec.cancel !== undefined && { cancel: spec.cancel }),
    ...(spec.pinnedImage !== undefined && { pinnedImage: spec.pinnedImage }),
  };
}

/**
 * The write that tells a Task. It holds all signals and nothing else: by server-side apply a signal that is left out is
 * taken back, and the rest of the spec, which the creation wrote, stays. The UID keeps it from a successor of the name.
 */
export function tell({ task, signals }: Told): Desired {
  const { name, namespace, uid } = task.metadata;
  const metadata = { name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) };
  const object = { apiVersion: Api.apiVersion, kind: TaskType.kind, metadata, spec: { ...signals } };
  return { mode: 'apply', type: TaskType, object };
}

/** Tells Tasks that have not ended to end, at most `most`. To force what was asked to end in order is told again. */
export function cancellations(progress: Progress, cancel: Cancellation, most: number, find: FindTask): Told[] {
  const wanted = cancel.force === true ? 'force' : 'orderly';
  const isDue = (glance: TaskGlance): boolean =>
    !isOver(glance) && glance.cancel !== wanted && glance.cancel !== 'force';
  return collect(dueTasks(progress, isDue), most, find, (task) => ({ ...signalsOf(task), cancel }));
}

/** Tells the Tasks of groups of which no command has started to wait, at most `most`. */
export function holds(progress: Progress, most: number, find: FindTask): Told[] {
  const isDue = (glance: TaskGlance): boolean => {
    const group = progress.groups[progress.graph.tasks[glance.index]?.group ?? -1];
    return !isOver(glance) && !glance.held && group?.tally.started === 0;
  };
  return collect(dueTasks(progress, isDue), most, find, (task) => ({ ...signalsOf(task), hold: true }));
}

/**
 * Lets the Tasks of these groups go, and of those that started although they were told to wait; at most `most`. `dataOf`
 * says what one that runs again is to read now; undefined keeps it waiting.
 */
export function releases(
  progress: Progress,
  starting: readonly number[],
  most: number,
  find: FindTask,
  dataOf: (task: Task) => Pick<Signals, 'data'> | undefined,
): Told[] {
  const isStarting = new Set(starting);
  const tasks = function* (): Iterable<GraphTask> {
    for (const group of [...progress.held, ...starting]) {
      for (const task of progress.graph.groups[group]?.tasks ?? []) {
        const glance = progress.entries[task.index];
        if (glance?.held && !isOver(glance)) yield task;
      }
    }
  };
  return collect(tasks(), most, find, (task) => {
    const { group = -1 } = progress.graph.taskByName.get(task.spec.taskName) ?? {};
    const data = isStarting.has(group) && (task.spec.run ?? 0) > 0 ? dataOf(task) : {};
    return data && { ...signalsOf(task), hold: false, ...data };
  });
}

function* dueTasks({ entries, graph }: Progress, isDue: (glance: TaskGlance) => boolean): Iterable<GraphTask> {
  for (const glance of entries) {
    const task = glance !== undefined && isDue(glance) ? graph.tasks[glance.index] : undefined;
    if (task !== undefined) yield task;
  }
}

/** The first `most` of these tasks that exist and are to be told something, each with that. What was resolved is told again. */
export function collect(
  tasks: Iterable<GraphTask>,
  most: number,
  find: FindTask,
  signals: (task: Task) => Signals | undefined,
): Told[] {
  const told: Told[] = [];
  for (const each of tasks) {
    if (told.length >= most) break;
    const task = find(each);
    const news = task && signals(task);
    if (task !== undefined && news !== undefined) told.push({ task, signals: { ...toldData(task), ...news } });
  }
  return told;
}

/** What a write that leaves it out would take back. */
function toldData({ spec: { run = 0, data } }: Task): Pick<Signals, 'data'> {
  return run > 0 && data !== undefined && (data.inputs ?? data.outputs) !== undefined ? { data } : {};
}
