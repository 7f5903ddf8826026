import type { Workflow } from '@osmo/crds';
import { compileGraph } from './graph.ts';
import type { Graph } from './graph-shape.ts';
import { restartedBy } from './restart-problems.ts';
import { withDependents } from './with-dependents.ts';

/**
 * How many tasks of a workflow have not ended, or are to run again: what it holds of a quota. As long as a restart has not
 * taken place it counts as if it had, and never for less: which of the tasks that it names have ended isn't known then.
 */
export function unendedTasks({ spec, status }: Pick<Workflow, 'spec' | 'status'>): number {
  const counts = status?.taskCounts;
  if (counts === undefined) return compileGraph(spec).graph?.tasks.length ?? 0;
  const { restart } = spec;
  const rest = counts.total - counts.completed;
  const left = rest - counts.failed - counts.upstream;
  if (restart === undefined || restart.id === status?.restartID) return left;
  if (restart.tasks === undefined) return rest;
  const { graph } = compileGraph(spec);
  return graph === undefined ? left : Math.min(counts.total, left + againOf(restart.tasks, graph));
}

/** How many tasks are in the groups of these, and of all that depends on them. */
function againOf(names: readonly string[], graph: Graph): number {
  const groups = names.flatMap((name) => restartedBy(name, graph).map((index) => graph.tasks[index]?.group ?? -1));
  const all = withDependents(graph, groups);
  return [...all].reduce((sum, index) => sum + (graph.groups[index]?.tasks.length ?? 0), 0);
}
