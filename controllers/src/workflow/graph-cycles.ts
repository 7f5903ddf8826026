import type { GraphGroup } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/**
 * One problem per independent cycle, with the whole way round in the message. Iterative, so that the longest chain that
 * fits into a spec can't overflow the stack.
 */
export function cycleProblems(graph: { readonly groups: readonly GraphGroup[] }): Problem[] {
  const left = groupsOnOrBehindCycles(graph.groups);
  const visited = new Set<number>();
  const problems: Problem[] = [];
  for (const start of left) {
    const cycle = cycleFrom(start, graph.groups, left, visited);
    if (cycle === undefined) continue;
    const names = [...cycle, cycle[0]].map((index) => graph.groups[index ?? -1]?.name ?? '');
    const at = graph.groups[Math.min(...cycle)];
    const detail = `groups wait for each other in a cycle: ${shortened(names).join(' → ')}; remove one of these inputs`;
    problems.push(problem('InvalidSpec', at?.path ?? 'spec', at?.name, detail));
  }
  return problems;
}

/** Kahn's algorithm: what is left when nothing more can run is on a cycle or waits for one. */
function groupsOnOrBehindCycles(groups: readonly GraphGroup[]): Set<number> {
  const waitsFor = groups.map((group) => group.upstream.length);
  const ready = groups.filter((group) => group.upstream.length === 0).map((group) => group.index);
  const left = new Set(groups.map((group) => group.index));
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    left.delete(next);
    for (const down of groups[next]?.downstream ?? []) {
      waitsFor[down] = (waitsFor[down] ?? 0) - 1;
      if (waitsFor[down] === 0) ready.push(down);
    }
  }
  return left;
}

/** Walks upstream from `start` inside `left` until the way meets itself, or a group that was walked before. */
function cycleFrom(
  start: number,
  groups: readonly GraphGroup[],
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
    at = groups[at]?.upstream.find((index) => left.has(index));
  }
  const from = at === undefined ? undefined : position.get(at);
  // The way went from each group to what it waits for; data flows the other way.
  return from === undefined ? undefined : way.slice(from).toReversed();
}

function shortened(names: readonly string[]): string[] {
  if (names.length <= 12) return [...names];
  return [...names.slice(0, 10), `… ${names.length - 11} more …`, names.at(-1) ?? ''];
}
