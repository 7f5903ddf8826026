import { FieldManagers, type Workflow } from '@osmo/crds';
import { readableNamespaces } from '../access/namespaces.ts';
import type { Dependencies } from '../dependencies.ts';
import { baseUrlOf } from '../http/base-url.ts';
import { RequestError } from '../http/errors.ts';
import { type Call, type Operation, operation } from '../http/operation.ts';
import { Workflows } from '../kinds.ts';
import { listParameters, workflowFilter } from './filter.ts';
import { refOfId } from './ids.ts';
import { CreationOrder } from './order.ts';
import { pageOf } from './page.ts';
import { readWorkflow } from './read.ts';
import { answers } from './schemas.ts';
import { specText } from './spec-text.ts';
import { hasEnded, workflowStatus } from './status-words.ts';
import { type ViewContext, workflowDetail, workflowEntry } from './view.ts';

/** Reading workflows, and ending them. */
export function workflowOperations(dependencies: Dependencies): Operation[] {
  const { caches, clock, defaultNamespace } = dependencies;
  const order = new CreationOrder(caches.workflows);
  const context = ({ headers }: Pick<Call, 'headers'>): ViewContext => ({
    defaultNamespace,
    baseUrl: baseUrlOf(headers),
    now: clock.now(),
  });
  return [
    operation({
      id: 'listWorkflows',
      method: 'get',
      path: '/api/workflow',
      tag: 'Workflows',
      summary: 'Lists workflows',
      description: 'Those in namespaces that the caller may read; by default only those that the caller submitted.',
      parameters: listParameters,
      answer: { description: 'One page of workflows.', schema: answers.workflowList },
      async handle(call) {
        const { query, caller } = call;
        const passes = workflowFilter(query, caller.user);
        const readable = await namespacesFor(dependencies, caller, query.namespace);
        const mine = (workflow: Workflow): boolean =>
          (readable === 'all' || readable.has(workflow.metadata.namespace ?? '')) &&
          (query.namespace === undefined || workflow.metadata.namespace === query.namespace) &&
          passes(workflow);
        const { offset = 0, limit = 20 } = query;
        const { items, more } = pageOf(order.walk(query.order !== 'ASC'), mine, { offset, limit });
        const view = context(call);
        return { json: { workflows: items.map((each) => workflowEntry(each, view)), more_entries: more } };
      },
    }),
    operation({
      id: 'getWorkflow',
      method: 'get',
      path: '/api/workflow/{id}',
      tag: 'Workflows',
      summary: 'Reads a workflow with its groups and tasks',
      parameters: {
        skip_groups: { type: 'boolean', description: 'Without groups and tasks.' },
        verbose: { type: 'boolean', description: 'Earlier attempts of tasks too.' },
      },
      answer: { description: 'The workflow.', schema: answers.workflow },
      async handle(call) {
        const { workflow, tasks, pool } = await readWorkflow(dependencies, call.caller, call.params['id'] ?? '');
        const { skip_groups: skipGroups = false, verbose = false } = call.query;
        return { json: workflowDetail(workflow, tasks, { pool, skipGroups, verbose }, context(call)) };
      },
    }),
    operation({
      id: 'getWorkflowSpec',
      method: 'get',
      path: '/api/workflow/{id}/spec',
      tag: 'Workflows',
      summary: 'Reads what a workflow was submitted as',
      parameters: { use_template: { type: 'boolean', description: 'The recipe before it was rendered.' } },
      answer: { description: 'YAML.', type: 'text/plain' },
      async handle({ caller, params, query, signal }) {
        const id = params['id'] ?? '';
        // Caches have no arguments and files; and so RBAC decides about them itself.
        const workflow = await dependencies.as(caller).get(Workflows, refOfId(id, defaultNamespace), { signal });
        return { text: specText(workflow, query.use_template === true, id) };
      },
    }),
    operation({
      id: 'cancelWorkflow',
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
        const ref = refOfId(id, defaultNamespace);
        const client = dependencies.as(caller);
        const workflow = await client.get(Workflows, ref, { signal });
        const status = workflowStatus(workflow);
        if (hasEnded(status)) {
          throw new RequestError(400, 'USER', `workflow ${id} has ended as ${status}; there is nothing to cancel`, {
            workflowId: id,
          });
        }
        const cancel = {
          by: caller.user,
          ...(query.message !== undefined && { reason: query.message }),
          ...(query.force === true && { force: true }),
        };
        // Who canceled first stays on record; only force can be added.
        const known = workflow.spec.cancel;
        const body = {
          spec: { cancel: known === undefined ? cancel : { force: known.force === true || query.force === true } },
        };
        await client.patch(Workflows, ref, { kind: 'merge', body }, { fieldManager: FieldManagers.apiGateway, signal });
        return { json: { name: id } };
      },
    }),
  ];
}

/** Where a caller may list; a namespace that is asked for by name is refused rather than left out. */
async function namespacesFor(
  { access, caches }: Dependencies,
  caller: Call['caller'],
  namespace: string | undefined,
): Promise<'all' | ReadonlySet<string>> {
  if (namespace !== undefined) {
    await access.demand(caller, { verb: 'list', resource: 'workflows', namespace });
    return new Set([namespace]);
  }
  return readableNamespaces(access, caller, 'workflows', function* namespaces() {
    for (const { metadata } of caches.workflows.list()) yield metadata.namespace ?? '';
  });
}
