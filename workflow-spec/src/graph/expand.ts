import type { GroupTemplate, WorkflowSpec } from '@osmo/crds';
import { groupOfFlatTask } from './naming.ts';
import { expansionLimits, fanOutOf, fanOutProblems, innerProblems, nameLengthProblem } from './expand-problems.ts';
import type { FanOut, GraphEntry, GraphGroup, GraphLane, GraphTask } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/** Groups and tasks with their instances written out, before anyone asked what they need. */
export interface Expansion {
  readonly groups: ExpandedGroup[];
  readonly tasks: GraphTask[];
  readonly lanes: GraphLane[];
  readonly entries: GraphEntry[];
}
export type ExpandedGroup = Omit<GraphGroup, 'upstream' | 'downstream'>;

/** A group as the spec says it, or a task outside of groups as the group that it is alone in. */
interface Source {
  readonly group: GroupTemplate;
  readonly path: string;
  readonly taskPaths: readonly string[];
  /** Whether the author wrote a task, not a group. */
  readonly flat: boolean;
}

/** Either all instances, or every reason why there are none: then nothing was written out. */
export function expand(
  spec: WorkflowSpec,
): { expansion: Expansion; problems?: never } | { expansion?: never; problems: readonly Problem[] } {
  const sources = sourcesOf(spec);
  const problems = [...sources.flatMap(sourceProblems), ...totalProblems(sources)];
  if (problems.length > 0) return { problems };
  const expansion: Expansion = { groups: [], tasks: [], lanes: [{ maxParallel: undefined }], entries: [] };
  for (const source of sources) addSource(expansion, source);
  return { expansion };
}

function sourcesOf(spec: WorkflowSpec): Source[] {
  const flat = (spec.tasks ?? []).map((task, index): Source => {
    const path = `spec.tasks[${index}]`;
    const { count, matrix, maxParallel } = task;
    const tasks = [{ ...task, count: undefined, matrix: undefined, maxParallel: undefined }];
    const group = { name: task.name, barrier: true, ignoreNonleadStatus: true, count, matrix, maxParallel, tasks };
    return { group, path, taskPaths: [path], flat: true };
  });
  const grouped = (spec.groups ?? []).map((group, index): Source => {
    const path = `spec.groups[${index}]`;
    const taskPaths = group.tasks.map((_, position) => `${path}.tasks[${position}]`);
    return { group, path, taskPaths, flat: false };
  });
  return [...flat, ...grouped];
}

function sourceProblems({ group, path, taskPaths, flat }: Source): Problem[] {
  const problems = fanOutProblems(group, path);
  const outer = fanOutOf(group);
  const lengths = [nameLengthProblem(group.name, [outer], path)];
  for (const [position, task] of group.tasks.entries()) {
    const taskPath = taskPaths[position] ?? path;
    problems.push(...innerProblems(flat ? { name: group.name } : group, task, taskPath));
    if (!flat) lengths.push(nameLengthProblem(task.name, [outer, fanOutOf(task)], taskPath));
  }
  problems.push(...lengths.filter((each) => each !== undefined), ...leadProblems(group, path));
  const size = sizeOf(group);
  if (size > expansionLimits.perGroup) {
    const detail = `the group has so many tasks with all instances; at most ${expansionLimits.perGroup} can start together`;
    problems.push(problem('InvalidSpec', `${path}.tasks`, size, detail));
  }
  return problems;
}

function leadProblems({ tasks }: GroupTemplate, path: string): Problem[] {
  const leads = tasks.filter((task) => task.lead);
  if (tasks.length <= 1 || leads.length === 1) return [];
  const names = leads.map((task) => task.name);
  const detail = 'exactly one task of a group of several must have lead: true';
  return [problem('InvalidSpec', `${path}.tasks`, names, detail)];
}

function totalProblems(sources: readonly Source[]): Problem[] {
  if (sources.length === 0) {
    return [problem('InvalidSpec', 'spec', {}, 'one of tasks or groups is required, with at least one task')];
  }
  const total = sources.reduce((sum, { group }) => sum + (fanOutOf(group)?.size ?? 1) * sizeOf(group), 0);
  if (total > expansionLimits.perWorkflow) {
    const detail = `the workflow has so many tasks with all instances; at most ${expansionLimits.perWorkflow} are allowed`;
    return [problem('InvalidSpec', 'spec', total, detail)];
  }
  return sources.flatMap(bytesProblems);
}

/** Each instance is an object with a copy of what its author wrote once. */
function bytesProblems({ group, taskPaths }: Source): Problem[] {
  return group.tasks.flatMap((task, position) => {
    const instances = (fanOutOf(group)?.size ?? 1) * (fanOutOf(task)?.size ?? 1);
    if (instances === 1) return [];
    const bytes = JSON.stringify(task).length * instances;
    if (bytes <= expansionLimits.bytes) return [];
    const most = Math.floor(expansionLimits.bytes / instances);
    const detail = `its ${instances} instances would take ${Math.round(bytes / 2 ** 20)} MiB; at most ${most} bytes each are allowed: move what is large into an image or into object storage`;
    return [problem('InvalidSpec', taskPaths[position] ?? 'spec', task.name, detail)];
  });
}

const sizeOf = ({ tasks }: GroupTemplate): number => tasks.reduce((sum, task) => sum + (fanOutOf(task)?.size ?? 1), 0);

function addSource(expansion: Expansion, { group, path, taskPaths, flat }: Source): void {
  const outer = fanOutOf(group);
  const { barrier, ignoreNonleadStatus, maxParallel } = group;
  const lane = maxParallel === undefined ? 0 : expansion.lanes.push({ maxParallel }) - 1;
  const members = group.tasks.map((template, position) => {
    const inner = fanOutOf(template);
    const taskPath = taskPaths[position] ?? '';
    return { template, inner, taskPath, entry: entryOf(template.name, taskPath, outer, inner) };
  });
  for (let at = 0; at < (outer?.size ?? 1); at++) {
    const index = expansion.groups.length;
    const tasks: GraphTask[] = [];
    for (const { template, inner, taskPath, entry } of members) {
      const size = inner?.size ?? 1;
      for (let own = 0; own < size; own++) {
        const name = numbered(template.name, outer && at, inner && own);
        // Instance 0 of a lead leads.
        const lead = own === 0 && (template.lead || members.length === 1);
        const position = expansion.tasks.length;
        const instance = at * size + own;
        const task = { index: position, group: index, name, lead, template, path: taskPath, entry, instance };
        expansion.tasks.push(task);
        entry?.tasks.push(position);
        tasks.push(task);
      }
    }
    const name = numbered(group.name, outer && at);
    const called = flat ? groupOfFlatTask(name) : name;
    expansion.groups.push({ index, name: called, barrier, ignoreNonleadStatus, tasks, lane, path });
  }
  expansion.entries.push(...members.flatMap(({ entry }) => entry ?? []));
}

function entryOf(name: string, path: string, outer: FanOut | undefined, inner: FanOut | undefined) {
  if (outer === undefined && inner === undefined) return undefined;
  const tasks: number[] = [];
  return { name, path, outer, inner, size: (outer?.size ?? 1) * (inner?.size ?? 1), tasks };
}

const numbered = (name: string, ...numbers: (number | undefined)[]): string =>
  [name, ...numbers.filter((number) => number !== undefined)].join('-');
