import { type Task, upstreamStatuses, upstreamTaskStatus } from '@osmo/crds';
import { readableNamespaces } from '../access/namespaces.ts';
import type { Dependencies } from '../dependencies.ts';
import { notFound } from '../http/errors.ts';
import { type Operation, operation, type Values } from '../http/operation.ts';
import { CreationOrder } from '../workflows/order.ts';
import { pageInSlices } from '../workflows/page.ts';
import { readWorkflow } from '../workflows/read.ts';
import { answers } from '../workflows/schemas.ts';
import { summarise } from './summary.ts';
import { taskEntry } from './view.ts';

const parameters = {
  workflow_id: { type: 'text', description: 'Only of workflows whose id holds this text.' },
  statuses: { type: 'texts', description: 'Only in one of these states.', enum: upstreamStatuses },
  users: { type: 'texts', description: 'Only of these users; the caller when neither this nor all_users is given.' },
  all_users: { type: 'boolean', description: 'Of all users.' },
  pools: { type: 'texts', description: 'Only in these pools.' },
  all_pools: { type: 'boolean', description: 'In all pools, as when no pool is named.' },
  nodes: { type: 'texts', description: 'Only on these nodes.' },
  priority: { type: 'texts', description: 'Only of these priorities.', enum: ['HIGH', 'NORMAL', 'LOW'] },
  started_after: { type: 'time', description: 'Only started at or after this time.' },
  started_before: { type: 'time', description: 'Only started before this time.' },
  summary: { type: 'boolean', description: 'Sums per user, pool and priority instead of tasks.' },
  aggregate_by_workflow: { type: 'boolean', description: 'Sums per workflow too.' },
  order: { type: 'text', description: 'ASC: oldest first; DESC: newest first, the default.', enum: ['ASC', 'DESC'] },
  offset: { type: 'integer', description: 'How many to leave out at the front.', minimum: 0, maximum: 10_000_000 },
  limit: { type: 'integer', description: 'Most to answer; 20 when not given.', minimum: 1, maximum: 1000 },
} as const;

/** Reading tasks of all workflows at once, and one by one. */
export function taskOperations(dependencies: Dependencies): Operation[] {
  const { caches, access, defaultNamespace } = dependencies;
  const order = new CreationOrder(caches.tasks);
  const entryOf = (task: Task): Record<string, unknown> => {
    const { namespace } = task.metadata;
    return taskEntry(task, caches.workflows.get(namespace, task.spec.workflow.name), defaultNamespace);
  };
  return [
    operation({
      id: 'listTasks',
      action: 'workflow:List',
      method: 'get',
      path: '/api/task',
      tag: 'Tasks',
      summary: 'Lists tasks that were started, or sums of what they ask for',
      parameters,
      answer: { description: 'One page of tasks, or sums.', schema: answers.taskList },
      async handle({ caller, query, signal }) {
        const readable = await readableNamespaces(access, caller, 'tasks', function* namespaces() {
          for (const { metadata } of caches.workflows.list()) yield metadata.namespace ?? '';
        });
        const asked = taskFilter(query, caller.user, entryOf);
        const passes = (task: Task): boolean =>
          (readable === 'all' || readable.has(task.metadata.namespace ?? '')) && asked(task);
        const { offset = 0, limit = 20 } = query;
        const byWorkflow = query.aggregate_by_workflow === true;
        if (query.summary === true || byWorkflow) {
          const matching = caches.tasks.list().filter(passes);
          const sums = summarise(
            matching,
            (task) => entryOf(task) as { user: string; workflow_id: string },
            byWorkflow,
          );
          return {
            json: { summaries: sums.slice(offset, offset + limit), more_entries: sums.length > offset + limit },
          };
        }
        const newestFirst = query.order !== 'ASC';
        const { items, more } = await pageInSlices(order, newestFirst, { passes }, { offset, limit }, signal);
        return { json: { tasks: items.map(entryOf), more_entries: more } };
      },
    }),
    operation({
      id: 'getTask',
      action: 'workflow:Read',
      method: 'get',
      path: '/api/workflow/{id}/task/{task}',
      tag: 'Tasks',
      summary: 'Reads one task of a workflow',
      answer: { description: 'The task.', schema: answers.task },
      async handle({ caller, params }) {
        const id = params['id'] ?? '';
        const { workflow, tasks } = await readWorkflow(dependencies, caller, id);
        const name = params['task'] ?? '';
        const task = tasks.find(({ spec }) => spec.taskName === name);
        if (task !== undefined) return { json: taskEntry(task, workflow, defaultNamespace) };
        throw notFound(`workflow ${id} has no task ${JSON.stringify(name.slice(0, 128))} that was started`, id);
      },
    }),
  ];
}

function taskFilter(
  query: Values<typeof parameters>,
  caller: string,
  entryOf: (task: Task) => Record<string, unknown>,
): (task: Task) => boolean {
  const users = new Set(query.users.length > 0 ? query.users : [caller]);
  const statuses = new Set<string>(query.statuses);
  const [pools, nodes, priorities] = [query.pools, query.nodes, query.priority].map((list) => new Set<string>(list));
  const from = query.started_after?.getTime();
  const to = query.started_before?.getTime();
  const isIn = (set: Set<string> | undefined, value: string): boolean => !set || set.size === 0 || set.has(value);
  return (task) => {
    const { spec, status } = task;
    if (!isIn(statuses, upstreamTaskStatus(task)) || !isIn(nodes, status?.nodeName ?? '')) return false;
    if (query.all_pools !== true && !isIn(pools, spec.pool)) return false;
    if (!isIn(priorities, spec.priority.toUpperCase())) return false;
    const started = status?.startTime === undefined ? Number.NaN : Date.parse(status.startTime);
    if (from !== undefined && !(started >= from)) return false;
    if (to !== undefined && !(started < to)) return false;
    if (query.all_users === true && query.workflow_id === undefined) return true;
    const { user, workflow_id: id } = entryOf(task) as { user: string; workflow_id: string };
    return (query.all_users === true || users.has(user)) && id.includes(query.workflow_id ?? '');
  };
}
