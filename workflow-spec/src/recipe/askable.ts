import { type TaskTemplateInput, validateWorkflow, type WorkflowInput, type WorkflowSpecInput } from '@osmo/crds';
import { normalName, objectNameFor, recipeName } from './names.ts';
import { unreadCommand, unreadImage, unreadInput, unreadName } from './stand-ins.ts';

/**
 * Of a Workflow with problems what its pool, the credentials and the data of its namespace can still be asked about, as an object that the API
 * takes: tasks with what they need, and nothing else that could be wrong. Undefined when there is too little.
 */
export function askableOf({ apiVersion, kind, spec }: WorkflowInput): WorkflowInput | undefined {
  const metadata = { name: objectNameFor(unreadName('')) };
  const draft = { apiVersion, kind, metadata, spec: askableSpec(spec) };
  const wrong = validateWorkflow(draft);
  if (wrong.length === 0) return draft;
  const rest = { ...draft, spec: without(draft.spec, new Set(wrong.map(({ path }) => partOf(path)))) };
  return validateWorkflow(rest).length === 0 ? rest : undefined;
}

function askableSpec({ pool, priority, labels, resources = [], tasks, groups }: WorkflowSpecInput): WorkflowSpecInput {
  const taken = new Set<string>();
  const named = (name: string, path: string): string => {
    const isFree = recipeName.test(name) && !taken.has(normalName(name));
    taken.add(normalName(name));
    return isFree ? name : unreadName(path);
  };
  const known = new Set(resources.map(({ name }) => name));
  const all = (of: readonly TaskTemplateInput[], path: string): TaskTemplateInput[] =>
    of.map((task, index) => askableTask(task, named(task.name, `${path}[${index}]`), known));
  return {
    ...(pool !== undefined && { pool }),
    ...(priority !== undefined && { priority }),
    ...(labels !== undefined && { labels }),
    ...(resources.length > 0 && { resources }),
    ...(tasks && groups === undefined && { tasks: all(tasks, 'spec.tasks') }),
    ...(groups && {
      groups: groups.map((group, index) => ({
        name: named(group.name, `spec.groups[${index}]`),
        tasks: all(group.tasks, `spec.groups[${index}].tasks`).map((task, at) => ({ ...task, lead: at === 0 })),
      })),
    }),
  };
}

function askableTask(task: TaskTemplateInput, name: string, known: ReadonlySet<string>): TaskTemplateInput {
  const { resource, privileged, hostNetwork, volumeMounts, credentials, inputs, outputs } = task;
  return {
    name,
    image: unreadImage,
    command: [...unreadCommand],
    ...(resource !== undefined && known.has(resource) && { resource }),
    ...(privileged !== undefined && { privileged }),
    ...(hostNetwork !== undefined && { hostNetwork }),
    ...(volumeMounts && { volumeMounts }),
    ...(credentials && { credentials }),
    // In their places; who waits for whom was told.
    ...(inputs && {
      inputs: inputs.map((input) => ('task' in input && input.task !== undefined ? unreadInput : input)),
    }),
    ...(outputs && { outputs }),
  };
}

/** The part of a task, or else of the spec, that a path leads into. */
const partOf = (path: string): string =>
  /^spec\.(?:groups\[\d+\]\.)?tasks\[\d+\]\.\w+/.exec(path)?.[0] ?? /^spec\.\w+/.exec(path)?.[0] ?? path;

function without(spec: WorkflowSpecInput, parts: ReadonlySet<string>): WorkflowSpecInput {
  const kept = <T extends object>(of: T, path: string): T =>
    Object.fromEntries(Object.entries(of).filter(([key]) => !parts.has(`${path}.${key}`))) as T;
  const { tasks, groups, ...rest } = spec;
  return {
    ...kept(rest, 'spec'),
    ...(tasks && { tasks: tasks.map((task, index) => kept(task, `spec.tasks[${index}]`)) }),
    ...(groups && {
      groups: groups.map((group, at) => ({
        ...group,
        tasks: group.tasks.map((task, index) => kept(task, `spec.groups[${at}].tasks[${index}]`)),
      })),
    }),
  };
}
