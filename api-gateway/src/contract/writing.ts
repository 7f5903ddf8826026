import type { ClientRequest } from './client.ts';
import type { Fields } from './fields.ts';
import type { Exchange } from './reading.ts';
import type { World } from './world.ts';

const post = (path: (world: World) => string, body?: unknown): Exchange['request'] => {
  return (world) => ({ method: 'POST', path: path(world), user: world.user, ...(body !== undefined && { body }) });
};

const submitted: Fields = { name: 'text', overview: 'text?', dashboard_url: 'text', warnings: 'texts' };

const refused = (command: string, method: ClientRequest['method'], path: string, body?: unknown): Exchange => ({
  command,
  request: ({ user }) => ({ method, path, user, ...(body !== undefined && { body }) }),
  status: 404,
});

/** Everything that changes something, and what is not offered, in an order in which each can be done once. */
export function changingExchanges(world: World): Exchange[] {
  const { workflows } = world;
  const { ended, running, failed } = workflows;
  return [
    { command: 'workflow tag -w', request: post(() => `/api/workflow/${ended}/tag?add=a&add=b&remove=c`) },
    {
      command: 'workflow cancel',
      request: post(() => `/api/workflow/${running}/cancel?force=False&message=not+needed`),
      fields: { name: 'text' },
    },
    {
      command: 'workflow cancel, too late',
      request: post(() => `/api/workflow/${ended}/cancel?force=True`),
      status: 400,
    },
    {
      command: 'workflow restart',
      request: post(({ namespace }) => `/api/pool/${namespace}/workflow/${failed}/restart`),
      fields: submitted,
    },
    {
      command: 'workflow restart, of what runs',
      request: post(({ namespace }) => `/api/pool/${namespace}/workflow/${running}/restart`),
      status: 400,
    },
    {
      command: 'login --method token, with a wrong one',
      request: post(() => '/api/auth/jwt/access_token', { token: 'a secret' }),
      status: 401,
    },
    {
      command: 'credential set',
      request: post(() => '/api/credentials/ngc', { generic_credential: { credential: { key: 'a secret' } } }),
    },
    {
      command: 'credential list',
      request: ({ user }) => ({ method: 'GET', path: '/api/credentials', user }),
      fields: { 'credentials[].cred_name': 'text', 'credentials[].cred_type': 'text' },
    },
    {
      command: 'credential delete',
      request: ({ user }) => ({ method: 'DELETE', path: '/api/credentials/ngc', user }),
      fields: { 'credentials[].cred_type': 'text' },
    },
    ...aboutPeople(world),
    refused('workflow exec', 'POST', `/api/workflow/${running}/exec/task/first?entry_command=%2Fbin%2Fbash`),
    refused('workflow exec --group', 'POST', `/api/workflow/${running}/exec/group/first-group?entry_command=sh`),
    refused(
      'workflow port-forward',
      'POST',
      `/api/workflow/${running}/portforward/first?task_ports=8080&use_udp=False`,
    ),
    refused('workflow rsync', 'POST', `/api/workflow/${running}/rsync/task/first`),
    refused('workflow query of nothing', 'GET', '/api/workflow/nowhere-1?verbose=False'),
  ];
}

const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);

/** Access tokens, settings and users. */
function aboutPeople({ namespace }: World): Exchange[] {
  const eve = `eve@${namespace}`;
  const path = `/api/auth/user/${encodeURIComponent(eve)}`;
  const ask = (method: ClientRequest['method'], at: string, body?: unknown): Exchange['request'] => {
    return ({ user }) => ({ method, path: at, user, ...(body !== undefined && { body }) });
  };
  const token: Fields = {
    '[].token_name': 'text',
    '[].expires_at': 'time',
    '[].description': 'text',
    '[].roles': 'texts',
  };
  const one: Fields = { id: 'text', created_at: 'time', created_by: 'text' };
  return [
    { command: 'token set', request: ask('POST', `/api/auth/access_token/ci?expires_at=${inAWeek}&description=x`) },
    {
      command: 'token set --roles, of none',
      request: ask('POST', `/api/auth/access_token/b?expires_at=${inAWeek}&roles=a&roles=b`),
      status: 400,
    },
    { command: 'token list', request: ask('GET', '/api/auth/access_token'), fields: token },
    {
      command: 'token roles',
      request: ask('GET', '/api/auth/access_token/ci/roles'),
      fields: { token_name: 'text', user_name: 'text' },
    },
    { command: 'token delete', request: ask('DELETE', '/api/auth/access_token/ci') },
    { command: 'profile set pool', request: ask('POST', '/api/profile/settings', { pool: namespace }) },
    {
      command: 'profile set notifications',
      request: ask('POST', '/api/profile/settings', { email_notification: true }),
    },
    { command: 'user create', request: ask('POST', '/api/auth/user', { id: eve }), fields: one },
    {
      command: 'user list',
      request: ask('GET', `/api/auth/user?count=100&id_prefix=${encodeURIComponent(eve)}`),
      fields: { total_results: 'number', 'users[].id': 'text', 'users[].created_at': 'time' },
    },
    { command: 'user get', request: ask('GET', path), fields: one },
    {
      command: 'user update --add-roles, of none',
      request: ask('POST', `${path}/roles`, { role_name: 'a' }),
      status: 400,
    },
    { command: 'user update --remove-roles, without a right', request: ask('DELETE', `${path}/roles/a`), status: 403 },
    { command: 'token set --user', request: ask('POST', `${path}/access_token/ci?expires_at=${inAWeek}`) },
    { command: 'user delete', request: ask('DELETE', path) },
  ];
}

/** A submission as the client sends it, and what it makes of the answer. */
interface Submission {
  title: string;
  request: (world: World) => ClientRequest;
  status?: number;
  /** `error_code` of a refusal: the exit code of the client depends on it. */
  code?: string;
  fields?: Fields;
  message?: RegExp;
}

const plain = 'workflow:\n  name: plain\n  tasks:\n  - command:\n    - echo\n    image: busybox\n    name: greet\n';
const template =
  'workflow:\n  name: templated\n  tasks:\n  - name: greet\n    image: busybox\n    command: [echo, "{{ word }}"]\ndefault-values:\n  word: hi\n';
const bodyOf = (file: string, from: string | null = null, values: string[] = []) => ({
  file,
  set_variables: values,
  set_string_variables: [],
  uploaded_templated_spec: from,
});
const submit = (query: string, body?: unknown) =>
  post(({ namespace }) => `/api/pool/${namespace}/workflow${query}`, body);

/** Submissions: plain, in the two passes of a template, dry runs, validations, once more, and refused. */
export const submissions: readonly Submission[] = [
  { title: 'a plain file', request: submit('', bodyOf(plain)), fields: submitted },
  {
    title: 'the first pass of a template, with a value',
    request: submit('?dry_run=True', bodyOf(template, null, ['word=yes'])),
    fields: { spec: 'text', warnings: 'texts' },
  },
  {
    title: 'its second pass',
    request: submit(
      '?dry_run=False&priority=HIGH&label=team%3Darms&env_vars=A%3D1%3D2',
      bodyOf(plain, template, ['word=yes']),
    ),
    fields: submitted,
  },
  {
    title: 'a validation of a plain file',
    request: submit('?validation_only=True', bodyOf(plain)),
    fields: { logs: 'text', warnings: 'texts' },
  },
  {
    title: 'a validation that is a dry run first',
    request: submit('?dry_run=True&validation_only=True', bodyOf(template)),
    fields: { spec: 'text', warnings: 'texts' },
  },
  { title: 'a workflow once more, without a body', request: submit('?workflow_id=ended-1'), fields: submitted },
  {
    title: 'a recipe that is none',
    request: submit('', bodyOf('workflow: {name: x}')),
    status: 400,
    code: 'USAGE',
    message: /tasks/,
  },
  {
    title: 'a task that names resources which the recipe does not have',
    request: submit('', bodyOf(plain.replace('    name: greet', '    resource: big\n    name: greet'))),
    status: 400,
    code: 'RESOURCE',
    message: /resource: "big"/,
  },
  {
    title: 'a template with a value that nobody gives',
    request: submit('?dry_run=True', bodyOf('workflow: {name: "{{ nothing }}"}')),
    status: 400,
    code: 'USAGE',
    message: /nothing/,
  },
  {
    title: 'a pool that is not there',
    request: post(() => '/api/pool/nowhere/workflow', bodyOf(plain)),
    status: 400,
    code: 'USAGE',
    message: /no such pool/,
  },
  {
    title: 'a body that is not a recipe',
    request: submit('', 'just text'),
    status: 400,
    code: 'SCHEMA',
  },
  {
    title: 'a workflow that is not there, once more',
    request: submit('?workflow_id=nowhere-1'),
    status: 404,
    code: 'NOTFOUND',
  },
];
