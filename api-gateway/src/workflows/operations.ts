import type { Workflow } from '@osmo/crds';
import type { Informer } from '@osmo/kube';
import { Indexes } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import { baseUrlOf } from '../http/base-url.ts';
import { type Call, type Operation, operation } from '../http/operation.ts';
import { dashboardsOf } from './dashboards.ts';
import { listParameters, nameFilter, usersOf, workflowFilter } from './filter.ts';
import { byCreation, CreationOrder, type Place } from './order.ts';
import { pageInSlices, pageOf } from './page.ts';
import { readableWorkflows } from './readable.ts';
import { readWholeWorkflow, readWorkflow } from './read.ts';
import { answers } from './schemas.ts';
import { withArchived } from './archived.ts';
import { specText } from './spec-text.ts';
import { type ViewContext, workflowDetail, workflowEntry } from './view.ts';

/** Reading workflows. */
export function workflowOperations(dependencies: Dependencies): Operation[] {
  const { caches, clock, defaultNamespace } = dependencies;
  const order = new CreationOrder(caches.workflows);
  const context = ({ headers }: Pick<Call, 'headers'>): ViewContext => ({
    defaultNamespace,
    baseUrl: baseUrlOf(headers, dependencies.publicUrl, dependencies.overTls),
    now: clock.now(),
    dashboards: (pool) => dashboardsOf(pool, caches),
  });
  return [
    operation({
      id: 'listWorkflows',
      action: 'workflow:List',
      method: 'get',
      path: '/api/workflow',
      tag: 'Workflows',
      summary: 'Lists workflows',
      description:
        'Those in namespaces that the caller may read; by default only those that the caller submitted. Newest first, those follow that are in the ' +
        'archive only, the latest ends first, of which the last 1,000 are looked at.',
      parameters: listParameters,
      answer: { description: 'One page of workflows.', schema: answers.workflowList },
      async handle(call) {
        const { query, caller } = call;
        const passes = workflowFilter(query, caller.user);
        const named = nameFilter(query.name);
        const placed = named && (({ name }: Place): boolean => named(name));
        const readable = await readableWorkflows(dependencies, caller, query.namespace);
        const mine = (workflow: Workflow): boolean => passes(workflow) && readable(workflow);
        const { offset = 0, limit = 20 } = query;
        const newestFirst = query.order !== 'ASC';
        const few = workflowsOf(caches.workflows, query.all_users === true ? [] : usersOf(query, caller.user));
        const live =
          few === undefined
            ? await pageInSlices(order, newestFirst, { placed, passes: mine }, { offset, limit }, call.signal)
            : pageOf(newestFirst ? few.toReversed() : few, mine, { offset, limit });
        const ask = { caller, namespace: query.namespace, passes, offset, limit, newestFirst };
        const { items, more, warning } = await withArchived(dependencies, live, ask, call.signal);
        const view = context(call);
        return {
          json: { workflows: items.map((each) => workflowEntry(each, view)), more_entries: more },
          ...(warning !== undefined && { warning }),
        };
      },
    }),
    operation({
      id: 'getWorkflow',
      action: 'workflow:Read',
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
      action: 'workflow:Read',
      method: 'get',
      path: '/api/workflow/{id}/spec',
      tag: 'Workflows',
      summary: 'Reads what a workflow was submitted as',
      parameters: { use_template: { type: 'boolean', description: 'The recipe before it was rendered.' } },
      answer: { description: 'YAML.', type: 'text/plain' },
      async handle({ caller, params, query, signal }) {
        const id = params['id'] ?? '';
        // Caches have no arguments and files; and so RBAC decides about them itself.
        const workflow = await readWholeWorkflow(dependencies, caller, id, signal);
        return { text: specText(workflow, query.use_template === true, id) };
      },
    }),
  ];
}

/** Workflows of users, of whom it pays to look at theirs only. */
const mostOfUsers = 2_000;

/** Workflows that some users have submitted, oldest first; undefined where there are no users or too many workflows to sort. */
function workflowsOf(cache: Informer<Workflow>, users: readonly string[]): Workflow[] | undefined {
  if (users.length === 0) return undefined;
  const found: Workflow[] = [];
  for (const user of new Set(users)) {
    const theirs = cache.byIndex(Indexes.submitter, user);
    if (found.length + theirs.length > mostOfUsers) return undefined;
    found.push(...theirs);
  }
  return found.toSorted(byCreation);
}
