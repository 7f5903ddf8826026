import { countedAs, addTasks } from './counts.ts';
import type { GraphGroup } from '@osmo/workflow-spec/graph';
import { blocks, reasonOf, stateOf, type GroupRecord, type GroupState } from './group-state.ts';
import { shiftJoin, type Shift } from './joins.ts';
import type { Progress } from './progress.ts';

/** Brings the state of a group up to date, and then of all that depends on it. */
export function settle(progress: Progress, start: number): void {
  const due = [start];
  for (let index = due.pop(); index !== undefined; index = due.pop()) {
    const group = progress.groups[index];
    const definition = progress.graph.groups[index];
    if (group === undefined || definition === undefined) continue;
    const before = group.state;
    addTasks(progress.taskCounts, group, definition.tasks.length, progress.canceled, -1);
    group.state = stateOf(group, definition, progress.canceled);
    addTasks(progress.taskCounts, group, definition.tasks.length, progress.canceled, 1);
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

function keepSets(progress: Progress, { state, missing, refusal, tally: sums }: GroupRecord, group: GraphGroup): void {
  const put = (set: Set<number>, member: boolean): unknown => (member ? set.add(group.index) : set.delete(group.index));
  const some = missing.size < group.tasks.length;
  put(progress.incomplete, refusal === undefined && some && missing.size > 0 && state === 'Active');
  put(progress.held, state === 'Active' && sums.held > 0);
  put(progress.delayed, state === 'Active' && sums.delayed > 0);
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

/** Adds to a counter, which goes when it comes to 0. */
export function addTo(counters: Map<string, number>, key: string | undefined, by: 1 | -1): void {
  if (key === undefined) return;
  const left = (counters.get(key) ?? 0) + by;
  if (left === 0) counters.delete(key);
  else counters.set(key, left);
}
