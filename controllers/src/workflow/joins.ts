import type { Graph } from './graph-shape.ts';

/** How far the groups before one join are. */
export interface JoinRecord {
  /** Those that have not completed. */
  waitsFor: number;
  /** Those that failed or will never run. */
  blockedBy: number;
}

/** What changed for those behind: both −1, 0 or 1. */
export interface Shift {
  completed: number;
  blocking: number;
}

export function newJoins(graph: Graph): JoinRecord[] {
  return graph.joins.map(({ upstream }) => ({ waitsFor: upstream.length, blockedBy: 0 }));
}

/** Takes over what happened to one group before the join, and says what that means behind it: mostly nothing. */
export function shiftJoin(join: JoinRecord, { completed, blocking }: Shift): Shift {
  const [wasComplete, wasBlocked] = [join.waitsFor === 0, join.blockedBy > 0];
  join.waitsFor -= completed;
  join.blockedBy += blocking;
  return {
    completed: Number(join.waitsFor === 0) - Number(wasComplete),
    blocking: Number(join.blockedBy > 0) - Number(wasBlocked),
  };
}

/** Indexes of these groups and of all that need them, directly or not. Each edge is looked at once. */
export function withDependents(graph: Graph, groups: Iterable<number>): Set<number> {
  const found = new Set(groups);
  const passed = new Set<number>();
  const due = [...found];
  const reach = (index: number): void => {
    if (found.has(index)) return;
    found.add(index);
    due.push(index);
  };
  for (let index = due.pop(); index !== undefined; index = due.pop()) {
    for (const down of graph.groups[index]?.downstream ?? []) {
      if (down < graph.groups.length) reach(down);
      else if (!passed.has(down)) {
        passed.add(down);
        graph.joins[down - graph.groups.length]?.downstream.forEach(reach);
      }
    }
  }
  return found;
}
