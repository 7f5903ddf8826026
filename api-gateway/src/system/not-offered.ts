import { RequestError } from '../http/errors.ts';
import type { Action } from '../http/action.ts';
import { type Operation, operation } from '../http/operation.ts';

/** What upstream has and this gateway does not, with what to do instead. */
interface NotOffered {
  paths: readonly string[];
  methods: readonly Operation['method'][];
  message: string;
  /** As of upstream's. */
  action: Action;
  /** Asked for by callers who have no identity yet. */
  open?: boolean;
}

const tokens =
  'this gateway gives tasks no tokens: sign in with an access token, or one of the Kubernetes cluster, such as "kubectl create token NAME" prints';
const tunnels =
  'this gateway opens no tunnels to tasks: use kubectl exec or kubectl port-forward with the pod of the task';

const table: readonly NotOffered[] = [
  {
    paths: ['/api/auth/jwt/refresh_token', '/api/auth/refresh_token'],
    methods: ['get', 'post'],
    action: 'auth:Refresh',
    message: tokens,
    open: true,
  },
  {
    paths: [
      '/api/workflow/{id}/exec/task/{task}',
      '/api/workflow/{id}/exec/group/{group}',
      '/api/workflow/{id}/portforward/{task}',
      '/api/workflow/{id}/webserver/{task}',
      '/api/workflow/{id}/rsync/task/{task}',
    ],
    methods: ['post'],
    action: 'workflow:Exec',
    message: tunnels,
  },
  { paths: ['/api/router/version'], methods: ['get'], action: 'internal:Router', message: tunnels, open: true },
];

/**
 * Answers for what upstream offers and this gateway does not: 404, with the reason and what to do instead. A 4xx, since
 * upstream's client shows its message as it is; of a 501 it would print headers and body. Not in the document of the API.
 */
export function notOffered(): Operation[] {
  return table.flatMap(({ paths, methods, message, action, open = false }) =>
    paths.flatMap((path) =>
      methods.map((method) =>
        operation({
          id: 'notOffered',
          action,
          method,
          path,
          tag: 'System',
          summary: message,
          open,
          answer: { description: 'Never.' },
          handle() {
            throw new RequestError(404, 'NOTFOUND', `${method.toUpperCase()} ${path}: ${message}`);
          },
        }),
      ),
    ),
  );
}
