import { TaskReasons } from '@osmo/crds';
import type { Task } from '@osmo/crds';
import { taskObjectName } from '../naming.ts';
import type { Graph, GraphGroup, GraphTask } from './graph-shape.ts';
import { glanceAt, isOver } from './glance.ts';
import { emptyTally, groupReason, groupVerdict, tally, type GroupTally } from './group-verdict.ts';
import { newJoins, shiftJoin, type JoinRecord, type Shift } from './joins.ts';
import { newLanes, type LaneRecord } from './lanes.ts';
import { noRecentTasks, readRecent, updateRecent, type TaskGlance, type RecentTasks } from './recent.ts';

/**
 * 'Runnable': all it needs completed, and no Task exists or those that do are held. 'Active': it was started. 'Upstream':
 * something it needs failed, so it will not run. 'Failed' are also those that a cancellation kept from starting.
 */
export type GroupState = 'Waiting' | 'Runnable' | 'Active' | 'Completed' | 'Failed' | 'Upstream';

/** Numbers that add up: `total` is the sum of the others. */
export interface Counts {
  total: number;
  waiting: number;
  active: number;
  completed: number;
  failed: number;
  upstream: number;
}

interface GroupRecord {
  state: GroupState;
  /** Indexes of its tasks that have no Task object, in the order of the spec. */
  missing: Set<number>;
  /** Upstream groups and joins that have not completed. */
  waitsFor: number;
  /** Upstream groups that failed or will never run, and joins behind such. */
  blockedBy: number;
  tally: GroupTally;
  /** Whether what needs it will not run; what its dependents were told last. */
  blocks: boolean;
  /** Why it is in state 'Failed'. */
  reason: string | undefined;
  /** Set when the API refused one of its Tasks: it can never be complete, so it has failed. */
  refusal: TaskGlance | undefined;
}

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
  /** Groups that the API refused and that still have Tasks. */
  readonly refused: Set<number>;
  /** Reasons of failed groups and how many have each. */
  readonly failureReasons: Map<string, number>;
  /** Pools of the existing Tasks and how many each has: more than one only if someone made Tasks by hand. */
  readonly pools: Map<string, number>;
  /** Tasks whose command runs or has ended, one way or the other. */
  started: number;
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
    refused: new Set(),
    failureReasons: new Map(),
    pools: new Map(),
    started: 0,
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
  addTasks(progress, task.group, -1);
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
  addTasks(progress, task.group, 1);
  settle(progress, task.group);
}

/** Whether the workflow is canceled. Costs as much as there are groups, when that has changed. */
export function setCanceled(progress: Progress, canceled: boolean): void {
  if (progress.canceled === canceled) return;
  for (const { index } of progress.graph.groups) addTasks(progress, index, -1);
  progress.canceled = canceled;
  for (const { index } of progress.graph.groups) addTasks(progress, index, 1);
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
  addTasks(progress, task.group, -1);
  for (const member of definition.tasks) {
    const entry = progress.entries[member.index];
    count(progress, group, member, entry, -1);
    updateRecent(progress.recent, entry, undefined);
  }
  group.refusal = { index: task.index, name: task.name, group: definition.name, phase: 'Failed', reason, message, at };
  addTasks(progress, task.group, 1);
  updateRecent(progress.recent, undefined, group.refusal);
  settle(progress, task.group);
}

/** Whether nothing more will happen: every group has ended or will never run. */
export function hasEnded({ groupCounts }: Progress): boolean {
  return groupCounts.waiting === 0 && groupCounts.active === 0;
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
  const ignored = !task.lead && progress.graph.groups[task.group]?.ignoreNonleadStatus === true;
  tally(group.tally, entry, ignored, by);
}

/** Brings the state of a group up to date, and then of all that depends on it. */
function settle(progress: Progress, start: number): void {
  const due = [start];
  for (let index = due.pop(); index !== undefined; index = due.pop()) {
    const group = progress.groups[index];
    const definition = progress.graph.groups[index];
    if (group === undefined || definition === undefined) continue;
    const before = group.state;
    addTasks(progress, index, -1);
    group.state = stateOf(group, definition, progress.canceled);
    addTasks(progress, index, 1);
    keepSets(progress, group, definition);
    keepReason(progress, group);
    if (group.state !== before) {
      keepLane(progress, definition, before, group.state);
      progress.groupCounts[countedAs[before]] -= 1;
      progress.groupCounts[countedAs[group.state]] += 1;
    }
    const completed = Number(group.state === 'Completed') - Number(before === 'Completed');
    const blocked = group.blocks;
    group.blocks = blocks(group, progress.canceled);
    const blocking = Number(group.blocks) - Number(blocked);
    if (completed === 0 && blocking === 0) continue;
    for (const down of definition.downstream) pass(progress, down, { completed, blocking }, due);
  }
}

/** Hands a change on to a group, or through a join to the groups behind it, and notes which of them are to be settled. */
function pass(progress: Progress, node: number, shift: Shift, due: number[]): void {
  const below = progress.groups[node];
  if (below !== undefined) {
    below.waitsFor -= shift.completed;
    below.blockedBy += shift.blocking;
    due.push(node);
    return;
  }
  const position = node - progress.groups.length;
  const join = progress.joins[position];
  if (join === undefined) return;
  const behind = shiftJoin(join, shift);
  if (behind.completed === 0 && behind.blocking === 0) return;
  for (const down of progress.graph.joins[position]?.downstream ?? []) pass(progress, down, behind, due);
}

// A cancellation reaches what is downstream by itself, and is the better explanation there.
function blocks({ state, reason }: GroupRecord, canceled: boolean): boolean {
  return state === 'Upstream' || (state === 'Failed' && !(canceled && reason === TaskReasons.canceled));
}

function stateOf(group: GroupRecord, { tasks }: GraphGroup, canceled: boolean): GroupState {
  if (group.refusal !== undefined) return 'Failed';
  const { missing, tally: sums } = group;
  const some = missing.size < tasks.length;
  const verdict = some ? groupVerdict(sums, tasks.length, canceled ? missing.size : 0) : undefined;
  if (verdict !== undefined) return verdict;
  if (some && (sums.held === 0 || sums.begun > 0)) return 'Active';
  if (group.blockedBy > 0) return 'Upstream';
  if (canceled && !some) return 'Failed';
  return group.waitsFor === 0 ? 'Runnable' : 'Waiting';
}

function keepSets(progress: Progress, { state, missing, refusal, tally: sums }: GroupRecord, group: GraphGroup): void {
  const put = (set: Set<number>, member: boolean): unknown => (member ? set.add(group.index) : set.delete(group.index));
  const some = missing.size < group.tasks.length;
  put(progress.incomplete, refusal === undefined && some && missing.size > 0 && state === 'Active');
  put(progress.held, state === 'Active' && sums.held > 0);
  put(progress.refused, refusal !== undefined && some);
}

function keepLane({ lanes }: Progress, { index, lane }: GraphGroup, before: GroupState, after: GroupState): void {
  const record = lanes[lane];
  if (record === undefined) return;
  if (before === 'Runnable') record.runnable.delete(index);
  if (after === 'Runnable') record.runnable.add(index);
  record.active += Number(after === 'Active') - Number(before === 'Active');
}

function keepReason(progress: Progress, group: GroupRecord): void {
  const reason = group.state === 'Failed' ? reasonOf(group) : undefined;
  if (reason === group.reason) return;
  addTo(progress.failureReasons, group.reason, -1);
  addTo(progress.failureReasons, reason, 1);
  group.reason = reason;
}

function reasonOf({ refusal, missing, tally: sums }: GroupRecord): string {
  if (refusal !== undefined) return refusal.reason ?? TaskReasons.refused;
  // Only a cancellation leaves a failed group without some of its Tasks.
  return missing.size > 0 ? TaskReasons.canceled : groupReason(sums);
}

function addTo(counters: Map<string, number>, key: string | undefined, by: 1 | -1): void {
  if (key === undefined) return;
  const left = (counters.get(key) ?? 0) + by;
  if (left === 0) counters.delete(key);
  else counters.set(key, left);
}

const countedAs = {
  Waiting: 'waiting',
  Runnable: 'waiting',
  Active: 'active',
  Completed: 'completed',
  Failed: 'failed',
  Upstream: 'upstream',
} as const;

/** Adds the tasks of a group to the counts, or takes them off: those that exist by their own phase, the others by the group's. */
function addTasks({ graph, groups, taskCounts, canceled }: Progress, index: number, by: 1 | -1): void {
  const group = groups[index];
  const size = graph.groups[index]?.tasks.length ?? 0;
  if (group === undefined) return;
  if (group.refusal !== undefined) {
    taskCounts.failed += by * size;
    return;
  }
  const { state, missing, tally: sums } = group;
  const isIdle = state === 'Waiting' || state === 'Runnable' || state === 'Upstream';
  taskCounts.completed += by * (sums.ended - sums.allFailed);
  taskCounts.failed += by * sums.allFailed;
  taskCounts[isIdle ? countedAs[state] : 'active'] += by * (size - missing.size - sums.ended);
  taskCounts[state === 'Upstream' ? 'upstream' : canceled ? 'failed' : 'waiting'] += by * missing.size;
}
