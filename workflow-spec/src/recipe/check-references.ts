import type { TaskTemplateInput, WorkflowSpecInput } from '@osmo/crds';
import { normalName } from './names.ts';
import type { ReadContext } from './read-context.ts';
import { namesKnown } from './told.ts';

interface PlacedTask {
  readonly task: TaskTemplateInput;
  readonly path: string;
}

/** What names other parts of the same recipe: names that clash, and inputs and resources that name nothing. */
export function checkReferences(context: ReadContext, spec: WorkflowSpecInput): void {
  const { groups = [] } = spec;
  const grouped = groups.flatMap((group, index) => placed(group.tasks, `spec.groups[${index}].tasks`));
  const tasks = [...placed(spec.tasks ?? [], 'spec.tasks'), ...grouped];
  const known = new Map(tasks.map(({ task }) => [task.name, task]));
  // A name that could not be read may be the one that another field has.
  const { allTasks, allResources } = namesKnown(context.reader.told);
  checkNames(context, [
    ...tasks.map(({ task, path }) => ({ name: task.name, path })),
    ...groups.map(({ name }, index) => ({ name, path: `spec.groups[${index}]` })),
  ]);
  const resources = new Set((spec.resources ?? []).map(({ name }) => name));
  for (const placedTask of tasks) {
    checkInputs(context, placedTask, known, allTasks);
    const { resource } = placedTask.task;
    if (resource === undefined || resource === 'default' || resources.has(resource) || !allResources) continue;
    refuse(
      context,
      `${placedTask.path}.resource`,
      `names no entry of workflow.resources; there are ${listed(resources)}`,
    );
  }
}

function placed(tasks: readonly TaskTemplateInput[], path: string): PlacedTask[] {
  return tasks.map((task, index) => ({ task, path: `${path}[${index}]` }));
}

const listed = (names: Iterable<string>): string => {
  const all = [...names];
  const shown = all
    .slice(0, 16)
    .map((name) => `'${name}'`)
    .join(', ');
  return all.length === 0 ? 'none' : `${shown}${all.length > 16 ? ` and ${all.length - 16} more` : ''}`;
};

function refuse({ reader, origins }: ReadContext, path: string, message: string): void {
  const field = origins.find(path);
  if (field) reader.refuse(field, message);
}

function checkNames(context: ReadContext, named: readonly { name: string; path: string }[]): void {
  const seen = new Map<string, string>();
  for (const { name, path } of named) {
    const other = seen.get(normalName(name));
    if (other !== undefined) {
      const alike =
        other === name ? '' : `: '${other}' and '${name}' are the same, since case and '-' or '_' make no difference`;
      refuse(context, `${path}.name`, `must be unique among tasks and groups${alike}`);
    } else seen.set(normalName(name), name);
  }
}

function checkInputs(
  context: ReadContext,
  { task, path }: PlacedTask,
  known: ReadonlyMap<string, TaskTemplateInput>,
  allTasks: boolean,
): void {
  for (const [index, input] of (task.inputs ?? []).entries()) {
    const name = input.task?.workflow === undefined ? input.task?.name : undefined;
    if (name === undefined) continue;
    const at = `${path}.inputs[${index}]`;
    if (name === task.name) refuse(context, at, 'names the task itself');
    else if (!known.has(name) && allTasks)
      refuse(context, at, `names the task '${name}', which is not in this workflow; there are ${listed(known.keys())}`);
  }
}
