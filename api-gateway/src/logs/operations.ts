import { isUpstreamEnd, upstreamWorkflowStatus, type Workflow } from '@osmo/crds';
import type { Event } from '@osmo/kube';
import { isStoreError, readRecord } from '@osmo/storage';
import type { Dependencies } from '../dependencies.ts';
import { baseUrlOf } from '../http/base-url.ts';
import { badRequest } from '../http/errors.ts';
import { type Call, type Operation, operation, type Values } from '../http/operation.ts';
import { Changes } from '../system/changes.ts';
import type { Identity } from '../identity/identity.ts';
import { declaredGroups } from '../workflows/groups.ts';
import { readWorkflow, type WorkflowInCache } from '../workflows/read.ts';
import { findWorkflow } from '../workflows/find.ts';
import { idOf } from '../workflows/ids.ts';
import { EventFeeds } from './event-feeds.ts';
import { eventLines } from './events.ts';
import { failureBanner } from './failure-banner.ts';
import { followEvents } from './follow-events.ts';
import type { LogSource } from './log-source.ts';
import { watchedWorkflow } from './watched-workflow.ts';
import { workflowLog } from './workflow-log.ts';

const parameters = {
  task_name: { type: 'text', description: 'Only of this task.' },
  retry_id: { type: 'integer', description: 'Only of this attempt, from 0; the current one when not given.' },
  last_n_lines: {
    type: 'integer',
    description:
      'Only so many lines of what there is already: of the task, or of the whole workflow (then at most 100,000).',
    maximum: 1_000_000,
  },
  query: { type: 'text', description: 'Only lines that hold this text.' },
} as const;
type Query = Values<typeof parameters>;

/**
 * Logs and events as text.
 *
 * @param logsFor what a caller may see of logs
 */
export function logOperations(dependencies: Dependencies, logsFor: (caller: Identity) => LogSource): Operation[] {
  const { caches, access, defaultNamespace, own, clock, publicUrl, overTls } = dependencies;
  const workflowChanges = new Changes(caches.workflows);
  const taskChanges = new Changes(caches.tasks);
  const feeds = new EventFeeds({ client: own, clock, logger: dependencies.logger });
  const watched = { caches, clock, workflowChanges, taskChanges };
  const follow = async (call: Call, failedOnly: boolean) => {
    const { caller, signal, headers } = call;
    const query = call.query as unknown as Query;
    const id = call.params['id'] ?? '';
    const ref = findWorkflow(dependencies, id);
    await access.demand(caller, { verb: 'get', resource: 'workflows', subresource: 'log', ...ref });
    const first = await readWorkflow(dependencies, caller, id);
    checkTask(first, query);
    const { task_name: taskName, retry_id: attempt, last_n_lines: tailLines, query: text } = query;
    const source = logsFor(caller);
    const wanted = { ...watchedWorkflow(watched, first, ref), source, taskName, attempt, tailLines, text, failedOnly };
    const lines = workflowLog(wanted, signal);
    // Who asks for a part gets nothing else.
    if (failedOnly || taskName !== undefined || text !== undefined) return { stream: lines };
    const addressed = { id: idOf(ref, defaultNamespace), baseUrl: baseUrlOf(headers, publicUrl, overTls) };
    return { stream: withBanner(lines, () => wanted.read(), addressed) };
  };
  return [
    operation({
      id: 'getLogs',
      action: 'workflow:Read',
      method: 'get',
      path: '/api/workflow/{id}/logs',
      tag: 'Logs',
      summary: 'Streams the logs of tasks until the workflow ends',
      parameters,
      answer: { description: 'Lines: `YYYY/MM/DD HH:MM:SS [task] text`.', type: 'text/plain' },
      handle: (call) => follow(call as unknown as Call, false),
    }),
    operation({
      id: 'getErrorLogs',
      action: 'workflow:Read',
      method: 'get',
      path: '/api/workflow/{id}/error_logs',
      tag: 'Logs',
      summary: 'Reads the logs of tasks that failed',
      parameters,
      answer: { description: 'Lines, as of logs.', type: 'text/plain' },
      handle: (call) => follow(call as unknown as Call, true),
    }),
    operation({
      id: 'getEvents',
      action: 'workflow:Read',
      method: 'get',
      path: '/api/workflow/{id}/events',
      tag: 'Logs',
      summary: 'Streams the events of a workflow, its tasks and their pods until it ends',
      parameters: {
        task_name: parameters.task_name,
        retry_id: parameters.retry_id,
        follow: { type: 'boolean', description: 'False: only what there is now.' },
      },
      answer: {
        description: 'Lines: `YYYY/MM/DD HH:MM:SS [task] Reason: message`, `[task retry-1]` for pods of retries.',
        type: 'text/plain',
      },
      async handle({ caller, params, query, signal }) {
        const id = params['id'] ?? '';
        const first = await readWorkflow(dependencies, caller, id);
        checkTask(first, query);
        const { workflow, tasks, archived } = first;
        const { task_name: taskName, retry_id: attempt } = query;
        if (archived || query.follow === false || isUpstreamEnd(upstreamWorkflowStatus(workflow))) {
          const recorded = archived ? await recordedEvents(dependencies, workflow, signal) : [];
          return { text: (await eventLines(own, workflow, tasks, signal, { recorded, taskName, attempt })).join('') };
        }
        const now = watchedWorkflow(watched, first, findWorkflow(dependencies, id));
        return { stream: followEvents({ workflow, now, feeds, taskName, attempt, clock }, signal) };
      },
    }),
  ];
}

/** The lines, and how it ended when it failed. */
async function* withBanner(
  lines: AsyncIterable<string>,
  read: () => Pick<WorkflowInCache, 'workflow' | 'tasks'> | undefined,
  addressed: { id: string; baseUrl: string },
): AsyncGenerator<string> {
  yield* lines;
  const world = read();
  const banner = world === undefined ? '' : failureBanner(world.workflow, world.tasks, addressed);
  if (banner !== '') yield banner;
}

function checkTask(
  { workflow, tasks }: WorkflowInCache,
  { task_name: name, retry_id: attempt }: Pick<Query, 'task_name' | 'retry_id'>,
): void {
  if (name === undefined) {
    if (attempt === undefined) return;
    throw badRequest('retry_id: needs a task_name beside it');
  }
  const declared = declaredGroups(workflow.spec).flatMap((group) => group.tasks.map((task) => task.name));
  if (declared.includes(name) || tasks.some(({ spec }) => spec.taskName === name)) return;
  const shown = declared.slice(0, 20).map((each) => JSON.stringify(each));
  const more = declared.length > shown.length ? ` and ${declared.length - shown.length} more` : '';
  throw badRequest(
    `task_name: ${JSON.stringify(name.slice(0, 128))}: the workflow has no such task; it has ${shown.join(', ')}${more}`,
  );
}

/** Bytes of a record's text. */
const mostRecordBytes = 64 << 20;

/** The events in the record of a workflow that has left the cluster; none when the store can't be read now. */
async function recordedEvents(
  { store, logger }: Dependencies,
  { metadata: { namespace = '', uid = '' } }: Workflow,
  signal: AbortSignal,
): Promise<readonly Event[]> {
  if (store === undefined) return [];
  try {
    const record = await readRecord(store, { namespace, uid }, { limit: mostRecordBytes, signal });
    return (record?.events ?? []) as unknown as Event[];
  } catch (error) {
    if (!isStoreError(error)) throw error;
    logger.warn('the events of an archived workflow could not be read', { namespace, uid, error });
    return [];
  }
}
