import type { Task, TaskDataInput, TaskInput } from '@osmo/crds';
import { type Graph, type GraphTask, taskObjectName } from '@osmo/workflow-spec/graph';
import { bucketsOf, datasetOf, tasksOf } from './awaited.ts';
import { type Catalog, Missing } from './catalog.ts';
import { placeOf, versionOf } from './versions.ts';

/** What inputs of one task are resolved with. */
export interface InputContext {
  readonly namespace: string;
  readonly graph: Graph;
  readonly catalog: Catalog;
  /** Finds the Task object of a task of the same workflow. */
  readonly find: (task: GraphTask) => Task | undefined;
  /** What was resolved before: a pinned restart reads the very same versions of datasets again. */
  readonly pinned?: readonly TaskDataInput[] | undefined;
}

type TaskReference = NonNullable<TaskInput['task']>;
type DatasetInput = NonNullable<TaskInput['dataset']>;

/** The versions that the inputs of a task are, or what is missing first. Tokens are replaced in `inputs`. */
export function resolveInputs(
  inputs: readonly TaskInput[],
  path: string,
  context: InputContext,
): TaskDataInput[] | Missing {
  const resolved: TaskDataInput[] = [];
  for (const [index, { task, dataset }] of inputs.entries()) {
    const at = `${path}.inputs[${index}]`;
    const found =
      task !== undefined ? ofTask(index, task, at, context) : dataset && ofDataset(index, dataset, at, context);
    if (found instanceof Missing) return found;
    resolved.push(...(found ?? []));
  }
  return resolved;
}

function ofTask(index: number, input: TaskReference, path: string, context: InputContext): TaskDataInput[] | Missing {
  if (input.workflow !== undefined) return ofOtherWorkflow(index, input, input.workflow, path, context);
  const { graph, find } = context;
  const single = graph.taskByName.get(input.name);
  const several = graph.entryByName.get(input.name)?.tasks.map((at) => graph.tasks[at]) ?? [];
  const tasks = single === undefined ? several.filter((task) => task !== undefined) : [single];
  return tasks.flatMap((task) => {
    const object = find(task);
    return object === undefined ? [] : outputOf(index, object, input, single === undefined);
  });
}

/**
 * The output that a task left in intermediate storage: none when its folder was empty. Of several instances each has a
 * folder of its own. Every byte counts: one task may read ten thousand of these.
 */
function outputOf(
  index: number,
  { spec, status }: Task,
  { regex, workflow }: TaskReference,
  isOneOfSeveral: boolean,
): TaskDataInput[] {
  const manifest = status?.data?.output?.manifest;
  if (manifest === undefined) return [];
  return [
    {
      index,
      manifest,
      ...(workflow !== undefined && { workflowUID: spec.workflow.uid }),
      task: spec.taskName,
      ...(regex !== undefined && regex !== '' && { regex }),
      ...(isOneOfSeveral && { folder: spec.taskName }),
    },
  ];
}

function ofOtherWorkflow(
  index: number,
  input: TaskReference,
  workflow: string,
  path: string,
  { catalog, namespace }: InputContext,
): TaskDataInput[] | Missing {
  const owner = catalog.workflow(namespace, workflow);
  const missing = (what: string, retryAt?: Date | 'soon'): Missing =>
    new Missing(`${path}${what}`, [tasksOf(namespace, workflow)], retryAt);
  if (owner === undefined) return ofArchived(index, input, workflow, { catalog, namespace, missing });
  const own = (name: string): Task | undefined => {
    const task = catalog.task(namespace, taskObjectName(workflow, name));
    return task?.spec.workflow.uid === owner.metadata.uid ? task : undefined;
  };
  const single = own(input.name);
  const tasks = single === undefined ? instancesOf(input.name, own) : [single];
  if (tasks.length === 0) {
    return missing(
      `.task.name: workflow ${JSON.stringify(workflow)} has no Task ${JSON.stringify(input.name)}, or hasn't started it`,
    );
  }
  const open = tasks.find((task) => !hasEnded(task));
  if (open !== undefined) {
    return missing(
      `.task: task ${JSON.stringify(open.spec.taskName)} of workflow ${JSON.stringify(workflow)} has not ended`,
    );
  }
  return tasks.flatMap((task) => outputOf(index, task, input, single === undefined));
}

/** The outputs of a workflow that has left the cluster, as its record tells them. */
function ofArchived(
  index: number,
  { name, regex }: TaskReference,
  workflow: string,
  { catalog, namespace, missing }: ArchiveContext,
): TaskDataInput[] | Missing {
  const what = `.task.workflow: ${JSON.stringify(workflow)}`;
  if (catalog.archived === undefined)
    return missing(
      `${what} is no Workflow of this namespace that is still in the cluster; name one that is, or read its output from a dataset or a URL`,
    );
  const archived = catalog.archived(namespace, workflow);
  if (archived === undefined) return missing(`${what} is looked up in the archive`, 'soon');
  if (archived.kind === 'failed')
    return missing(`${what} is not in the cluster, and the archive can't be asked: ${archived.why}`, archived.retryAt);
  if (archived.kind === 'none')
    return missing(
      `${what} is no Workflow of this namespace, neither in the cluster nor in the archive; name one that is, or read its output from a dataset or a URL`,
    );
  const { outputs, uid } = archived;
  const names = outputs.has(name) ? [name] : numbered(name, outputs);
  if (names.length === 0)
    return missing(
      `.task.name: workflow ${JSON.stringify(workflow)}, which is archived, has no Task ${JSON.stringify(name)}`,
    );
  return names.flatMap((task) => {
    const manifest = outputs.get(task);
    if (manifest === undefined) return [];
    const folder = outputs.has(name) ? {} : { folder: task };
    return [
      { index, manifest, workflowUID: uid, task, ...(regex !== undefined && regex !== '' && { regex }), ...folder },
    ];
  });
}

interface ArchiveContext extends Pick<InputContext, 'catalog' | 'namespace'> {
  missing: (what: string, retryAt?: Date | 'soon') => Missing;
}

function numbered(name: string, outputs: ReadonlyMap<string, unknown>): string[] {
  const names: string[] = [];
  while (outputs.has(`${name}-${names.length}`)) names.push(`${name}-${names.length}`);
  return names;
}

/** The instances of a task with count or matrix: they are numbered without gaps. */
function instancesOf(name: string, own: (name: string) => Task | undefined): Task[] {
  const tasks: Task[] = [];
  for (let task = own(`${name}-0`); task !== undefined; task = own(`${name}-${tasks.length}`)) tasks.push(task);
  return tasks;
}

const hasEnded = ({ spec, status }: Task): boolean =>
  (status?.run ?? 0) >= (spec.run ?? 0) && (status?.phase === 'Completed' || status?.phase === 'Failed');

function ofDataset(index: number, input: DatasetInput, path: string, context: InputContext): TaskDataInput[] | Missing {
  const before = context.pinned?.filter((each) => each.index === index && each.dataset !== undefined) ?? [];
  if (before.length > 0) return before;
  const { namespace, catalog } = context;
  const at = `${path}.dataset.name`;
  const place = placeOf(input.name, at, namespace, catalog);
  if (place instanceof Missing) return place;
  const dataset = catalog.dataset(namespace, place.object);
  const noDataset = (object: string): Missing =>
    new Missing(`${at}: there is no dataset ${JSON.stringify(object)}`, [datasetOf(namespace, object)]);
  // What is meant may change with the default bucket, and with the members of a collection.
  const orElse = ({ message, awaits }: Missing): Missing =>
    new Missing(message, [...new Set([...awaits, bucketsOf(namespace), datasetOf(namespace, place.object)])]);
  if (dataset === undefined) return orElse(noDataset(place.object));
  // A collection is one version each of others, which lie side by side.
  const members =
    dataset.spec.type === 'Collection'
      ? (dataset.spec.members ?? []).map((member) => ({ object: member.dataset, version: String(member.version) }))
      : [{ object: place.object, version: place.version }];
  const resolved: TaskDataInput[] = [];
  for (const { object, version: wanted } of members) {
    const member = catalog.dataset(namespace, object);
    if (member === undefined) return orElse(noDataset(object));
    const version = versionOf(member, wanted, at, namespace, catalog);
    if (version instanceof Missing) return orElse(version);
    const { url, credential } = place.bucket.spec;
    resolved.push({
      index,
      manifest: version.spec.manifest,
      url,
      ...(credential !== undefined && { credential }),
      ...(input.path !== undefined && input.path !== '' && { path: input.path }),
      ...(input.regex !== undefined && input.regex !== '' && { regex: input.regex }),
      folder: member.spec.name,
      dataset: { bucket: place.bucket.metadata.name, name: member.spec.name, version: version.spec.version },
    });
  }
  return resolved;
}
