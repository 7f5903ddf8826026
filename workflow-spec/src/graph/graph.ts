import type { WorkflowSpec } from '@osmo/crds';
import { dataProblems } from './data-problems.ts';
import { resolveEdges } from './edges.ts';
import { expand } from './expand.ts';
import { envProblems } from './expand-problems.ts';
import { cycleProblems } from './graph-cycles.ts';
import { nameProblems } from './graph-names.ts';
import type { Graph, GraphTask } from './graph-shape.ts';
import { policyProblems } from './policy-problems.ts';
import { problem, listed, type Problem } from './problem.ts';
import { didYouMean, newSuggestionBudget, type SuggestionBudget } from './suggestion.ts';
import { tokenProblems } from './tokens.ts';

/** Either a graph, or every reason why there is none. */
export type Compilation = { graph: Graph; problems?: never } | { graph?: never; problems: readonly Problem[] };

/**
 * Compiles a spec that the API's schema has accepted, instances of `count` and `matrix` written out. Time and memory grow
 * with tasks plus inputs. All problems are found, not only the first, in the order of the spec; but when the spec stands
 * for too many tasks, or for no clear number, that is all that is said.
 */
export function compileGraph(spec: WorkflowSpec): Compilation {
  const { expansion, problems: refused } = expand(spec);
  if (expansion === undefined) return { problems: refused };
  const { tasks, lanes, entries } = expansion;
  const taskByName = new Map(tasks.map((task) => [task.name, task]));
  const entryByName = new Map(entries.map((entry) => [entry.name, entry]));
  const budget = newSuggestionBudget();
  const edges = resolveEdges(expansion, { taskByName, entryByName }, budget);
  const groups = expansion.groups.map((group, index) => ({
    ...group,
    upstream: edges.upstream[index] ?? [],
    downstream: edges.downstream[index] ?? [],
  }));
  const groupByName = new Map(groups.map((group) => [group.name, group]));
  const graph: Graph = { groups, joins: edges.joins, lanes, tasks, taskByName, groupByName, entryByName };
  // What is written once is judged once: instances differ in nothing that could be wrong.
  const written = tasks.filter((task) => task.instance === 0);
  const problems = [
    ...nameProblems(groups, entries),
    ...edges.problems,
    ...cycleProblems(graph),
    ...resourceProblems(spec, written, budget),
    ...tokenProblems(graph, written, budget),
    ...policyProblems(written),
    ...envProblems(written),
    ...dataProblems(written),
  ];
  return problems.length > 0 ? { problems } : { graph };
}

function resourceProblems(spec: WorkflowSpec, tasks: readonly GraphTask[], budget: SuggestionBudget): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const [index, resource] of (spec.resources ?? []).entries()) {
    if (names.has(resource.name)) {
      const detail = 'another resource has this name; names must be unique';
      problems.push(problem('InvalidSpec', `spec.resources[${index}].name`, resource.name, detail));
    }
    names.add(resource.name);
  }
  // 'default' may be left out: it then means the defaults of the pool.
  const allowed = new Set([...names, 'default']);
  for (const task of tasks) {
    const name = task.template.resource ?? 'default';
    if (allowed.has(name)) continue;
    const meant = didYouMean(name, allowed, budget);
    const detail = `no entry of spec.resources has this name; allowed: ${listed([...allowed])}${meant}`;
    problems.push(problem('InvalidSpec', `${task.path}.resource`, name, detail));
  }
  return problems;
}
