import type { Restart } from '@osmo/crds';
import type { Graph } from './graph-shape.ts';
import { listed, problem, type Problem } from './problem.ts';
import { didYouMean, newSuggestionBudget } from './suggestion.ts';

/** Indexes of what a name in a restart means: a task, or all instances of an entry; none for a name that there isn't. */
export function restartedBy(name: string, { taskByName, entryByName }: Graph): readonly number[] {
  const task = taskByName.get(name);
  return task === undefined ? (entryByName.get(name)?.tasks ?? []) : [task.index];
}

/** Names in a restart that are of no task of the workflow. */
export function restartProblems(restart: Restart, graph: Graph): Problem[] {
  const unknown = [...(restart.tasks ?? []).entries()].filter(([, name]) => restartedBy(name, graph).length === 0);
  if (unknown.length === 0) return [];
  const names = new Set(graph.tasks.map(({ template }) => template.name));
  const budget = newSuggestionBudget();
  const allowed = listed([...names]);
  return unknown.map(([index, name]) => {
    const meant = didYouMean(name, names, budget);
    const detail = `no task of this workflow; allowed: ${allowed}; request again with another id${meant}`;
    return problem('InvalidSpec', `spec.restart.tasks[${index}]`, name, detail);
  });
}
