import type { Task } from '@osmo/crds';
import { type Graph, type GraphGroup, type GraphTask, taskObjectName } from '@osmo/workflow-spec/graph';
import { addTasks, type Counts } from './counts.ts';
import { glanceAt, hasBegun, isDelayed, isOver } from './glance.ts';
import type { GroupRecord } from './group-state.ts';
import { emptyTally, tally } from './group-verdict.ts';
import { newJoins, type JoinRecord } from './joins.ts';
import { newLanes, type LaneRecord } from './lanes.ts';
import { noRecentTasks, readRecent, updateRecent, type TaskGlance, type RecentTasks } from './recent.ts';
import { addTo, settle } from './settle.ts';

/**
 * How far a workflow is. It is kept beside the cache of Tasks and updated by every change of one: `applyTaskChange` costs
 * the same however many tasks there are, but for the groups that the change starts or blocks, each of which is touched once.
 *
 * A function of the graph and of the Tasks that exist: after any history of changes it equals `rebuildProgress` of what is
 * left. Only this file and its helpers modify it.
 */
export interface Progress {
  readonly graph: Graph;
  readonly groups: readonly GroupRecord[];
  readonly taskCounts: Counts;
  readonly groupCounts: Counts;
  readonly joins: readonly JoinRecord[];
  /** Groups to start, and how many are under way. */
  readonly lanes: readonly LaneRecord[];
  /** Groups that were started and miss some of their Tasks. */
  readonly incomplete: Set<number>;
  /** Groups under way of which a Task is told to wait. */
  readonly held: Set<number>;
  /** Groups under way of which a Task waits for what somebody may have to mend. */
  readonly delayed: Set<number>;
  /** Groups that the API refused and that still have Tasks. */
  readonly refused: Set<number>;
  /** Reasons of failed groups and how many have each. */
  readonly failureReasons: Map<string, number>;
  /** Pools of the existing Tasks and how many each has: more than one only if someone made Tasks by hand. */
  readonly pools: Map<string, number>;
  /** Tasks whose command runs or has ended, one way or the other. */
  started: number;
  /** Tasks whose command runs or has run: one that failed without is none. */
  begun: number;
  /** No Task is created any more: what has none has failed. */
  canceled: boolean;
  readonly entries: (TaskGlance | undefined)[];
  readonly recent: RecentTasks;
}

/** The progress of a workflow of which nothing exists yet. */
export function newProgress(graph: Graph): Progress {
  const counts = (total: number): Counts => ({
    total,
    waiting: total,
    active: 0,
    completed: 0,
    failed: 0,
    upstream: 0,
  });
  const progress: Progress = {
    graph,
    groups: graph.groups.map((group) => ({
      state: 'Waiting',
      missing: new Set(group.tasks.map((task) => task.index)),
      waitsFor: group.upstream.length,
      blockedBy: 0,
      tally: emptyTally(),
      blocks: false,
      reason: undefined,
      refusal: undefined,
    })),
    taskCounts: counts(graph.tasks.length),
    groupCounts: counts(graph.groups.length),
    joins: newJoins(graph),
    lanes: newLanes(graph),
    incomplete: new Set(),
    held: new Set(),
    delayed: new Set(),
    refused: new Set(),
    failureReasons: new Map(),
    pools: new Map(),
    started: 0,
    begun: 0,
    canceled: false,
    entries: graph.tasks.map(() => undefined),
    recent: noRecentTasks(),
  };
  for (const group of graph.groups) if (group.upstream.length === 0) settle(progress, group.index);
  return progress;
}

/** The progress that these Tasks amount to; their order doesn't matter. Tasks that aren't of this graph are ignored. */
export function rebuildProgress(graph: Graph, tasks: Iterable<Task>): Progress {
  const progress = newProgress(graph);
  for (const task of tasks) applyTaskChange(progress, undefined, task);
  return progress;
}

/**
 * Takes one change of a Task over: `before` only is a deletion, `after` only an addition. What the record held about the
 * task is what is replaced, so a change that is seen twice does no harm.
 */
export function applyTaskChange(progress: Progress, before: Task | undefined, after: Task | undefined): void {
  const task = graphTaskOf(progress.graph, after ?? before);
  if (task === undefined) return;
  const group = progress.groups[task.group];
  if (group === undefined) return;
  const old = progress.entries[task.index];
  const entry = after === undefined ? undefined : glanceAt(task, progress.graph, after);
  countTasks(progress, task.group, -1);
  progress.entries[task.index] = entry;
  addTo(progress.pools, old?.pool, -1);
  addTo(progress.pools, entry?.pool, 1);
  if (entry === undefined) addMissing(group, progress.graph.groups[task.group], task.index);
  else group.missing.delete(task.index);
  if (group.refusal === undefined) {
    count(progress, group, task, old, -1);
    count(progress, group, task, entry, 1);
    updateRecent(progress.recent, old, entry);
  }
  countTasks(progress, task.group, 1);
  settle(progress, task.group);
}

/** Whether the workflow is canceled. Costs as much as there are groups, when that has changed. */
export function setCanceled(progress: Progress, canceled: boolean): void {
  if (progress.canceled === canceled) return;
  for (const { index } of progress.graph.groups) countTasks(progress, index, -1);
  progress.canceled = canceled;
  for (const { index } of progress.graph.groups) countTasks(progress, index, 1);
  for (const { index } of progress.graph.groups) settle(progress, index);
}

/**
 * The API will never take this Task, so its group can't be started and has failed, with all its tasks. `at` is in ms
 * since the epoch. Those of its Tasks that exist have no pod, since a group is started as a whole; they can be removed.
 */
export function refuseTask(progress: Progress, task: GraphTask, reason: string, message: string, at: number): void {
  const group = progress.groups[task.group];
  const definition = progress.graph.groups[task.group];
  if (group === undefined || definition === undefined || group.refusal !== undefined) return;
  countTasks(progress, task.group, -1);
  for (const member of definition.tasks) {
    const entry = progress.entries[member.index];
    count(progress, group, member, entry, -1);
    updateRecent(progress.recent, entry, undefined);
  }
  group.refusal = { index: task.index, name: task.name, group: definition.name, phase: 'Failed', reason, message, at };
  countTasks(progress, task.group, 1);
  updateRecent(progress.recent, undefined, group.refusal);
  settle(progress, task.group);
}

/** Whether nothing more will happen: every group has ended or will never run. */
export function hasEnded({ groupCounts }: Progress): boolean {
  return groupCounts.waiting === 0 && groupCounts.active === 0;
}

/** A task that waits for what somebody may have to mend, while no group under way goes on without that: the first one. */
export function delayedTask({ delayed, groupCounts, graph, entries }: Progress): TaskGlance | undefined {
  if (delayed.size === 0 || delayed.size < groupCounts.active) return undefined;
  const first = [...delayed].reduce((least, index) => Math.min(least, index));
  const members = graph.groups[first]?.tasks.map(({ index }) => entries[index]) ?? [];
  return members.find((entry) => entry !== undefined && isDelayed(entry));
}

/** What to show in the status, at most `recentLimit` entries; must not be modified. */
export function recentTasks(progress: Progress): readonly TaskGlance[] {
  return readRecent(progress.recent, function* () {
    for (const entry of progress.entries) {
      if (entry !== undefined && groupOf(progress, entry)?.refusal === undefined) yield entry;
    }
    for (const group of progress.groups) if (group.refusal !== undefined) yield group.refusal;
  });
}

/** The tasks of a group that have a Task object. */
export function existingTasks(progress: Progress, group: GraphGroup): GraphTask[] {
  return group.tasks.filter((task) => progress.entries[task.index] !== undefined);
}

function groupOf(progress: Progress, entry: TaskGlance): GroupRecord | undefined {
  return progress.groups[progress.graph.tasks[entry.index]?.group ?? -1];
}

// The object's name is compared too: a second object that claims the same task must not be counted.
function graphTaskOf(graph: Graph, task: Task | undefined): GraphTask | undefined {
  const found = task && graph.taskByName.get(task.spec.taskName);
  return found && task.metadata.name === taskObjectName(task.spec.workflow.name, found.name) ? found : undefined;
}

function addMissing(group: GroupRecord, definition: GraphGroup | undefined, index: number): void {
  group.missing.add(index);
  // Rare (somebody deleted a Task), so sorting is affordable and keeps the record independent of history.
  if (definition !== undefined && definition.tasks.length > 1) {
    const ascending = [...group.missing].toSorted((a, b) => a - b);
    group.missing.clear();
    for (const each of ascending) group.missing.add(each);
  }
}

function count(
  progress: Progress,
  group: GroupRecord,
  task: GraphTask,
  entry: TaskGlance | undefined,
  by: 1 | -1,
): void {
  if (entry === undefined) return;
  if (isOver(entry) || entry.phase === 'Running') progress.started += by;
  if (hasBegun(entry)) progress.begun += by;
  const ignored = !task.lead && progress.graph.groups[task.group]?.ignoreNonleadStatus === true;
  tally(group.tally, entry, ignored, by);
}

function countTasks({ graph, groups, taskCounts, canceled }: Progress, index: number, by: 1 | -1): void {
  const group = groups[index];
  if (group !== undefined) addTasks(taskCounts, group, graph.groups[index]?.tasks.length ?? 0, canceled, by);
}
