/**
 * What an operation does, in upstream's words where it has one. Actions limit access tokens that carry roles, and name the
 * routes in the document of the API; RBAC decides about the person. Own words: `dataset:*` of later versions is as upstream's
 * 6.3 had it, `config:Delete` and the `user:` words that change something are for what upstream lets only `*:*` do.
 */
export const actions = [
  'workflow:Create',
  'workflow:List',
  'workflow:Read',
  'workflow:Update',
  'workflow:Delete',
  'workflow:Cancel',
  'workflow:Exec',
  'workflow:PortForward',
  'workflow:Rsync',
  'pool:List',
  'resources:Read',
  'app:Create',
  'app:Read',
  'app:Update',
  'app:Delete',
  'dataset:List',
  'dataset:Read',
  'dataset:Write',
  'dataset:Delete',
  'credentials:Create',
  'credentials:Read',
  'credentials:Update',
  'credentials:Delete',
  'profile:Read',
  'profile:Update',
  'user:List',
  'user:Read',
  'user:Update',
  'config:Read',
  'config:Update',
  'config:Delete',
  'auth:Login',
  'auth:Refresh',
  'auth:Token',
  'auth:Can',
  'system:Health',
  'system:Version',
  'system:Docs',
  'internal:Operator',
  'internal:Logger',
  'internal:Router',
] as const;

export type Action = (typeof actions)[number];

/** Whether one of some patterns (`workflow:Read`, `workflow:*`, `*:*`) covers an action. */
export function covers(patterns: readonly string[], action: Action): boolean {
  const all = `${action.slice(0, action.indexOf(':'))}:*`;
  return patterns.some((pattern) => pattern === action || pattern === all || pattern === '*:*');
}
