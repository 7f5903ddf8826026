import type { Pool, Task, Workflow } from '@osmo/crds';
import { resourceType } from '@osmo/kube';

const own = { group: 'osmo.dev', version: 'v1alpha1' } as const;
export const Workflows = resourceType<Workflow>({ ...own, kind: 'Workflow', plural: 'workflows', namespaced: true });
export const Tasks = resourceType<Task>({ ...own, kind: 'Task', plural: 'tasks', namespaced: true });
export const Pools = resourceType<Pool>({ ...own, kind: 'Pool', plural: 'pools', namespaced: false });
