import type { ClientRequest } from './client.ts';
import type { Fields } from './fields.ts';
import { listed, queried } from './workflow-fields.ts';
import type { World } from './world.ts';

/** One recorded request of upstream's client, and what it needs of the answer. */
export interface Exchange {
  /** The command that sends it. */
  command: string;
  request: (world: World) => ClientRequest;
  /** Default 200: any other success makes the client complain. */
  status?: number;
  /** Fields of a JSON answer that the client breaks without, or shows. */
  fields?: Fields;
  /** The answer is text of this form. */
  text?: RegExp;
}

const get = (path: (world: World) => string): Exchange['request'] => {
  return (world) => ({ method: 'GET', path: path(world), user: world.user });
};

const aTask = {
  user: 'text',
  workflow_id: 'text',
  task_name: 'text',
  status: 'text',
  pool: 'text',
  priority: 'text',
  node: 'text?',
  start_time: 'time?',
  storage: 'number',
  cpu: 'number',
  memory: 'number',
  gpu: 'number',
} as const;
const inList = (list: string, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, type]) => [`${list}[].${name}`, type]));
const summed = {
  user: 'text',
  pool: 'text',
  priority: 'text',
  storage: 'number',
  cpu: 'number',
  memory: 'number',
  gpu: 'number',
} as const;
const usage: Fields = {
  quota_used: 'numberText',
  quota_free: 'numberText',
  quota_limit: 'numberText',
  total_usage: 'numberText',
  total_capacity: 'numberText',
  total_free: 'numberText',
};
const under = (path: string, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, type]) => [`${path}.${name}`, type]));
const quota: Fields = {
  'node_sets[].pools[].name': 'text',
  'node_sets[].pools[].description': 'text',
  'node_sets[].pools[].status': 'text',
  ...under('node_sets[].pools[].resource_usage', usage),
  ...under('resource_sum', usage),
};
const resource: Fields = {
  'resources[].exposed_fields.node': 'text',
  'resources[].exposed_fields.pool/platform': 'texts',
  'resources[].resource_type': 'text',
  'resources[].usage_fields': 'object',
  ...under('resources[].allocatable_fields', {
    cpu: 'plainNumber',
    gpu: 'plainNumber',
    memory: 'bytes',
    storage: 'bytes',
  }),
};
const inPool = (world: World): Fields => {
  const at = `${world.namespace}.${world.namespace}`;
  return {
    ...resource,
    ...under(`resources[].platform_allocatable_fields.${at}`, { cpu: 'plainNumber', memory: 'bytes' }),
    ...under(`resources[].config_fields.${at}`, {
      host_network: 'boolean',
      privileged: 'boolean',
      default_mounts: 'texts',
      allowed_mounts: 'texts',
    }),
    [`resources[].pool_platform_labels.${world.namespace}`]: 'texts',
  };
};

const page = 'order=DESC&all_pools=True&limit=20&offset=0';
const times = 'submitted_after=2020-01-01T00:00:00&submitted_before=2999-01-01+00:00:00.5';
const statuses = [
  'SUBMITTING',
  'WAITING',
  'PROCESSING',
  'SCHEDULING',
  'INITIALIZING',
  'RUNNING',
  'RESCHEDULED',
  'COMPLETED',
];
const failures = [
  'FAILED',
  'FAILED_CANCELED',
  'FAILED_SERVER_ERROR',
  'FAILED_BACKEND_ERROR',
  'FAILED_EXEC_TIMEOUT',
  'FAILED_QUEUE_TIMEOUT',
  'FAILED_IMAGE_PULL',
  'FAILED_UPSTREAM',
  'FAILED_EVICTED',
  'FAILED_PREEMPTED',
  'FAILED_START_ERROR',
  'FAILED_START_TIMEOUT',
  'FAILED_SUBMISSION',
  'PENDING',
];
const all = [...statuses, ...failures].map((status) => `statuses=${status}`).join('&');

/** Everything that only reads, in the order of docs: it may be asked any number of times. `node` of a World is a name too. */
export function readingExchanges(world: World): Exchange[] {
  const { ended, running } = world.workflows;
  return [
    {
      command: 'version',
      request: () => ({ method: 'GET', path: '/api/version', headers: { 'x-osmo-client-version': undefined } }),
      fields: { major: 'text', minor: 'text', revision: 'text', hash: 'text' },
    },
    {
      command: 'login, whatever the method',
      request: () => ({ method: 'GET', path: '/api/auth/login', headers: { 'x-osmo-client-version': undefined } }),
      fields: Object.fromEntries(
        [
          'device_endpoint',
          'device_client_id',
          'browser_endpoint',
          'browser_client_id',
          'token_endpoint',
          'logout_endpoint',
        ].map((name) => [name, 'text'] as const),
      ),
    },
    { command: 'workflow list', request: get(() => `/api/workflow?${page}`), fields: listed },
    {
      command: 'workflow list --all-users',
      request: get(() => `/api/workflow?${page}&all_users=True`),
      fields: listed,
    },
    {
      command: 'workflow list with every filter',
      request: get(
        ({ namespace, user }) =>
          `/api/workflow?order=DESC&limit=1000&offset=0&users=${encodeURIComponent(user)}&users=eve&pools=${namespace}` +
          `&${all}&name=ended&label=team%3Da*&no_label=none&priority=NORMAL&priority=LOW&${times}`,
      ),
      fields: listed,
    },
    {
      command: 'workflow list --tags, --app, of nothing',
      request: get(() => `/api/workflow?${page}&tags=none-such&app=none-such`),
      fields: { workflows: 'list', more_entries: 'boolean' },
    },
    ...[ended, running].flatMap((id): Exchange[] => [
      { command: `workflow query ${id}`, request: get(() => `/api/workflow/${id}?verbose=False`), fields: queried },
      {
        command: `workflow query ${id} --verbose`,
        request: get(() => `/api/workflow/${id}?verbose=True`),
        fields: queried,
      },
    ]),
    { command: 'workflow logs', request: get(() => `/api/workflow/${ended}/logs`), text: /^/ },
    {
      command: 'workflow logs -n --task --retry',
      request: get(() => `/api/workflow/${ended}/logs?last_n_lines=10&task_name=first&retry_id=0`),
      text: /^/,
    },
    {
      command: 'workflow logs --error',
      request: get(() => `/api/workflow/${ended}/error_logs?task_name=first`),
      text: /^/,
    },
    { command: 'workflow events', request: get(() => `/api/workflow/${ended}/events`), text: /^/ },
    {
      command: 'workflow events --task',
      request: get(() => `/api/workflow/${ended}/events?task_name=first&retry_id=0`),
      text: /^/,
    },
    {
      command: 'workflow spec',
      request: get(() => `/api/workflow/${ended}/spec?use_template=False`),
      text: /^workflow:\n/,
    },
    {
      command: 'workflow spec --template, of none',
      request: get(() => `/api/workflow/${ended}/spec?use_template=True`),
      status: 404,
    },
    { command: 'workflow tag', request: get(() => '/api/tag'), fields: { tags: 'texts' } },
    {
      command: 'profile list',
      request: get(() => '/api/profile/settings'),
      fields: {
        'profile.username': 'text',
        'profile.email_notification': 'boolean',
        'profile.slack_notification': 'boolean',
        'profile.pool': 'text?',
        roles: 'texts',
        pools: 'texts',
      },
    },
    {
      command: 'pool list',
      request: get(() => '/api/pool_quota?all_pools=True'),
      fields: quota,
    },
    {
      command: 'pool list --pool',
      request: get(({ namespace }) => `/api/pool_quota?pools=${namespace}&pools=none-such&all_pools=False`),
      fields: quota,
    },
    {
      command: 'submit without a pool',
      request: get(() => '/api/pool'),
      fields: {
        pools: 'object',
        'node_sets[].pools[].name': 'text',
        'node_sets[].pools[].backend': 'text',
        'node_sets[].pools[].default_platform': 'text?',
        'node_sets[].pools[].default_exit_actions': 'object',
        'node_sets[].pools[].platforms': 'object',
        'node_sets[].pools[].topology_keys': 'list',
      },
    },
    {
      command: 'resource list',
      request: get(({ namespace }) => `/api/resources?pools=${namespace}&all_pools=False&platforms=${namespace}`),
      fields: inPool(world),
    },
    { command: 'resource list --all', request: get(() => '/api/resources?all_pools=True'), fields: resource },
    { command: 'resource info', request: get(({ node }) => `/api/resources/${node}`), fields: inPool(world) },
    {
      command: 'task list',
      request: get(() => `/api/task?limit=20&offset=0&all_users=False&${all}&order=ASC&all_pools=True`),
      fields: inList('tasks', aTask),
    },
    {
      command: 'task list with every filter',
      request: get(
        ({ namespace, user }) =>
          `/api/task?limit=1000&offset=0&all_users=True&statuses=RUNNING&order=DESC&workflow_id=${running}&nodes=node-1&nodes=node-2` +
          `&users=${encodeURIComponent(user)}&pools=${namespace}&priority=NORMAL&started_after=2020-01-01T00:00:00&started_before=2999-01-01`,
      ),
      fields: inList('tasks', aTask),
    },
    {
      command: 'task list --summary',
      request: get(() => `/api/task?limit=20&offset=0&all_users=False&${all}&order=ASC&all_pools=True&summary=True`),
      fields: inList('summaries', summed),
    },
    {
      command: 'task list --summary --aggregate-by-workflow',
      request: get(
        () => `/api/task?limit=20&offset=0&all_users=False&${all}&order=ASC&all_pools=True&aggregate_by_workflow=True`,
      ),
      fields: inList('summaries', { ...summed, workflow_id: 'text' }),
    },
    {
      command: 'the daemon of rsync',
      request: get(() => `/api/workflow/${running}/task/first`),
      fields: aTask,
    },
    {
      command: 'rsync',
      request: get(() => '/api/plugins/configs'),
      fields: { 'rsync.allowed_paths': 'object', 'rsync.client_upload_rate_limit': 'number' },
    },
  ];
}
