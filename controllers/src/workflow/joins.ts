import type { Graph } from '@osmo/workflow-spec/graph';

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
