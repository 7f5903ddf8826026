import type { Backend, Pool, Task, Workflow } from '@osmo/crds';

/** Addresses at which a cluster shows its work, as its Backend names them. */
export type DashboardUrls = Readonly<{ dashboardURL?: string | undefined; grafanaURL?: string | undefined }>;

/** What links of a workflow or a task are made of; the values stand in the address encoded. */
type Words = Readonly<Record<string, string | undefined>>;

const wordsOf = ({ metadata, spec }: Workflow): Words => ({
  workflow_id: metadata.name,
  workflow_uuid: metadata.uid ?? '',
  namespace: metadata.namespace ?? '',
  pool: spec.pool ?? '',
});

/** The addresses of the backend of a pool. */
export function dashboardsOf(
  pool: string | undefined,
  { pools, backends }: { pools: Lookup<Pool>; backends: Lookup<Backend> },
): DashboardUrls {
  const backend = pool === undefined ? undefined : pools.get(undefined, pool)?.spec.backend;
  return (backend === undefined ? undefined : backends.get(undefined, backend)?.spec) ?? {};
}

interface Lookup<T> {
  get(namespace: undefined, name: string): T | undefined;
}

/** Links of a workflow; null where the backend has no address, or one that is of single tasks. */
export function workflowDashboards(
  workflow: Workflow,
  { dashboardURL, grafanaURL }: DashboardUrls,
): { dashboard_url: string | null; grafana_url: string | null } {
  const words = wordsOf(workflow);
  return { dashboard_url: filledIn(dashboardURL, words), grafana_url: filledIn(grafanaURL, words) };
}

/**
 * The link of an attempt of a task: null as long as it has no pod where the address names one.
 *
 * @param attempt where it ran; the current one when not given
 */
export function taskDashboard(
  workflow: Workflow,
  { metadata, spec, status }: Task,
  { dashboardURL }: DashboardUrls,
  attempt: { podName?: string | undefined; nodeName?: string | undefined } = status ?? {},
): string | null {
  return filledIn(dashboardURL, {
    ...wordsOf(workflow),
    task_name: spec.taskName,
    task_uuid: metadata.uid,
    pod_name: attempt.podName,
    pod_namespace: status?.podNamespace ?? metadata.namespace,
    node_name: attempt.nodeName,
  });
}

/** The address with `{{word}}` filled in; null where there is none, or a word in it has no value here. */
function filledIn(url: string | undefined, words: Words): string | null {
  if (url === undefined) return null;
  let known = true;
  const text = url.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, word: string) => {
    const value = Object.hasOwn(words, word) ? words[word] : undefined;
    if (value === undefined) known = false;
    return encodeURIComponent(value ?? '');
  });
  return known ? text : null;
}
