import { upstreamStatuses } from '@osmo/crds';

const text = { type: 'string' } as const;
const maybe = (type: string) => ({ type: [type, 'null'] }) as const;
const time = { type: ['string', 'null'], description: 'UTC without a zone mark.' } as const;
const seconds = { type: ['number', 'null'], description: 'Seconds.' } as const;
const status = { type: 'string', enum: upstreamStatuses } as const;
const listOf = (items: object) => ({ type: 'array', items }) as const;
const object = (properties: Record<string, object>, required: readonly string[] = Object.keys(properties)) =>
  ({ type: 'object', properties, required }) as const;

const entry = {
  user: text,
  name: text,
  workflow_uuid: text,
  submit_time: time,
  start_time: time,
  end_time: time,
  queued_time: seconds,
  duration: seconds,
  status,
  overview: text,
  logs: text,
  error_logs: text,
  pool: text,
  app_owner: maybe('string'),
  app_name: maybe('string'),
  app_version: maybe('integer'),
  priority: { type: 'string', enum: ['HIGH', 'NORMAL', 'LOW'] },
  labels: { type: 'object', additionalProperties: text },
  namespace: text,
};

const task = object({
  name: text,
  retry_id: { type: 'integer' },
  status,
  failure_message: maybe('string'),
  exit_code: maybe('integer'),
  logs: text,
  error_logs: text,
  events: text,
  processing_start_time: time,
  scheduling_start_time: time,
  initializing_start_time: time,
  start_time: time,
  end_time: time,
  pod_name: maybe('string'),
  pod_ip: maybe('string'),
  node_name: maybe('string'),
  task_uuid: maybe('string'),
  lead: { type: 'boolean' },
});

const group = object({
  name: text,
  status,
  start_time: time,
  end_time: time,
  remaining_upstream_groups: listOf(text),
  downstream_groups: listOf(text),
  failure_message: maybe('string'),
  tasks: listOf(task),
});

/** Schemas of answers about workflows and tasks; what is not listed as required may be absent or null. */
export const answers = {
  name: object({ name: text }),
  tags: object({ tags: listOf(text) }),
  submitted: object(
    {
      name: text,
      overview: maybe('string'),
      logs: maybe('string'),
      spec: maybe('string'),
      dashboard_url: maybe('string'),
      warnings: listOf(text),
    },
    [],
  ),
  workflowList: object({ workflows: listOf(object(entry)), more_entries: { type: 'boolean' } }),
  workflow: object({
    ...Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'user' && name !== 'workflow_uuid')),
    uuid: text,
    submitted_by: text,
    cancelled_by: maybe('string'),
    tags: listOf(text),
    exec_timeout: seconds,
    queue_timeout: seconds,
    groups: listOf(group),
    backend: maybe('string'),
    warnings: listOf(text),
  }),
  task: object({
    user: text,
    workflow_id: text,
    task_name: text,
    node: maybe('string'),
    start_time: time,
    end_time: time,
    status,
    pool: text,
    priority: text,
    storage: { type: 'number' },
    cpu: { type: 'number' },
    memory: { type: 'number' },
    gpu: { type: 'number' },
  }),
  taskList: object(
    {
      tasks: listOf({ type: 'object' }),
      summaries: listOf({ type: 'object' }),
      more_entries: { type: 'boolean' },
    },
    [],
  ),
} as const;
