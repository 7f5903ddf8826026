import type { Pool, Task, Workflow } from '@osmo/crds';
import { isNotFound, type KubeClient } from '@osmo/kube';
import { Indexes, slimWorkflow } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Identity } from '../identity/identity.ts';
import { Workflows } from '../kinds.ts';
import { findWorkflow, noWorkflow } from './find.ts';
import type { WorkflowRef } from './ids.ts';

/** A workflow that the caller may read, with its Tasks: from the cache, or where it is when that doesn't have it. */
export interface WorkflowInCache {
  workflow: Workflow;
  tasks: readonly Task[];
  pool: Pool | undefined;
  archived: boolean;
}

/**
 * Looks a workflow up for somebody. What the cache doesn't have may be too new for it, above all right after its submission,
 * so that the API is asked then; and the archive, when it is gone from there.
 *
 * @throws RequestError 403 when they may not read it, whether it exists or not; 404 when it doesn't
 */
export async function readWorkflow(dependencies: Dependencies, caller: Identity, id: string): Promise<WorkflowInCache> {
  const { caches, access, archive, own } = dependencies;
  const ref = findWorkflow(dependencies, id);
  await access.demand(caller, { verb: 'get', resource: 'workflows', ...ref });
  const workflow = caches.workflows.get(ref.namespace, ref.name) ?? (await newest(own, ref));
  if (workflow === undefined) {
    const archived = await archive?.find(ref);
    if (archived === undefined) throw noWorkflow(id);
    return { ...archived, pool: caches.pools.get(undefined, archived.workflow.spec.pool), archived: true };
  }
  const tasks = caches.tasks.byIndex(Indexes.workflowUid, workflow.metadata.uid ?? '');
  return { workflow, tasks, pool: caches.pools.get(undefined, workflow.spec.pool), archived: false };
}

/** What the apiserver has under a name. */
async function newest(own: KubeClient, ref: WorkflowRef): Promise<Workflow | undefined> {
  try {
    return slimWorkflow(await own.get(Workflows, ref));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * A workflow with all that its spec says, which caches don't have: read in the name of the caller, so that RBAC decides by itself, or
 * from the archive.
 *
 * @throws KubeError, RequestError 403 and 404
 */
export async function readWholeWorkflow(
  dependencies: Dependencies,
  caller: Identity,
  id: string,
  signal: AbortSignal,
): Promise<Workflow> {
  const { access, archive } = dependencies;
  const ref = findWorkflow(dependencies, id);
  try {
    return await dependencies.as(caller).get(Workflows, ref, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    if (archive === undefined) throw noWorkflow(id);
    await access.demand(caller, { verb: 'get', resource: 'workflows', ...ref });
    const archived = await archive.find(ref);
    if (archived === undefined) throw noWorkflow(id);
    return archived.workflow;
  }
}
