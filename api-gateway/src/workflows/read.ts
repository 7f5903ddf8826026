import type { Pool, Task, Workflow } from '@osmo/crds';
import { Indexes } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import { notFound } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { refOfId } from './ids.ts';

/** A workflow that the caller may read, from the cache, with its Tasks. */
export interface WorkflowInCache {
  workflow: Workflow;
  tasks: readonly Task[];
  pool: Pool | undefined;
}

/**
 * Looks a workflow up for somebody.
 *
 * @throws RequestError 403 when they may not read it, whether it exists or not; 404 when it doesn't
 */
export async function readWorkflow(
  { caches, access, defaultNamespace }: Dependencies,
  caller: Identity,
  id: string,
): Promise<WorkflowInCache> {
  const { namespace, name } = refOfId(id, defaultNamespace);
  await access.demand(caller, { verb: 'get', resource: 'workflows', namespace, name });
  const workflow = caches.workflows.get(namespace, name);
  if (workflow === undefined) throw notFound(`there is no workflow ${JSON.stringify(id)}`, id);
  const tasks = caches.tasks.byIndex(Indexes.workflowUid, workflow.metadata.uid ?? '');
  return { workflow, tasks, pool: caches.pools.get(undefined, workflow.spec.pool) };
}
