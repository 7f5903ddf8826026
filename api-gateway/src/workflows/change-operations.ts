import { Annotations, FieldManagers, isUpstreamEnd, upstreamWorkflowStatus, type Workflow } from '@osmo/crds';
import { isConflict, isNotFound, type KubeClient, type ObjectRef } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import { baseUrlOf } from '../http/base-url.ts';
import { RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { Workflows } from '../kinds.ts';
import { dashboardsOf, type DashboardUrls, workflowDashboards } from './dashboards.ts';
import { findWorkflow, noWorkflow } from './find.ts';
import { idOf } from './ids.ts';
import { linksOf } from './links.ts';
import { readableWorkflows } from './readable.ts';
import { answers } from './schemas.ts';
import { changedTags } from './tags.ts';
import { tagsOf } from './view.ts';

/** Changing workflows that are there, in the name of the caller: cancel, restart, tags. */
export function changeOperations(dependencies: Dependencies & { newId: () => string }): Operation[] {
  const { defaultNamespace, newId } = dependencies;
  const manager = { fieldManager: FieldManagers.apiGateway };
  const find = async (caller: Identity, id: string, signal: AbortSignal) => {
    const ref = findWorkflow(dependencies, id);
    const client = dependencies.as(caller);
    const workflow = await client.get(Workflows, ref, { signal }).catch((error: unknown) => {
      throw isNotFound(error) ? noWorkflow(id) : error;
    });
    return { ref, client, workflow };
  };
  return [
    operation({
      id: 'cancelWorkflow',
      action: 'workflow:Cancel',
      method: 'post',
      path: '/api/workflow/{id}/cancel',
      tag: 'Workflows',
      summary: 'Ends a workflow',
      parameters: {
        message: { type: 'text', description: 'Why.', maxLength: 1024 },
        force: { type: 'boolean', description: 'Without giving commands time to end.' },
      },
      answer: { description: 'Which workflow it was.', schema: answers.name },
      async handle({ caller, params, query, signal }) {
        const id = params['id'] ?? '';
        const { ref, client, workflow } = await find(caller, id, signal);
        const status = upstreamWorkflowStatus(workflow);
        if (isUpstreamEnd(status)) throw refusal(id, `has ended as ${status}; there is nothing to cancel`);
        const force = query.force === true || workflow.spec.cancel?.force === true;
        const { by = caller.user, reason = query.message } = workflow.spec.cancel ?? {};
        // Who canceled first stays on record.
        const cancel = { by, ...(reason !== undefined && { reason }), ...(force && { force }) };
        await client.patch(Workflows, ref, { kind: 'merge', body: { spec: { cancel } } }, { ...manager, signal });
        return { json: { name: idOf(ref, defaultNamespace) } };
      },
    }),
    operation({
      id: 'restartWorkflow',
      action: 'workflow:Create',
      method: 'post',
      path: '/api/pool/{pool}/workflow/{id}/restart',
      tag: 'Workflows',
      summary: 'Runs the failed tasks of a workflow again, and what depends on them',
      answer: { description: 'Which workflow it is.', schema: answers.submitted },
      async handle({ caller, params, headers, signal }) {
        const id = params['id'] ?? '';
        const { ref, client, workflow } = await find(caller, id, signal);
        const { pool, cancel } = workflow.spec;
        const status = upstreamWorkflowStatus(workflow);
        if (pool !== params['pool']) throw refusal(id, `is of pool ${pool}, not of ${params['pool']}; name that one`);
        if (!status.startsWith('FAILED'))
          throw refusal(id, `is ${status}; only workflows that failed can be restarted`);
        if (status === 'FAILED_SUBMISSION')
          throw refusal(id, 'was refused, so that nothing of it can run; submit it anew');
        if (cancel !== undefined) throw refusal(id, 'was canceled, which is final; submit it anew by its id');
        const restart = { id: newId(), by: caller.user };
        const { resourceVersion } = workflow.metadata;
        const body = { metadata: { resourceVersion }, spec: { restart: { tasks: null, pinned: null, ...restart } } };
        await client.patch(Workflows, ref, { kind: 'merge', body }, { ...manager, signal });
        return {
          json: submitted(workflow, {
            id: idOf(ref, defaultNamespace),
            baseUrl: baseUrlOf(headers, dependencies.publicUrl, dependencies.overTls),
            dashboards: dashboardsOf(pool, dependencies.caches),
          }),
        };
      },
    }),
    operation({
      id: 'tagWorkflow',
      action: 'workflow:Update',
      method: 'post',
      path: '/api/workflow/{id}/tag',
      tag: 'Workflows',
      summary: 'Puts tags on a workflow and takes tags off it',
      parameters: {
        add: { type: 'texts', description: 'Tags to put on.', maxLength: 64 },
        remove: { type: 'texts', description: 'Tags to take off.', maxLength: 64 },
      },
      answer: { description: 'All its tags.', schema: answers.tags },
      async handle({ caller, params, query, signal }) {
        const { ref, client } = await find(caller, params['id'] ?? '', signal);
        const tags = await retag(client, ref, (known) => changedTags(known, query.add, query.remove), signal);
        return { json: { tags } };
      },
    }),
    operation({
      id: 'listTags',
      action: 'workflow:List',
      method: 'get',
      path: '/api/tag',
      tag: 'Workflows',
      summary: 'Lists the tags in use, of workflows that the caller may read',
      answer: { description: 'Tags.', schema: answers.tags },
      async handle({ caller }) {
        const mine = await readableWorkflows(dependencies, caller, undefined);
        const tags = new Set(dependencies.caches.workflows.list().filter(mine).flatMap(tagsOf));
        return { json: { tags: [...tags].toSorted() } };
      },
    }),
  ];
}

const mostAttempts = 5;

/** Changes the annotation of tags as it is at that moment; somebody else's change in between makes it look again. */
async function retag(
  client: KubeClient,
  ref: ObjectRef,
  change: (known: readonly string[]) => string[],
  signal: AbortSignal,
): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    // oxlint-disable-next-line no-await-in-loop
    const workflow: Workflow = await client.get(Workflows, ref, { signal });
    const tags = change(tagsOf(workflow));
    const annotations = { [Annotations.tags]: tags.length === 0 ? null : tags.join(',') };
    const body = { metadata: { resourceVersion: workflow.metadata.resourceVersion, annotations } };
    try {
      // oxlint-disable-next-line no-await-in-loop
      await client.patch(Workflows, ref, { kind: 'merge', body }, { fieldManager: FieldManagers.apiGateway, signal });
      return tags;
    } catch (error) {
      if (!isConflict(error) || attempt === mostAttempts) throw error;
    }
  }
}

function refusal(id: string, what: string): RequestError {
  return new RequestError(400, 'USER', `workflow ${id} ${what}`, { workflowId: id });
}

/** The answer to what made or restarted a workflow, in upstream's shape. */
export function submitted(
  workflow: Workflow,
  { id, baseUrl, dashboards }: { id: string; baseUrl: string; dashboards: DashboardUrls },
): Record<string, unknown> {
  return {
    name: id,
    overview: linksOf(baseUrl, id).overview,
    logs: null,
    spec: null,
    dashboard_url: workflowDashboards(workflow, dashboards).dashboard_url,
    warnings: [],
  };
}
