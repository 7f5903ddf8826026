import { Names, type Pool, type ResourceSpec, type WorkflowSpec } from '@osmo/crds';
import { listed, problem, type Problem } from '../graph/problem.ts';
import { didYouMean, type SuggestionBudget } from '../graph/suggestion.ts';
import type { WrittenGroup } from '../graph/written-tasks.ts';
import type { Need } from './needs.ts';

type Wish = NonNullable<ResourceSpec['topology']>[number];

/** Topology that the pool can't give: it has no scheduler that knows places, or doesn't know the key. */
export function topologyProblems(need: Need, pool: Pool, budget: SuggestionBudget): Problem[] {
  const wishes = need.resource?.topology ?? [];
  if (wishes.length === 0) return [];
  const name = JSON.stringify(pool.metadata.name);
  const path = `${need.resourcePath}.topology`;
  const { type } = pool.spec.scheduler;
  if (type !== 'KAI') {
    const detail = `pool ${name} has the scheduler ${type}, and only KAI places tasks close to each other; name a pool with KAI in spec.pool, or leave it out`;
    return [problem('InvalidSpec', path, wishes, detail)];
  }
  const known = keysOf(pool);
  return wishes.flatMap(({ key }, index) => {
    const at = `${path}[${index}].key`;
    if (!known.includes(key)) {
      const detail = `no topology key of pool ${name}; allowed: ${listed(known)}${didYouMean(key, known, budget)}`;
      return [problem('InvalidSpec', at, key, detail)];
    }
    if (wishes.findIndex((other) => other.key === key) === index) return [];
    return [problem('InvalidSpec', at, key, 'the key is there already; a task has one place for each key')];
  });
}

/**
 * Groups whose tasks ask for places that don't fit each other: the places of a group are a tree, from the pool's coarsest key
 * to its finest, and every task of it has its place in there.
 */
export function placeProblems(spec: WorkflowSpec, groups: readonly WrittenGroup[], pool: Pool): Problem[] {
  const resources = new Map((spec.resources ?? []).map((entry) => [entry.name, entry]));
  if (![...resources.values()].some(({ topology = [] }) => topology.length > 0)) return [];
  const order = keysOf(pool);
  return groups.flatMap(({ path, members }) => {
    const tasks = members.map(({ template }) => ({
      name: template.name,
      wishes: inOrder(resources.get(template.resource ?? Names.defaultResource)?.topology ?? [], order),
    }));
    const found = misfit(tasks);
    return found === undefined ? [] : [problem('InvalidSpec', path, found.task, found.detail)];
  });
}

interface Placed {
  readonly name: string;
  /** From coarse to fine. */
  readonly wishes: readonly Wish[];
}

function misfit(tasks: readonly Placed[]): { task: string; detail: string } | undefined {
  const keys = ({ wishes }: Placed): string => wishes.map(({ key }) => key).join(', ') || 'none';
  const [first] = tasks;
  const places = new Map<string, { task: string; is: string }>();
  for (const task of tasks) {
    if (first !== undefined && keys(task) !== keys(first)) {
      const detail = `the tasks of a group ask for places by the same topology keys: ${JSON.stringify(first.name)} by ${keys(first)}, this one by ${keys(task)}`;
      return { task: task.name, detail };
    }
    for (const [index, { key, group, requirement }] of task.wishes.entries()) {
      const place = JSON.stringify([key, group]);
      const above = task.wishes.slice(0, index).map((wish) => `${wish.key} ${wish.group}`);
      const is = [requirement, ...above].join(', ');
      const before = places.get(place);
      if (before !== undefined && before.is !== is) {
        const detail = `topology group ${JSON.stringify(group)} of key ${key} is another one for task ${JSON.stringify(before.task)} (${before.is}) than for this one (${is}); make them alike, or name two groups`;
        return { task: task.name, detail };
      }
      places.set(place, { task: task.name, is });
    }
  }
  return undefined;
}

const keysOf = (pool: Pool): string[] => (pool.spec.topologyKeys ?? []).map(({ key }) => key);

function inOrder(wishes: readonly Wish[], order: readonly string[]): readonly Wish[] {
  return wishes.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
}
