import type { Graph } from '@osmo/workflow-spec/graph';

/** Groups that share a limit, and how many of them are under way. */
export interface LaneRecord {
  /** Groups that may start as far as the graph is concerned. */
  readonly runnable: Set<number>;
  /** Groups that were started and have not ended. */
  active: number;
}

export function newLanes(graph: Graph): LaneRecord[] {
  return graph.lanes.map(() => ({ runnable: new Set(), active: 0 }));
}

/**
 * The groups to start now, at most `most`: as many of each lane as its limit leaves, in the order in which they became
 * runnable, and of all together as many as the workflow's `maxParallel` leaves. Costs as much as there are lanes and
 * groups to start, however many wait.
 */
export function groupsToStart(
  { graph, lanes, active }: { graph: Graph; lanes: readonly LaneRecord[]; active: number },
  maxParallel: number | undefined,
  most: number,
): number[] {
  const room = Math.min(most, (maxParallel ?? Number.POSITIVE_INFINITY) - active);
  const starting: number[] = [];
  for (const [index, lane] of lanes.entries()) {
    const left = (graph.lanes[index]?.maxParallel ?? Number.POSITIVE_INFINITY) - lane.active;
    let taken = 0;
    for (const group of lane.runnable) {
      if (starting.length >= room) return starting;
      if (taken >= left) break;
      starting.push(group);
      taken += 1;
    }
  }
  return starting;
}
