import { normalisedName } from './naming.ts';
import type { GraphEntry, GraphGroup } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/** Names of containers that share the pod with the user's. */
export const reservedNames: ReadonlySet<string> = new Set(['osmo-ctrl', 'osmo-init', 'preflight-test']);

/**
 * Tasks, groups and entries share one namespace, compared in normalised form, because they become names of Kubernetes
 * objects. Every name that is taken is reported with who has it; of instances, the first.
 */
export function nameProblems(
  groups: readonly Pick<GraphGroup, 'name' | 'tasks' | 'path'>[],
  entries: readonly GraphEntry[],
): Problem[] {
  const taken = new Map<string, string>();
  const reported = new Set<string>();
  const problems: Problem[] = [];
  const take = (name: string, path: string, what: string): void => {
    const normalised = normalisedName(name);
    const holder = taken.get(normalised);
    if (holder !== undefined) {
      if (reported.has(`${what} ${path}`)) return;
      reported.add(`${what} ${path}`);
      const detail = `${what} clashes with ${holder}; names of tasks and groups must differ by more than case, "_" and "-"`;
      problems.push(problem('InvalidSpec', path, name, detail));
      return;
    }
    taken.set(normalised, `${what} ${JSON.stringify(name)} at ${path}`);
    if (reservedNames.has(normalised)) {
      const detail = `reserved for a container of the system; any name but ${[...reservedNames].join(', ')} is allowed`;
      problems.push(problem('InvalidSpec', path, name, detail));
    }
  };
  for (const group of groups) {
    for (const { name, path, entry } of group.tasks) {
      take(name, `${path}.name`, entry === undefined ? 'the task' : 'the instance');
    }
  }
  for (const { name, path } of entries) take(name, `${path}.name`, 'the task');
  for (const group of groups) take(group.name, `${group.path}.name`, groupWord(group));
  return problems;
}

// The author of a flat task never wrote the group's name, so the message says where it comes from.
function groupWord(group: Pick<GraphGroup, 'path' | 'tasks'>): string {
  return group.tasks[0]?.path === group.path ? 'the group made for this task' : 'the group';
}
