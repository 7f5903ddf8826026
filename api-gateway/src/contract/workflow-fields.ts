import type { Fields } from './fields.ts';

const under = (path: string, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, type]) => [`${path}.${name}`, type]));

/** What a list and a query have in common. */
const entry: Fields = {
  name: 'text',
  submit_time: 'time',
  start_time: 'time?',
  end_time: 'time?',
  queued_time: 'number?',
  duration: 'number?',
  status: 'text',
  overview: 'text',
  logs: 'text',
  grafana_url: 'text?',
  dashboard_url: 'text?',
  pool: 'text',
  app_owner: 'text?',
  app_name: 'text?',
  app_version: 'number?',
  priority: 'text',
  labels: 'textMap',
};

/** Of a list of workflows. */
export const listed: Fields = {
  ...under('workflows[]', { ...entry, user: 'text', workflow_uuid: 'text', error_logs: 'text' }),
  more_entries: 'boolean',
};

const stages: Fields = {
  processing_start_time: 'time?',
  scheduling_start_time: 'time?',
  initializing_start_time: 'time?',
  start_time: 'time?',
  end_time: 'time?',
};

/** Of one workflow: all that upstream answers with, for scripts that read what its client prints as JSON. */
export const queried: Fields = {
  ...entry,
  uuid: 'text',
  submitted_by: 'text',
  cancelled_by: 'text?',
  spec: 'text',
  template_spec: 'text?',
  events: 'text',
  parent_name: 'text?',
  parent_job_id: 'text?',
  exec_timeout: 'number?',
  queue_timeout: 'number?',
  outputs: 'text?',
  backend: 'text?',
  'plugins.rsync': 'boolean',
  warnings: 'texts',
  tags: 'texts',
  ...under('groups[]', {
    name: 'text',
    status: 'text',
    ...stages,
    remaining_upstream_groups: 'texts',
    downstream_groups: 'texts',
    failure_message: 'text?',
  }),
  ...under('groups[].tasks[]', {
    name: 'text',
    retry_id: 'number',
    status: 'text',
    failure_message: 'text?',
    exit_code: 'number?',
    logs: 'text',
    error_logs: 'text',
    events: 'text',
    ...stages,
    input_download_start_time: 'time?',
    input_download_end_time: 'time?',
    output_upload_start_time: 'time?',
    dashboard_url: 'text?',
    pod_name: 'text?',
    pod_ip: 'text?',
    task_uuid: 'text?',
    node_name: 'text?',
    lead: 'boolean',
  }),
};
