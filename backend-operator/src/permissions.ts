import type { Permission } from '@osmo/kube';

/** Everything that the operator may do on the hub, and nothing else. */
export const hubPermissions: readonly Permission[] = [
  {
    apiGroups: ['osmo.dev'],
    resources: ['tasks'],
    verbs: ['get', 'list', 'watch'],
    why: 'follow the Tasks of the backend; before a pod without a Task is deleted, the Task is asked for by name',
  },
  {
    apiGroups: ['osmo.dev'],
    resources: ['tasks/status'],
    verbs: ['patch'],
    why: 'report what became of a Task (server-side apply)',
  },
  {
    apiGroups: ['osmo.dev'],
    resources: ['credentials'],
    verbs: ['list'],
    why: 'find which credentials apply to a task by themselves: entries with names, never what they hold',
  },
  {
    apiGroups: ['osmo.dev'],
    resources: ['backends'],
    verbs: ['create', 'get', 'list', 'watch'],
    why: 'read the rules for nodes; the operator of a new cluster registers itself, unless --register=false',
  },
  {
    apiGroups: ['osmo.dev'],
    resources: ['backends/status'],
    verbs: ['patch'],
    why: 'report nodes, capacity and shapes (server-side apply)',
  },
  {
    apiGroups: ['events.k8s.io'],
    resources: ['events'],
    verbs: ['create', 'patch'],
    why: 'say on a Task why it failed',
  },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['create', 'patch'],
    namespaced: true,
    why: 'the heartbeat of the backend (server-side apply)',
  },
];

/** Everything that the operator may do in the cluster whose pods it runs, and nothing else. */
export const clusterPermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
    why: 'run Tasks; the finalizer that keeps a result is taken off by a patch; a name that is taken is looked at',
  },
  {
    apiGroups: [''],
    resources: ['services'],
    verbs: ['create', 'delete', 'get', 'list', 'watch'],
    why: 'the headless Service by which the tasks of a group find each other',
  },
  {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['create'],
    why: 'the inline files of a Task; they belong to its pod and go with it, so no Secret is ever read or deleted',
  },
  {
    apiGroups: ['osmo.dev'],
    resources: ['credentials'],
    verbs: ['mount'],
    why: "make pods that name a user's own credentials, after a look at whose task it is: a policy lets nobody else",
  },
  {
    apiGroups: ['scheduling.run.ai'],
    resources: ['podgroups'],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
    why: 'the gang of a group, where the pool has KAI or Run:AI (server-side apply); nothing where the cluster knows no such kind',
  },
  {
    apiGroups: [''],
    resources: ['nodes'],
    verbs: ['list', 'watch'],
    why: 'report nodes, capacity and shapes',
  },
  {
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['get'],
    resourceNames: ['kube-system'],
    why: 'its UID is the identity of the cluster: a second cluster under the same backend name is refused',
  },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['create', 'get', 'update'],
    namespaced: true,
    why: 'one replica works, the others stand by',
  },
];

/** What the operator may do beside that in the cluster whose pods it runs when it stores logs. */
export const logPermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['pods/log'],
    verbs: ['get'],
    why: 'store the logs of Tasks before their pods go',
  },
  {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['get'],
    why: 'mask the values of credentials in logs: only Secrets that a pod of a Task sees, by name, never a list',
  },
];
