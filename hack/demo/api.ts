import { type KubeClient, type KubeObject, resourceType } from '@osmo/kube';
import type { TaskView, WorkflowView } from './outcome.ts';

const own = { group: 'osmo.dev', version: 'v1alpha1', namespaced: true } as const;
export const Workflows = resourceType<WorkflowView & KubeObject>({ ...own, kind: 'Workflow', plural: 'workflows' });
export const Tasks = resourceType<TaskView & KubeObject>({ ...own, kind: 'Task', plural: 'tasks' });

/** Reads what a task's container printed, up to now; undefined when the pod or its log is gone. */
export async function readLog(
  client: KubeClient,
  pod: { namespace: string; name: string },
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
  try {
    return (await client.request('GET', path, { query: { limitBytes: 64 * 1024 } })).body.toString('utf8');
  } catch {
    // A container that never started has no log; the outcome of its task says why.
    return undefined;
  }
}
