import type { TaskTemplate } from '@osmo/crds';
import type { Expansion } from './expand.ts';
import { sameInstance } from './fan-out.ts';
import type { GraphEntry, GraphJoin, GraphTask } from './graph-shape.ts';
import { listed, problem, type Problem } from './problem.ts';
import { didYouMean, type SuggestionBudget } from './suggestion.ts';

/** Who waits for whom; nodes are groups and, from the number of groups on, joins. */
export interface Edges {
  /** By group. */
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  readonly joins: readonly GraphJoin[];
  readonly problems: readonly Problem[];
}

export interface Names {
  readonly taskByName: ReadonlyMap<string, GraphTask>;
  readonly entryByName: ReadonlyMap<string, GraphEntry>;
}

const none: readonly number[] = [];

/**
 * The edges of all inputs. Their number grows with tasks plus inputs of the spec, not with their product: what needs a
 * whole entry needs the one join behind it, and what the groups of one entry need alike stands behind one join too.
 */
export function resolveEdges(expansion: Expansion, names: Names, budget: SuggestionBudget): Edges {
  const builder = new EdgeBuilder(expansion, names, budget);
  for (const groups of bySource(expansion)) builder.add(groups);
  return builder.finish();
}

/** Indexes of the groups of each group of the spec, one after the other. */
function bySource({ groups }: Expansion): number[][] {
  const all: number[][] = [];
  for (const { index, path } of groups) {
    if (index > 0 && groups[index - 1]?.path === path) all.at(-1)?.push(index);
    else all.push([index]);
  }
  return all;
}

type Need = { node: number } | { perGroup: (group: number) => readonly number[] } | undefined;

class EdgeBuilder {
  readonly #expansion: Expansion;
  readonly #names: Names;
  readonly #upstream: Set<number>[];
  readonly #joins: { upstream: readonly number[]; downstream: number[] }[] = [];
  readonly #joinOf = new Map<GraphEntry, number>();
  readonly #problems: Problem[] = [];
  readonly #budget: SuggestionBudget;
  #written: { names: ReadonlySet<string>; listed: string } | undefined;

  constructor(expansion: Expansion, names: Names, budget: SuggestionBudget) {
    this.#expansion = expansion;
    this.#names = names;
    this.#budget = budget;
    this.#upstream = expansion.groups.map(() => new Set());
  }

  /** The inputs of the groups that one group of the spec stands for. */
  add(groups: readonly number[]): void {
    const alike = new Set<number>();
    const first = this.#expansion.groups[groups[0] ?? -1];
    for (const task of first?.tasks ?? []) {
      // What instance 0 needs, the others need alike or by their own index.
      if (task.instance > 0) continue;
      for (const [position, input] of (task.template.inputs ?? []).entries()) {
        if (input.task === undefined || input.task.workflow !== undefined) continue;
        const path = `${task.path}.inputs[${position}].task`;
        const need = this.#needOf(task, input.task, path, groups);
        if (need === undefined) continue;
        if ('node' in need) alike.add(need.node);
        else for (const group of groups) need.perGroup(group).forEach((node) => this.#upstream[group]?.add(node));
      }
    }
    const common = groups.length > 1 && alike.size > 1 ? [this.#newJoin(ascending(alike))] : [...alike];
    for (const group of groups) for (const node of common) this.#upstream[group]?.add(node);
  }

  #needOf(
    task: GraphTask,
    input: NonNullable<NonNullable<TaskTemplate['inputs']>[number]['task']>,
    path: string,
    groups: readonly number[],
  ): Need {
    const { taskByName, entryByName } = this.#names;
    const entry = entryByName.get(input.name);
    const from = taskByName.get(input.name);
    if (entry !== undefined) {
      if (this.#sourceOf(entry.tasks[0]) === this.#sourceOf(task.index))
        return this.#refuse(path, input.name, ownDetail(task.template.name === input.name));
      return input.instances === 'Same' ? this.#same(task, entry, path, groups) : { node: this.#nodeOf(entry) };
    }
    if (from === undefined) {
      const written = this.#writtenNames();
      const meant = didYouMean(input.name, written.names, this.#budget);
      return this.#refuse(path, input.name, `no task of this workflow; allowed: ${written.listed}${meant}`);
    }
    if (input.instances === 'Same') {
      const detail = 'the input is a single task; Same is allowed for tasks with count or matrix';
      return void this.#problems.push(problem('InvalidSpec', `${path}.instances`, 'Same', detail));
    }
    if (this.#sourceOf(from.index) === this.#sourceOf(task.index)) {
      return this.#refuse(path, input.name, ownDetail(from.index === task.index));
    }
    return { node: from.group };
  }

  #same(task: GraphTask, entry: GraphEntry, path: string, groups: readonly number[]): Need {
    if (sameInstance(task, entry) === undefined) {
      const own = task.entry === undefined ? 'this task is a single one' : `this task has ${task.entry.size}`;
      const detail = `task ${JSON.stringify(entry.name)} has ${entry.size} instances and ${own}; Same is allowed between as many`;
      return void this.#problems.push(problem('InvalidSpec', `${path}.instances`, 'Same', detail));
    }
    const first = groups[0] ?? 0;
    const perGroup = task.entry === undefined ? 1 : task.entry.size / groups.length;
    const groupOf = (instance: number): number => this.#expansion.tasks[entry.tasks[instance] ?? -1]?.group ?? -1;
    return {
      perGroup: (group) =>
        Array.from({ length: perGroup }, (_, own) => {
          const instance = (group - first) * perGroup + own;
          return groupOf(sameInstance({ entry: task.entry, instance }, entry) ?? -1);
        }),
    };
  }

  /** Path of the group of the spec that a task comes from. */
  #sourceOf(task: number | undefined): string | undefined {
    const { groups, tasks } = this.#expansion;
    return groups[tasks[task ?? -1]?.group ?? -1]?.path;
  }

  #refuse(path: string, name: string, detail: string): undefined {
    this.#problems.push(problem('InvalidSpec', `${path}.name`, name, detail));
  }

  /** Names as the author wrote them: the instances of an entry would push all others out of a message. */
  #writtenNames(): { names: ReadonlySet<string>; listed: string } {
    if (this.#written !== undefined) return this.#written;
    const names = new Set(this.#expansion.tasks.map((task) => task.template.name));
    this.#written = { names, listed: listed([...names]) };
    return this.#written;
  }

  /** What stands for all instances: their group if they share one, else the join behind them. */
  #nodeOf(entry: GraphEntry): number {
    const known = this.#joinOf.get(entry);
    if (known !== undefined) return known;
    const groups = new Set(entry.tasks.map((index) => this.#expansion.tasks[index]?.group ?? -1));
    const [first] = groups;
    const node = groups.size === 1 && first !== undefined ? first : this.#newJoin([...groups]);
    this.#joinOf.set(entry, node);
    return node;
  }

  #newJoin(upstream: readonly number[]): number {
    return this.#expansion.groups.length + this.#joins.push({ upstream, downstream: [] }) - 1;
  }

  finish(): Edges {
    const groups = this.#upstream.length;
    const downstream: number[][] = this.#upstream.map(() => []);
    const below = (node: number): number[] | undefined =>
      node < groups ? downstream[node] : this.#joins[node - groups]?.downstream;
    const upstream = this.#upstream.map((set) => (set.size === 0 ? none : ascending(set)));
    for (const [group, nodes] of upstream.entries()) for (const node of nodes) below(node)?.push(group);
    for (const [position, join] of this.#joins.entries()) {
      for (const node of join.upstream) below(node)?.push(groups + position);
    }
    return {
      upstream,
      downstream: downstream.map((nodes) => (nodes.length === 0 ? none : nodes)),
      joins: this.#joins,
      problems: this.#problems,
    };
  }
}

const ascending = (set: ReadonlySet<number>): number[] => [...set].toSorted((a, b) => a - b);

function ownDetail(itself: boolean): string {
  return itself
    ? 'a task cannot be its own input; name a task of an earlier group'
    : 'the task is in the same group, which runs together; allowed: tasks of other groups';
}
