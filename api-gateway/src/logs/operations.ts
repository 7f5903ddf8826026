import type { Workflow } from '@osmo/crds';
import type { Event } from '@osmo/kube';
import { isStoreError, readRecord } from '@osmo/storage';
import { Indexes } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import { badRequest } from '../http/errors.ts';
import { type Call, type Operation, operation, type Values } from '../http/operation.ts';
import { Changes } from '../system/changes.ts';
import { declaredGroups } from '../workflows/groups.ts';
import { readWorkflow, type WorkflowInCache } from '../workflows/read.ts';
import { refOfId } from '../workflows/ids.ts';
import { eventLines } from './events.ts';
import type { LogSource } from './log-source.ts';
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

/** Logs and events as text. */
export function logOperations(dependencies: Dependencies, source: LogSource): Operation[] {
  const { caches, access, defaultNamespace, own } = dependencies;
  const workflowChanges = new Changes(caches.workflows);
  const taskChanges = new Changes(caches.tasks);
  const follow = async (call: Call, failedOnly: boolean) => {
    const { caller, signal } = call;
    const query = call.query as unknown as Query;
    const id = call.params['id'] ?? '';
    const ref = refOfId(id, defaultNamespace);
    await access.demand(caller, { verb: 'get', resource: 'workflows', subresource: 'log', ...ref });
    const first = await readWorkflow(dependencies, caller, id);
    checkTask(first, query);
    const { uid = '' } = first.workflow.metadata;
    const read = () => {
      if (first.archived) return first;
      const workflow = caches.workflows.get(ref.namespace, ref.name);
      // Another workflow of the same name is none of this one's business.
      if (workflow?.metadata.uid !== uid) return undefined;
      return { workflow, tasks: caches.tasks.byIndex(Indexes.workflowUid, uid) };
    };
    const listen = (changed: () => void): (() => void) => {
      const stops = [
        workflowChanges.listen(({ old, new: now }) => {
          if ((now ?? old)?.metadata.uid === uid) changed();
        }),
        taskChanges.listen(({ old, new: now }) => {
          if ((now ?? old)?.spec.workflow.uid === uid) changed();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    };
    const { task_name: taskName, retry_id: attempt, last_n_lines: tailLines, query: text } = query;
    return { stream: workflowLog({ read, listen, source, taskName, attempt, tailLines, text, failedOnly }, signal) };
  };
  return [
    operation({
      id: 'getLogs',
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
      method: 'get',
      path: '/api/workflow/{id}/events',
      tag: 'Logs',
      summary: 'Reads the events of a workflow, its tasks and their pods',
      parameters: { task_name: parameters.task_name, retry_id: parameters.retry_id },
      answer: { description: 'Lines: `YYYY/MM/DD HH:MM:SS [task] Reason: message`.', type: 'text/plain' },
      async handle({ caller, params, query, signal }) {
        const { workflow, tasks, archived } = await readWorkflow(dependencies, caller, params['id'] ?? '');
        const recorded = archived ? await recordedEvents(dependencies, workflow, signal) : [];
        const lines = await eventLines(own, workflow, tasks, signal, recorded);
        const { task_name: name } = query;
        return { text: (name === undefined ? lines : lines.filter((line) => line.includes(` [${name}] `))).join('') };
      },
    }),
  ];
}

function checkTask({ workflow, tasks }: WorkflowInCache, { task_name: name, retry_id: attempt }: Query): void {
  if (name === undefined) {
    if (attempt === undefined) return;
    throw badRequest('retry_id: needs a task_name beside it');
  }
  const declared = declaredGroups(workflow.spec).flatMap((group) => group.tasks.map((task) => task.name));
  if (declared.includes(name) || tasks.some(({ spec }) => spec.taskName === name)) return;
  throw badRequest(`task_name: ${JSON.stringify(name.slice(0, 128))}: the workflow has no such task`);
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
