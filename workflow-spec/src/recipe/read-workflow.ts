import type { TaskTemplateInput, WorkflowInput, WorkflowSpecInput } from '@osmo/crds';
import { Api } from '@osmo/crds';
import { checkReferences } from './check-references.ts';
import { keysOf } from './keys/key.ts';
import { groupSection } from './keys/workflow-part-sections.ts';
import { workflowSection } from './keys/workflow-sections.ts';
import { objectNameFor, recipeName, recipeNameWords } from './names.ts';
import type { Field } from './node-reader.ts';
import type { ReadContext } from './read-context.ts';
import { readResources, readTimeouts } from './read-resources.ts';
import { readTask } from './read-task.ts';
import { unreadName } from './stand-ins.ts';

type Group = NonNullable<WorkflowSpecInput['groups']>[number];

/** What is said beside the recipe and wins over it. */
export interface WorkflowOverrides {
  readonly pool?: string;
  readonly priority?: 'HIGH' | 'NORMAL' | 'LOW';
  readonly labels: ReadonlyMap<string, string>;
}

/** A Workflow, and the name as the recipe has it, which need not be a name of Kubernetes. */
export interface ReadWorkflow {
  readonly workflow: WorkflowInput;
  readonly name: string;
}

const priorities = { HIGH: 'High', NORMAL: 'Normal', LOW: 'Low' } as const;
const workflowKeys = keysOf(workflowSection);

/** The Workflow of a `workflow` section. Problems are in the context's reader; where there are some, stand-ins are in the Workflow. */
export function readWorkflow(context: ReadContext, root: Field, overrides: WorkflowOverrides): ReadWorkflow {
  const { reader, origins } = context;
  origins.set('spec', root);
  const fields = reader.fields(root, workflowKeys);
  for (const key of ['pool', 'labels', 'tasks', 'groups', 'resources']) {
    const field = fields.get(key);
    if (field) origins.set(`spec.${key}`, field);
  }
  const present = (key: string): Field | undefined => {
    const field = fields.get(key);
    return field && !reader.isNull(field) ? field : undefined;
  };
  const nameField = reader.required(root, fields, 'name');
  const name = reader.text(nameField);
  if (nameField && name !== undefined && (!recipeName.test(name) || name.length > 64))
    reader.refuse(nameField, recipeNameWords);
  const pool = overrides.pool ?? reader.text(present('pool'));
  if (reader.text(present('backend')))
    context.warnings.push('workflow.backend is ignored: the pool decides about the backend');
  const labels = readLabels(context, present('labels'), overrides.labels);
  const timeout = present('timeout');
  const timeouts = timeout && readTimeouts(context, timeout);
  const resourcesField = present('resources');
  const resources = resourcesField ? readResources(context, resourcesField) : [];
  const tasks = readTasks(context, present('tasks'), 'spec.tasks');
  const groups = readGroups(context, present('groups'));
  checkWork(context, root, tasks.length > 0, groups.length > 0, present('tasks') ?? present('groups'));
  const spec: WorkflowSpecInput = {
    ...(pool !== undefined && pool !== '' && { pool }),
    ...(overrides.priority && { priority: priorities[overrides.priority] }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(timeouts && Object.keys(timeouts).length > 0 && { timeouts }),
    ...(resources.length > 0 && { resources }),
    ...(tasks.length > 0 && { tasks }),
    ...(groups.length > 0 && { groups }),
  };
  checkReferences(context, spec);
  const called = name === undefined || !recipeName.test(name) ? unreadName('') : name;
  return {
    name: called,
    workflow: { apiVersion: Api.apiVersion, kind: 'Workflow', metadata: { name: objectNameFor(called) }, spec },
  };
}

function checkWork(
  { reader }: ReadContext,
  root: Field,
  tasks: boolean,
  groups: boolean,
  field: Field | undefined,
): void {
  const { told } = reader;
  // The schema would say it of the whole spec.
  if (tasks === groups) told.place(root.path);
  if (tasks && groups) reader.object(root, "must have one of the keys 'tasks' and 'groups', not both");
  if (tasks || groups || told.covers(`${root.path}.tasks`) || told.covers(`${root.path}.groups`)) return;
  if (field === undefined) reader.object(root, "must have one of the keys 'tasks' and 'groups'");
  else if (field.node.kind === 'sequence' && field.node.items.length === 0)
    reader.refuse(field, 'must have at least one item');
}

function readLabels(
  { reader, origins }: ReadContext,
  field: Field | undefined,
  overrides: ReadonlyMap<string, string>,
): Record<string, string> {
  const labels = new Map<string, string>();
  for (const [key, entry] of field ? reader.entries(field) : []) {
    const value = reader.strictText(entry);
    if (value !== undefined) labels.set(key, value);
    // Keys with dots or slashes are shown in quotes.
    origins.set(`spec.labels[${JSON.stringify(key)}]`, entry);
    origins.set(`spec.labels.${key}`, entry);
  }
  for (const [key, value] of overrides) labels.set(key, value);
  return Object.fromEntries(labels);
}

function readTasks(context: ReadContext, field: Field | undefined, path: string): TaskTemplateInput[] {
  return context.reader.items(field).map((item, index) => readTask(context, item, `${path}[${index}]`));
}

function readGroups(context: ReadContext, field: Field | undefined): Group[] {
  const { reader, origins } = context;
  return reader.items(field).map((item, index) => {
    const path = `spec.groups[${index}]`;
    origins.set(path, item);
    const fields = reader.fields(item, keysOf(groupSection));
    for (const [key, entry] of fields) origins.set(`${path}.${key}`, entry);
    const name = reader.text(reader.required(item, fields, 'name'));
    const barrier = reader.flag(fields.get('barrier'));
    const ignoreNonleadStatus = reader.flag(fields.get('ignoreNonleadStatus'));
    const tasksField = reader.required(item, fields, 'tasks');
    const tasks = readTasks(context, tasksField, `${path}.tasks`);
    if (tasksField && tasks.length === 0 && !reader.told.covers(tasksField.path))
      reader.refuse(tasksField, 'must have at least one item');
    checkLead(context, tasksField, tasks);
    return {
      name: name ?? unreadName(path),
      ...(barrier !== undefined && { barrier }),
      ...(ignoreNonleadStatus !== undefined && { ignoreNonleadStatus }),
      tasks,
    };
  });
}

/** The schema says the same, but only where nothing else is wrong. */
function checkLead({ reader }: ReadContext, field: Field | undefined, tasks: readonly TaskTemplateInput[]): void {
  if (field === undefined || tasks.length <= 1 || tasks.filter(({ lead }) => lead).length === 1) return;
  const unknown = tasks.some((_, index) => reader.told.covers(`${field.path}[${index}].lead`));
  if (unknown) reader.told.place(field.path);
  else reader.object(field, 'exactly one task must have lead: true in a group of more than one task');
}
