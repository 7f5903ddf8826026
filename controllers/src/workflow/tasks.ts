import { Annotations, Api, Labels, Names, PriorityClasses, SchedulerNames } from '@osmo/crds';
import type {
  ExitAction,
  Platform,
  PodTemplate,
  Pool,
  Task,
  TaskScheduling,
  TaskSpec,
  Timeouts,
  Workflow,
} from '@osmo/crds';
import { groupServiceName, labelValue, normalisedName, taskObjectName } from '../naming.ts';
import type { Graph, GraphGroup, GraphTask } from './graph-shape.ts';
import { platformNameOf, resolveAmounts } from './needs.ts';
import { mergeTemplates } from './pod-template.ts';
import { replaceTokens } from './tokens.ts';

/** All that a Task is made from. */
export interface TaskContext {
  readonly workflow: Workflow;
  readonly graph: Graph;
  readonly pool: Pool;
  readonly platforms: ReadonlyMap<string, Platform>;
}

/**
 * The Task object of one task: all that its backend needs to run it, so that it asks neither the workflow nor the pool.
 * The same input gives the same object, to the byte.
 */
export function taskFor(task: GraphTask, context: TaskContext): Task {
  const { workflow, graph, pool, platforms } = context;
  const uid = workflow.metadata.uid ?? '';
  const namespace = workflow.metadata.namespace ?? '';
  const group = graph.groups[task.group];
  if (group === undefined) throw new RangeError(`${task.path}: the graph has no group ${task.group}`);
  const resource = workflow.spec.resources?.find((each) => each.name === task.template.resource);
  const platform = platforms.get(platformNameOf(resource, pool) ?? '');
  const { name: _name, lead: _lead, resource: _resource, ...body } = task.template;
  const tokens = { graph, workflow: { name: workflow.metadata.name, uid, namespace } };
  const submittedBy = workflow.metadata.annotations?.[Annotations.submittedBy];
  const podTemplate = mergedTemplate(pool, platform);
  const spec: TaskSpec = {
    ...replaceTokens(body, task, tokens),
    workflow: { name: workflow.metadata.name, uid },
    taskName: task.name,
    lead: task.lead,
    group: groupOf(group),
    backend: pool.spec.backend,
    pool: pool.metadata.name,
    ...(platform !== undefined && { platform: platform.metadata.name }),
    priority: workflow.spec.priority,
    ...(submittedBy !== undefined && { submittedBy }),
    ...(workflow.spec.labels !== undefined && { labels: workflow.spec.labels }),
    scheduling: {
      ...schedulingOf(workflow, pool, platform),
      ...(resource?.nodesExcluded !== undefined && { nodesExcluded: resource.nodesExcluded }),
    },
    resources: resolveAmounts(resource, platform, pool),
    hostname: normalisedName(task.name),
    subdomain: groupServiceName(uid, group.name),
    ...optional('timeouts', timeoutsOf(workflow, pool)),
    ...optional('variables', platform?.spec.variables),
    ...optional('podTemplate', podTemplate),
    ...optional('volumeMounts', mountsOf(task, platform)),
    ...optional('exitActions', exitActionsOf(task, pool)),
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
    ...(gang && { priorityClassName: PriorityClasses[workflow.spec.priority] }),
  };
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

/** The workflow's time-outs, else the pool's defaults, neither above the pool's maximum. */
function timeoutsOf(workflow: Workflow, pool: Pool): Timeouts | undefined {
  const { defaultExecSeconds, maxExecSeconds, defaultQueueSeconds, maxQueueSeconds } = pool.spec.timeouts ?? {};
  const { execSeconds, queueSeconds } = workflow.spec.timeouts ?? {};
  const exec = atMost(execSeconds ?? defaultExecSeconds, maxExecSeconds);
  const queue = atMost(queueSeconds ?? defaultQueueSeconds, maxQueueSeconds);
  if (exec === undefined && queue === undefined) return undefined;
  return { ...optional('execSeconds', exec), ...optional('queueSeconds', queue) };
}

function atMost(seconds: number | undefined, most: number | undefined): number | undefined {
  return seconds === undefined || most === undefined ? (seconds ?? most) : Math.min(seconds, most);
}

function mountsOf(task: GraphTask, platform: Platform | undefined): TaskSpec['volumeMounts'] | undefined {
  const own = task.template.volumeMounts ?? [];
  const taken = new Set(own.map((mount) => mount.mountPath));
  const usual = (platform?.spec.defaultMounts ?? []).filter((folder) => !taken.has(folder));
  const all = [...own, ...usual.map((folder) => ({ hostPath: folder, mountPath: folder }))];
  return all.length === 0 ? undefined : all;
}

// The first action that matches wins, so the pool's come after the task's.
function exitActionsOf(task: GraphTask, pool: Pool): ExitAction[] | undefined {
  const all = [...(task.template.exitActions ?? []), ...(pool.spec.defaultExitActions ?? [])];
  return all.length === 0 ? undefined : all;
}
