import type { TaskPhase } from '@osmo/crds';

/** What a Workflow's status says about one task. */
export interface TaskGlance {
  /** Position of the task in the graph: the last word where order is decided. */
  index: number;
  name: string;
  group: string;
  phase: TaskPhase;
  reason?: string;
  exitCode?: number;
  message?: string;
  /** When the task came into this phase, ms since the epoch. */
  at: number;
  /** When its command started, ms since the epoch. */
  startedAt?: number;
  /** Pool that its Task was created for. */
  pool?: string;
  /** Run that it is told to be in; 0 when it is not set. */
  run?: number;
  /** It is told to wait. */
  held?: true;
  /** It is told to end. */
  cancel?: 'orderly' | 'force';
}

/** Most entries that a status holds. */
export const recentLimit = 32;

/**
 * The first `recentLimit` of all tasks by `byInterest`, kept up to date at a cost that doesn't depend on the number of
 * tasks. Only when a shown task loses rank or vanishes (someone deleted a Task) are all looked through again, and then
 * not before the next reading.
 */
export interface RecentTasks {
  shown: TaskGlance[];
  /** How many tasks there are, shown or not. */
  total: number;
  /** An entry left that had kept another one out. */
  stale: boolean;
}

export function noRecentTasks(): RecentTasks {
  return { shown: [], total: 0, stale: false };
}

/** Failed tasks first, then the latest change, then the order of the spec. */
export function byInterest(a: TaskGlance, b: TaskGlance): number {
  const failed = Number(b.phase === 'Failed') - Number(a.phase === 'Failed');
  if (failed !== 0) return failed;
  return b.at === a.at ? a.index - b.index : b.at - a.at;
}

/** Replaces the entry of one task; `before` and `after` are undefined when there was or is none. */
export function updateRecent(recent: RecentTasks, before: TaskGlance | undefined, after: TaskGlance | undefined): void {
  recent.total += Number(after !== undefined) - Number(before !== undefined);
  const wasShown = before !== undefined && removeEntry(recent.shown, before);
  const hidden = recent.total - recent.shown.length - Number(after !== undefined);
  // A hidden task may now be ahead of this one; one that gained rank stays ahead of all hidden ones.
  const lostRank = wasShown && hidden > 0 && (after === undefined || byInterest(before, after) < 0);
  if (after !== undefined) insertEntry(recent.shown, after);
  recent.stale ||= lostRank;
}

/** The entries to show, looking through `all` only when that is needed. The result must not be modified. */
export function readRecent(recent: RecentTasks, all: () => Iterable<TaskGlance>): readonly TaskGlance[] {
  if (recent.stale) {
    recent.shown = [...all()].toSorted(byInterest).slice(0, recentLimit);
    recent.stale = false;
  }
  return recent.shown;
}

function removeEntry(shown: TaskGlance[], entry: TaskGlance): boolean {
  const position = shown.findIndex((other) => other.index === entry.index);
  if (position < 0) return false;
  shown.splice(position, 1);
  return true;
}

function insertEntry(shown: TaskGlance[], entry: TaskGlance): void {
  const position = shown.findIndex((other) => byInterest(entry, other) < 0);
  shown.splice(position < 0 ? shown.length : position, 0, entry);
  if (shown.length > recentLimit) shown.pop();
}
