import type { GroupTemplate, WorkflowSpec } from '@osmo/crds';
import { groupOfFlatTask } from '../naming.ts';
import { cycleProblems } from './graph-cycles.ts';
import { nameProblems } from './graph-names.ts';
import type { Graph, GraphGroup, GraphTask } from './graph-shape.ts';
import { problem, listed, type Problem } from './problem.ts';
import { tokenProblems } from './tokens.ts';
import { unsupportedProblems } from './unsupported.ts';

/** Either a graph, or every reason why there is none. */
export type Compilation = { graph: Graph; problems?: never } | { graph?: never; problems: readonly Problem[] };

/**
 * Compiles a spec that the API's schema has accepted. Time and memory grow with tasks plus inputs. All problems are
 * found, not only the first, in the order of the spec.
 */
export function compileGraph(spec: WorkflowSpec): Compilation {
  const parsed = parseGroups(spec);
  const names = nameProblems(parsed.groups);
  const taskByName = new Map(parsed.tasks.map((task) => [task.name, task]));
  const edges = resolveEdges(parsed, taskByName);
  const groups = parsed.groups.map((group) => ({
    ...group,
    ...neighboursOf(edges.upstream, edges.downstream, group.index),
  }));
  const groupByName = new Map(groups.map((group) => [group.name, group]));
  const graph: Graph = { groups, tasks: parsed.tasks, taskByName, groupByName };
  const problems = [
    ...parsed.problems,
    ...names,
    ...edges.problems,
    ...cycleProblems(graph),
    ...resourceProblems(spec, parsed.tasks),
    ...tokenProblems(graph),
    ...unsupportedProblems(spec, parsed.tasks),
  ];
  return problems.length > 0 ? { problems } : { graph };
}

type ParsedGroup = Omit<GraphGroup, 'upstream' | 'downstream'>;
interface Parsed {
  groups: ParsedGroup[];
  tasks: GraphTask[];
  problems: Problem[];
}

function parseGroups(spec: WorkflowSpec): Parsed {
  const parsed: Parsed = { groups: [], tasks: [], problems: [] };
  if ((spec.tasks ?? []).length === 0 && (spec.groups ?? []).length === 0) {
    parsed.problems.push(
      problem('InvalidSpec', 'spec', {}, 'one of tasks or groups is required, with at least one task'),
    );
  }
  for (const [index, template] of (spec.tasks ?? []).entries()) {
    const path = `spec.tasks[${index}]`;
    addGroup(parsed, { name: groupOfFlatTask(template.name), tasks: [template] }, path, [path]);
  }
  for (const [index, group] of (spec.groups ?? []).entries()) {
    const path = `spec.groups[${index}]`;
    addGroup(
      parsed,
      group,
      path,
      group.tasks.map((_, position) => `${path}.tasks[${position}]`),
    );
  }
  return parsed;
}

function addGroup(
  parsed: Parsed,
  group: Pick<GroupTemplate, 'name' | 'tasks'> & Partial<GroupTemplate>,
  path: string,
  taskPaths: readonly string[],
): void {
  const index = parsed.groups.length;
  const leads = group.tasks.filter((template) => template.lead);
  if (group.tasks.length > 1 && leads.length !== 1) {
    const names = leads.map((template) => template.name);
    parsed.problems.push(
      problem('InvalidSpec', `${path}.tasks`, names, 'exactly one task of a group of several must have lead: true'),
    );
  }
  const tasks = group.tasks.map((template, position) => ({
    index: parsed.tasks.length + position,
    group: index,
    name: template.name,
    lead: template.lead || group.tasks.length === 1,
    template,
    path: taskPaths[position] ?? path,
  }));
  parsed.tasks.push(...tasks);
  const { barrier = true, ignoreNonleadStatus = true } = group;
  parsed.groups.push({ index, name: group.name, barrier, ignoreNonleadStatus, tasks, path });
}

interface Edges {
  upstream: Set<number>[];
  downstream: Set<number>[];
  problems: Problem[];
}

function resolveEdges(parsed: Parsed, taskByName: ReadonlyMap<string, GraphTask>): Edges {
  const edges: Edges = {
    upstream: parsed.groups.map(() => new Set()),
    downstream: parsed.groups.map(() => new Set()),
    problems: [],
  };
  for (const task of parsed.tasks) {
    for (const [position, input] of (task.template.inputs ?? []).entries()) {
      if (input.task === undefined || input.task.workflow !== undefined) continue;
      const path = `${task.path}.inputs[${position}].task.name`;
      const from = taskByName.get(input.task.name);
      const found = from === undefined ? unknownTask(taskByName, path, input.task.name) : badEdge(task, from, path);
      if (found !== undefined) edges.problems.push(found);
      else if (from !== undefined) {
        edges.upstream[task.group]?.add(from.group);
        edges.downstream[from.group]?.add(task.group);
      }
    }
  }
  return edges;
}

function unknownTask(taskByName: ReadonlyMap<string, GraphTask>, path: string, name: string): Problem {
  return problem('InvalidSpec', path, name, `no task of this workflow; allowed: ${listed([...taskByName.keys()])}`);
}

function badEdge(task: GraphTask, from: GraphTask, path: string): Problem | undefined {
  if (from.index === task.index) {
    return problem('InvalidSpec', path, from.name, 'a task cannot be its own input; name a task of an earlier group');
  }
  if (from.group === task.group) {
    const detail = `the task is in the same group, which runs together; allowed: tasks of other groups`;
    return problem('InvalidSpec', path, from.name, detail);
  }
  return undefined;
}

function neighboursOf(
  upstream: readonly Set<number>[],
  downstream: readonly Set<number>[],
  index: number,
): Pick<GraphGroup, 'upstream' | 'downstream'> {
  const ascending = (set: Set<number> | undefined): number[] => [...(set ?? [])].toSorted((a, b) => a - b);
  return { upstream: ascending(upstream[index]), downstream: ascending(downstream[index]) };
}

function resourceProblems(spec: WorkflowSpec, tasks: readonly GraphTask[]): Problem[] {
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
    const detail = `no entry of spec.resources has this name; allowed: ${listed([...allowed])}`;
    problems.push(problem('InvalidSpec', `${task.path}.resource`, name, detail));
  }
  return problems;
}
