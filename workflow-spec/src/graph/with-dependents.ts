import type { Graph } from './graph-shape.ts';

/** Indexes of these groups and of all that need them, directly or not. Each edge is looked at once. */
export function withDependents(graph: Graph, groups: Iterable<number>): Set<number> {
  const { groups: all, joins } = graph;
  const found = new Set(groups);
  const due = [...found];
  for (let node = due.pop(); node !== undefined; node = due.pop()) {
    for (const down of all[node]?.downstream ?? joins[node - all.length]?.downstream ?? []) {
      if (found.has(down)) continue;
      found.add(down);
      due.push(down);
    }
  }
  return new Set([...found].filter((node) => node < all.length));
}
