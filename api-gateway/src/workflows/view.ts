import {
  Annotations,
  isUpstreamEnd,
  type Pool,
  type Task,
  upstreamGroupStatus,
  type UpstreamStatus,
  upstreamStatusWithoutTask,
  upstreamTaskStatus,
  upstreamWorkflowStatus,
  type Workflow,
} from '@osmo/crds';
import { appOriginOf } from '../apps/marks.ts';
import { type DashboardUrls, taskDashboard, workflowDashboards } from './dashboards.ts';
import { type DeclaredGroup, declaredGroups } from './groups.ts';
import { idOf } from './ids.ts';
import { linksOf, taskLinks } from './links.ts';
import { plainTime, secondsBetween } from './times.ts';

/** What turns resources into upstream's JSON. */
export interface ViewContext {
  defaultNamespace: string;
  /** Base of links, without a trailing slash. */
  baseUrl: string;
  now: Date;
  /** Where the cluster of a pool shows its work; absent: nowhere. */
  dashboards?: (pool: string | undefined) => DashboardUrls;
}

/** One line of a list of workflows, in upstream's shape. */
export function workflowEntry(workflow: Workflow, context: ViewContext): Record<string, unknown> {
  const { metadata, spec, status } = workflow;
  const id = idOf(metadata, context.defaultNamespace);
  const { overview, logs, error_logs } = linksOf(context.baseUrl, id);
  return {
    user: submitterOf(workflow),
    name: id,
    workflow_uuid: metadata.uid ?? '',
    submit_time: plainTime(metadata.creationTimestamp),
    start_time: plainTime(status?.startTime),
    end_time: plainTime(status?.completionTime),
    queued_time: queuedSeconds(workflow, context.now),
    duration: secondsBetween(status?.startTime, status?.completionTime, context.now),
    status: upstreamWorkflowStatus(workflow),
    overview,
    logs,
    error_logs,
    ...workflowDashboards(workflow, context.dashboards?.(spec.pool) ?? {}),
    pool: spec.pool,
    ...appOriginOf(workflow, context.defaultNamespace),
    priority: spec.priority.toUpperCase(),
    labels: spec.labels ?? {},
    namespace: metadata.namespace ?? '',
  };
}

/** A workflow with its groups and tasks, in upstream's shape. */
export function workflowDetail(
  workflow: Workflow,
  tasks: readonly Task[],
  { pool, skipGroups, verbose }: { pool: Pool | undefined; skipGroups: boolean; verbose: boolean },
  context: ViewContext,
): Record<string, unknown> {
  const { spec, status } = workflow;
  const entry = workflowEntry(workflow, context);
  const id = idOf(workflow.metadata, context.defaultNamespace);
  const { user, workflow_uuid, ...common } = entry;
  return {
    ...common,
    uuid: workflow_uuid,
    submitted_by: user,
    cancelled_by: spec.cancel?.by ?? null,
    ...linksOf(context.baseUrl, id),
    parent_name: null,
    parent_job_id: null,
    tags: tagsOf(workflow),
    exec_timeout: spec.timeouts?.execSeconds ?? pool?.spec.timeouts?.defaultExecSeconds ?? null,
    queue_timeout: spec.timeouts?.queueSeconds ?? pool?.spec.timeouts?.defaultQueueSeconds ?? null,
    outputs: null,
    groups: skipGroups ? [] : groupEntries(workflow, tasks, verbose, id, context),
    backend: pool?.spec.backend ?? null,
    plugins: { rsync: false },
    warnings: [],
    message: status?.message ?? null,
  };
}

/** Who submitted it, as far as the object says. */
export function submitterOf({ metadata }: Pick<Workflow, 'metadata'>): string {
  return metadata.annotations?.[Annotations.submittedBy] ?? '';
}

export function tagsOf({ metadata }: Pick<Workflow, 'metadata'>): string[] {
  const text = metadata.annotations?.[Annotations.tags];
  return text === undefined ? [] : text.split(',').filter((tag) => tag !== '');
}

function queuedSeconds({ metadata, status }: Workflow, now: Date): number | null {
  return secondsBetween(metadata.creationTimestamp, status?.startTime ?? status?.completionTime, now);
}

interface GroupSoFar {
  declared: DeclaredGroup;
  entries: Record<string, unknown>[];
  words: { status: UpstreamStatus; lead: boolean }[];
  found: Task[];
}

function groupEntries(
  workflow: Workflow,
  tasks: readonly Task[],
  verbose: boolean,
  id: string,
  context: ViewContext,
): Record<string, unknown>[] {
  const groups = collectGroups(workflow, tasks);
  const statuses = settle(workflow, groups);
  const urls = context.dashboards?.(workflow.spec.pool) ?? {};
  return groups.map(({ declared, found, words }) => {
    const status = statuses.get(declared.name) ?? 'WAITING';
    const missing = status === 'FAILED_UPSTREAM' ? status : upstreamStatusWithoutTask(workflow);
    const present = new Set(found.map(({ spec }) => spec.taskName));
    const waiting = declared.tasks.filter(({ name }) => !present.has(name) && !isFannedOut(name, present));
    const earliest = (field: 'schedulingTime' | 'initializingTime' | 'startTime'): string | undefined =>
      found
        .map((task) => task.status?.[field])
        .filter((time) => time !== undefined)
        .toSorted()[0];
    const ends = found
      .map((task) => task.status?.completionTime)
      .filter((time) => time !== undefined)
      .toSorted();
    const failed = found.find((task) => task.status?.phase === 'Failed' && task.status.message !== undefined);
    const remaining = declared.upstream.filter((name) => statuses.get(name) !== 'COMPLETED');
    return {
      name: declared.name,
      status,
      start_time: plainTime(earliest('startTime')),
      end_time: isUpstreamEnd(status) && words.length > 0 ? plainTime(ends.at(-1)) : null,
      processing_start_time: plainTime(found.map(({ metadata }) => metadata.creationTimestamp ?? '').toSorted()[0]),
      scheduling_start_time: plainTime(earliest('schedulingTime')),
      initializing_start_time: plainTime(earliest('initializingTime')),
      remaining_upstream_groups: remaining,
      downstream_groups: declared.downstream,
      failure_message: failed?.status?.message ?? null,
      tasks: [
        ...found.flatMap((task) => taskEntries(task, verbose, id, { ...context, workflow, urls })),
        ...waiting.map(({ name, lead }) => waitingEntry(name, lead, missing, id, context)),
      ],
    };
  });
}

/** The declared groups with the Tasks that exist, and those that a fan-out has made beside them. */
function collectGroups({ spec }: Workflow, tasks: readonly Task[]): GroupSoFar[] {
  const groups: GroupSoFar[] = declaredGroups(spec).map((declared) => ({
    declared,
    entries: [],
    words: [],
    found: [],
  }));
  const byName = new Map(groups.map((group) => [group.declared.name, group]));
  const inOrder = tasks.toSorted((a, b) => (a.spec.taskName < b.spec.taskName ? -1 : 1));
  for (const task of inOrder) {
    const { name, ignoreNonleadStatus } = task.spec.group;
    let group = byName.get(name);
    if (group === undefined) {
      const declared = { name, ignoreNonleadStatus, tasks: [], upstream: [], downstream: [] };
      group = { declared, entries: [], words: [], found: [] };
      byName.set(name, group);
      groups.push(group);
    }
    group.found.push(task);
    group.words.push({ status: upstreamTaskStatus(task), lead: task.spec.lead });
  }
  return groups;
}

/** Statuses of all groups: what failed makes everything that depends on it fail, and what has no Task yet waits. */
function settle(workflow: Workflow, groups: readonly GroupSoFar[]): Map<string, UpstreamStatus> {
  const over = isUpstreamEnd(upstreamWorkflowStatus(workflow));
  const statuses = new Map<string, UpstreamStatus>();
  for (const { declared, words } of groups) {
    if (words.length > 0) statuses.set(declared.name, upstreamGroupStatus(words, declared.ignoreNonleadStatus));
    else if (over) statuses.set(declared.name, upstreamStatusWithoutTask(workflow));
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const { declared, words } of groups) {
      if (words.length > 0 || statuses.get(declared.name) === 'FAILED_UPSTREAM') continue;
      if (!declared.upstream.some((name) => statuses.get(name)?.startsWith('FAILED') === true)) continue;
      statuses.set(declared.name, 'FAILED_UPSTREAM');
      changed = true;
    }
  }
  return statuses;
}

/** Whether instances of an entry with count or matrix are there: they stand for it. */
function isFannedOut(name: string, present: ReadonlySet<string>): boolean {
  return present.has(`${name}-0`);
}

function taskEntries(
  task: Task,
  verbose: boolean,
  id: string,
  { baseUrl, workflow, urls }: ViewContext & { workflow: Workflow; urls: DashboardUrls },
): Record<string, unknown>[] {
  const { metadata, spec, status } = task;
  const common = { name: spec.taskName, task_uuid: metadata.uid ?? '', lead: spec.lead };
  const earlier = verbose ? (status?.attempts ?? []) : [];
  return [
    ...earlier.map((attempt) => ({
      ...common,
      retry_id: attempt.attempt,
      status: 'RESCHEDULED',
      failure_message: attempt.message ?? null,
      exit_code: attempt.exitCode ?? null,
      ...taskLinks(baseUrl, id, spec.taskName, attempt.attempt),
      ...noStages,
      start_time: plainTime(attempt.startTime),
      end_time: plainTime(attempt.completionTime),
      pod_name: attempt.podName ?? null,
      pod_ip: null,
      node_name: attempt.nodeName ?? null,
      dashboard_url: taskDashboard(workflow, task, urls, attempt),
    })),
    {
      ...common,
      retry_id: status?.attempt ?? 0,
      status: upstreamTaskStatus(task),
      failure_message: status?.phase === 'Failed' ? (status.message ?? null) : null,
      exit_code: status?.exitCode ?? null,
      ...taskLinks(baseUrl, id, spec.taskName, status?.attempt ?? 0),
      ...noStages,
      processing_start_time: plainTime(metadata.creationTimestamp),
      scheduling_start_time: plainTime(status?.schedulingTime),
      initializing_start_time: plainTime(status?.initializingTime),
      start_time: plainTime(status?.startTime),
      end_time: plainTime(status?.completionTime),
      pod_name: status?.podName ?? null,
      pod_ip: status?.podIP ?? null,
      node_name: status?.nodeName ?? null,
      dashboard_url: taskDashboard(workflow, task, urls),
    },
  ];
}

const noStages = {
  processing_start_time: null,
  scheduling_start_time: null,
  initializing_start_time: null,
  input_download_start_time: null,
  input_download_end_time: null,
  output_upload_start_time: null,
};

function waitingEntry(
  name: string,
  lead: boolean,
  status: UpstreamStatus,
  id: string,
  { baseUrl }: ViewContext,
): Record<string, unknown> {
  return {
    name,
    task_uuid: null,
    lead,
    dashboard_url: null,
    retry_id: 0,
    status,
    failure_message: null,
    exit_code: null,
    ...taskLinks(baseUrl, id, name, 0),
    ...noStages,
    start_time: null,
    end_time: null,
    pod_name: null,
    pod_ip: null,
    node_name: null,
  };
}
