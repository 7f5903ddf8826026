import type { Graph, GraphJoin } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/** Most cycles that are reported: entries that need each other by index make one for each of their instances. */
const reportedCycles = 16;

/**
 * One problem per independent cycle, with the whole way round in the message. Iterative, so that the longest chain that
 * fits into a spec can't overflow the stack.
 */
export function cycleProblems(graph: Pick<Graph, 'groups' | 'joins'>): Problem[] {
  const nodes: readonly Node[] = [...graph.groups, ...graph.joins];
  const left = nodesOnOrBehindCycles(nodes);
  const visited = new Set<number>();
  const problems: Problem[] = [];
  for (const start of left) {
    if (problems.length >= reportedCycles) break;
    const cycle = cycleFrom(start, nodes, left, visited)?.filter((node) => node < graph.groups.length);
    if (cycle === undefined) continue;
    const names = [...cycle, cycle[0]].map((index) => graph.groups[index ?? -1]?.name ?? '');
    const at = graph.groups[Math.min(...cycle)];
    const detail = `groups wait for each other in a cycle: ${shortened(names).join(' → ')}; remove one of these inputs`;
    problems.push(problem('InvalidSpec', at?.path ?? 'spec', at?.name, detail));
  }
  return problems;
}

/** A group or a join. */
type Node = GraphJoin;

/** Kahn's algorithm: what is left when nothing more can run is on a cycle or waits for one. */
function nodesOnOrBehindCycles(nodes: readonly Node[]): Set<number> {
  const waitsFor = nodes.map((node) => node.upstream.length);
  const ready = [...nodes.keys()].filter((index) => waitsFor[index] === 0);
  const left = new Set(nodes.keys());
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    left.delete(next);
    for (const down of nodes[next]?.downstream ?? []) {
      waitsFor[down] = (waitsFor[down] ?? 0) - 1;
      if (waitsFor[down] === 0) ready.push(down);
    }
  }
  return left;
}

/** Walks upstream from `start` inside `left` until the way meets itself, or a group that was walked before. */
function cycleFrom(
  start: number,
  nodes: readonly Node[],
  left: ReadonlySet<number>,
  visited: Set<number>,
): number[] | undefined {
  const way: number[] = [];
  const position = new Map<number, number>();
  let at: number | undefined = start;
  while (at !== undefined && !visited.has(at)) {
    visited.add(at);
    position.set(at, way.length);
    way.push(at);
    at = nodes[at]?.upstream.find((index) => left.has(index));
  }
  const from = at === undefined ? undefined : position.get(at);
  // The way went from each group to what it waits for; data flows the other way.
  return from === undefined ? undefined : way.slice(from).toReversed();
}

function shortened(names: readonly string[]): string[] {
  if (names.length <= 12) return [...names];
  return [...names.slice(0, 10), `… ${names.length - 11} more …`, names.at(-1) ?? ''];
}
