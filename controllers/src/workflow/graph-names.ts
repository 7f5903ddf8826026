import { normalisedName } from '../naming.ts';
import type { GraphGroup } from './graph-shape.ts';
import { problem, type Problem } from './problem.ts';

/** Names of containers that share the pod with the user's. */
export const reservedNames: ReadonlySet<string> = new Set(['osmo-ctrl', 'osmo-init', 'preflight-test']);

/**
 * Tasks and groups share one namespace, compared in normalised form, because both become names of Kubernetes objects.
 * Every name that is taken is reported with who has it.
 */
export function nameProblems(groups: readonly Pick<GraphGroup, 'name' | 'tasks' | 'path'>[]): Problem[] {
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  const take = (name: string, path: string, what: string): void => {
    const normalised = normalisedName(name);
    const holder = taken.get(normalised);
    if (holder !== undefined) {
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
    for (const task of group.tasks) take(task.name, `${task.path}.name`, 'the task');
  }
  for (const group of groups) take(group.name, `${group.path}.name`, groupWord(group));
  return problems;
}

// The author of a flat task never wrote the group's name, so the message says where it comes from.
function groupWord(group: Pick<GraphGroup, 'path' | 'tasks'>): string {
  return group.tasks[0]?.path === group.path ? 'the group made for this task' : 'the group';
}
