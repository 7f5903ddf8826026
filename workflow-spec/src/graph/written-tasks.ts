import type { TaskTemplate, WorkflowSpec } from '@osmo/crds';
import { fanOutOf } from './expand-problems.ts';

/** A task as its author wrote it, whether it stands for one or for many. */
export interface WrittenTask {
  readonly template: TaskTemplate;
  /** Where it is in the object: `spec.groups[0].tasks[1]`. */
  readonly path: string;
  /** How many tasks it stands for, all instances of its group counted. */
  readonly tasks: number;
}

/** A group of the spec, or a task outside of groups, which is one by itself. */
export interface WrittenGroup {
  readonly path: string;
  /** With all instances of tasks, but of one instance of the group. */
  readonly members: readonly { readonly template: TaskTemplate; readonly times: number }[];
  readonly tasks: readonly WrittenTask[];
}

/** All groups of a spec in its order; works for specs that have no graph too. */
export function writtenGroups(spec: WorkflowSpec): readonly WrittenGroup[] {
  const flat = (spec.tasks ?? []).map((template, index): WrittenGroup => {
    const path = `spec.tasks[${index}]`;
    return { path, members: [{ template, times: 1 }], tasks: [{ template, path, tasks: sizeOf(template) }] };
  });
  const grouped = (spec.groups ?? []).map((group, index): WrittenGroup => {
    const path = `spec.groups[${index}]`;
    const members = group.tasks.map((template) => ({ template, times: sizeOf(template) }));
    const tasks = members.map(({ template, times }, position) => ({
      template,
      path: `${path}.tasks[${position}]`,
      tasks: times * sizeOf(group),
    }));
    return { path, members, tasks };
  });
  return [...flat, ...grouped];
}

const sizeOf = (fields: Pick<TaskTemplate, 'count' | 'matrix'>): number => fanOutOf(fields)?.size ?? 1;
