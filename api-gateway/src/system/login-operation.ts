import { type Operation, operation } from '../http/operation.ts';

/** The ways to sign in that there are; upstream's client reads the endpoints and finds none. */
export function loginOperation({ dev }: { dev: boolean }): Operation {
  return operation({
    id: 'getLogin',
    action: 'auth:Login',
    method: 'get',
    path: '/api/auth/login',
    tag: 'System',
    summary: 'Says how to sign in',
    description:
      'The endpoints are empty: nobody signs in with a browser here. `methods` says what does: `token`, a bearer token of the Kubernetes ' +
      'cluster in Authorization; `dev`, a name in x-osmo-user from this machine.',
    open: true,
    answer: {
      description: 'Ways to sign in.',
      schema: {
        type: 'object',
        properties: {
          ...Object.fromEntries(endpoints.map((name) => [name, { type: 'string' }])),
          methods: { type: 'array', items: { type: 'string', enum: ['token', 'dev'] } },
        },
        required: [...endpoints, 'methods'],
      },
    },
    handle: () => ({
      json: {
        ...Object.fromEntries(endpoints.map((name) => [name, ''])),
        methods: ['token', ...(dev ? ['dev'] : [])],
      },
    }),
  });
}

const endpoints = [
  'device_endpoint',
  'device_client_id',
  'browser_endpoint',
  'browser_client_id',
  'token_endpoint',
  'logout_endpoint',
] as const;
