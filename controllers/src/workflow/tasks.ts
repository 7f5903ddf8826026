import { Annotations, Api, Labels, Names, PriorityClasses, SchedulerNames } from '@osmo/crds';
import type {
  Platform,
  PodTemplate,
  Pool,
  ResourceSpec,
  Task,
  TaskData,
  TaskScheduling,
  TaskSpec,
  TaskTemplate,
  Workflow,
} from '@osmo/crds';
import {
  fanOutEnv,
  type Graph,
  type GraphGroup,
  type GraphTask,
  groupServiceName,
  labelValue,
  normalisedName,
  replaceTokens,
  taskObjectName,
} from '@osmo/workflow-spec/graph';
import { platformNameOf, resolveAmounts } from '@osmo/workflow-spec/admission';
import { consumedTasks, keptOutput } from './data/keep.ts';
import type { ResolvedData } from './data/resolve.ts';
import { endPolicyOf, timeoutsOf } from './policies.ts';
import { mergeTemplates } from './pod-template.ts';
import { sameInstanceInputs } from './same-instance.ts';

/** All that a Task is made from. */
export interface TaskContext {
  readonly workflow: Workflow;
  readonly graph: Graph;
  readonly pool: Pool;
  readonly platforms: ReadonlyMap<string, Platform>;
  /** `consumedTasks` of the graph, where it is known already. */
  readonly consumed?: ReadonlySet<string>;
}

/**
 * The Task object of one task: all that its backend needs to run it, so that it asks neither the workflow nor the pool.
 * `resolved` is what its inputs and outputs were found to be. The same input gives the same object, to the byte.
 */
export function taskFor(task: GraphTask, context: TaskContext, resolved: ResolvedData = {}): Task {
  const { workflow, graph, pool, platforms } = context;
  const uid = workflow.metadata.uid ?? '';
  const namespace = workflow.metadata.namespace ?? '';
  const group = graph.groups[task.group];
  if (group === undefined) throw new RangeError(`${task.path}: the graph has no group ${task.group}`);
  const resource = workflow.spec.resources?.find((each) => each.name === task.template.resource);
  const platform = platforms.get(platformNameOf(resource, pool) ?? '');
  const tokens = { graph, workflow: { name: workflow.metadata.name, uid, namespace } };
  const submittedBy = workflow.metadata.annotations?.[Annotations.submittedBy];
  const podTemplate = mergedTemplate(pool, platform);
  const body = replaceTokens(bodyOf(task, graph), task, tokens);
  const spec: TaskSpec = {
    ...body,
    workflow: { name: workflow.metadata.name, uid },
    taskName: task.name,
    lead: task.lead,
    group: groupOf(group),
    ...(task.entry !== undefined && { fanOut: { name: task.entry.name, index: task.instance } }),
    backend: pool.spec.backend,
    pool: pool.metadata.name,
    ...(platform !== undefined && { platform: platform.metadata.name }),
    priority: workflow.spec.priority,
    ...(submittedBy !== undefined && { submittedBy }),
    ...(workflow.spec.labels !== undefined && { labels: workflow.spec.labels }),
    scheduling: {
      ...schedulingOf(workflow, pool, platform),
      ...(resource?.nodesExcluded !== undefined && { nodesExcluded: resource.nodesExcluded }),
      ...optional('topology', topologyOf(resource, pool)),
    },
    resources: resolveAmounts(resource, platform, pool),
    hostname: normalisedName(task.name),
    subdomain: groupServiceName(uid, group.name),
    ...optional('timeouts', timeoutsOf(workflow, pool)),
    ...optional('variables', platform?.spec.variables),
    ...optional('podTemplate', podTemplate),
    ...optional('volumeMounts', mountsOf(task, platform)),
    ...endPolicyOf(task.template, pool),
    ...optional('data', dataOf(keptOutput(task, body, context.consumed ?? consumedTasks(graph), pool), resolved)),
  };
  return {
    apiVersion: Api.apiVersion,
    kind: 'Task',
    metadata: {
      name: taskObjectName(workflow.metadata.name, task.name),
      namespace,
      labels: {
        [Labels.backend]: pool.spec.backend,
        [Labels.workflow]: workflow.metadata.name,
        [Labels.workflowUid]: uid,
        [Labels.group]: labelValue(group.name),
        [Labels.pool]: labelValue(pool.metadata.name),
      },
      ownerReferences: [
        {
          apiVersion: Api.apiVersion,
          kind: 'Workflow',
          name: workflow.metadata.name,
          uid,
          controller: true,
        },
      ],
    },
    spec,
  };
}

type Body = Omit<TaskTemplate, 'name' | 'lead' | 'resource' | 'count' | 'matrix' | 'maxParallel'>;

/** What a Task takes over from its template, before tokens are replaced. */
function bodyOf(task: GraphTask, graph: Graph): Body {
  const { name: _n, lead: _l, resource: _r, count: _c, matrix: _m, maxParallel: _p, ...body } = task.template;
  if (task.entry === undefined) return body;
  const env = [...(body.env ?? []), ...fanOutEnv(task, body.env)];
  return { ...body, env, ...(body.inputs !== undefined && { inputs: sameInstanceInputs(task, body.inputs, graph) }) };
}

function dataOf(kept: Pick<TaskData, 'keep' | 'keepPaths'>, resolved: ResolvedData): TaskData | undefined {
  return kept.keep || Object.keys(resolved).length > 0 ? { ...kept, ...resolved } : undefined;
}

function groupOf({ name, tasks, barrier, ignoreNonleadStatus }: GraphGroup): TaskSpec['group'] {
  return { name, size: tasks.length, barrier, ignoreNonleadStatus };
}

function optional<K extends string, T>(key: K, value: T | undefined): { [key in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: T });
}

/** Where and by whom the pods are placed. */
export function schedulingOf(workflow: Workflow, pool: Pool, platform: Platform | undefined): TaskScheduling {
  const { type, name, queue } = pool.spec.scheduler;
  const gang = type === 'KAI' || type === 'RunAI';
  const usual = `${Names.queuePrefix}${workflow.metadata.namespace ?? ''}-${pool.metadata.name}`;
  return {
    type,
    ...optional('schedulerName', name ?? usualScheduler(type)),
    ...optional('queue', queue ?? (gang ? usual : undefined)),
    ...optional('nodeSelector', platform?.spec.nodeSelector),
    ...optional('tolerations', platform?.spec.tolerations),
    priorityClassName: PriorityClasses[workflow.spec.priority],
  };
}

/** Whom a task is to be close to, by labels of nodes, from coarse to fine. Admission has seen to it that the pool's scheduler is KAI. */
function topologyOf(resource: ResourceSpec | undefined, pool: Pool): TaskScheduling['topology'] | undefined {
  const wishes = new Map((resource?.topology ?? []).map((wish) => [wish.key, wish]));
  const known = (pool.spec.topologyKeys ?? []).flatMap(({ key, label }) => {
    const wish = wishes.get(key);
    return wish === undefined ? [] : [{ key, label, group: wish.group, requirement: wish.requirement }];
  });
  return known.length === 0 ? undefined : known;
}

function usualScheduler(type: TaskScheduling['type']): string | undefined {
  switch (type) {
    case 'KAI':
      return SchedulerNames.kai;
    case 'RunAI':
      return SchedulerNames.runai;
    case 'Volcano':
      return SchedulerNames.volcano;
    // Kueue admits pods of any scheduler, and the cluster's own needs no name.
    case 'Kueue':
    case 'Default':
      return undefined;
  }
}

function mergedTemplate(pool: Pool, platform: Platform | undefined): PodTemplate | undefined {
  const templates = [pool.spec.podTemplate, platform?.spec.podTemplate].filter((each) => each !== undefined);
  const [first, second] = templates;
  return second === undefined ? first : (mergeTemplates(first, second) as PodTemplate);
}

function mountsOf(task: GraphTask, platform: Platform | undefined): TaskSpec['volumeMounts'] | undefined {
  const own = task.template.volumeMounts ?? [];
  const taken = new Set(own.map((mount) => mount.mountPath));
  const usual = (platform?.spec.defaultMounts ?? []).filter((folder) => !taken.has(folder));
  const all = [...own, ...usual.map((folder) => ({ hostPath: folder, mountPath: folder }))];
  return all.length === 0 ? undefined : all;
}
