import { Api } from '@osmo/crds';
import type { Permission } from '@osmo/kube';

/** Everything that the controllers may do, and nothing else. They never read a Secret and never touch a pod. */
export const permissions: readonly Permission[] = [
  {
    apiGroups: [Api.group],
    resources: ['workflows', 'pools', 'platforms', 'backends', 'apps'],
    verbs: ['get', 'list', 'watch'],
    why: 'follow what users and administrators ask for',
  },
  {
    apiGroups: [Api.group],
    resources: ['workflows'],
    verbs: ['delete'],
    why: 'delete finished workflows when the time that they were to stay is over',
  },
  {
    apiGroups: [Api.group],
    resources: ['tasks'],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'watch'],
    why: 'create Tasks whose turn has come; tell them to wait, to end or to run again; delete what an earlier workflow of the same name left; a name that is taken is looked at',
  },
  {
    apiGroups: [Api.group],
    resources: ['appversions'],
    verbs: ['create', 'delete', 'get', 'list', 'watch'],
    why: 'make a version of an App whose recipe has changed, and delete those beyond what the App keeps',
  },
  {
    apiGroups: [Api.group],
    resources: ['quotas'],
    verbs: ['get', 'list', 'watch'],
    why: 'keep what users and namespaces have for as long as a quota limits them',
  },
  {
    apiGroups: [Api.group],
    resources: ['users'],
    verbs: ['get', 'list', 'watch'],
    why: 'know who wants to be told of the ends of their workflows, and where, when notifications are set up',
  },
  {
    apiGroups: [Api.group],
    resources: ['quotausages'],
    verbs: ['delete', 'get', 'list', 'watch'],
    why: 'count for those whom a quota limits, and delete the counts of those whom none limits any more',
  },
  {
    apiGroups: [Api.group],
    resources: ['buckets'],
    verbs: ['get', 'list', 'watch'],
    why: 'find where the datasets of a task are kept, and with which credential',
  },
  {
    apiGroups: [Api.group],
    resources: ['datasets'],
    verbs: ['create', 'get', 'list', 'patch', 'watch'],
    why: 'find the versions that a task reads; make a dataset that a task was the first to write; move tags and add labels as its outputs say',
  },
  {
    apiGroups: [Api.group],
    resources: ['datasetversions'],
    verbs: ['create', 'get', 'list', 'watch'],
    why: 'record the version that a task wrote',
  },
  {
    apiGroups: [Api.group],
    resources: [
      ...['workflows/status', 'pools/status', 'platforms/status', 'backends/status', 'apps/status'],
      ...['buckets/status', 'datasets/status', 'quotausages/status'],
    ],
    verbs: ['patch'],
    why: 'say how far a workflow is, whether pools, platforms and backends can be used, which versions Apps and datasets have and how much they hold (server-side apply)',
  },
  {
    apiGroups: ['events.k8s.io'],
    resources: ['events'],
    verbs: ['create', 'patch'],
    why: 'say on a Workflow what happened to it and what it waits for',
  },
  {
    apiGroups: ['events.k8s.io'],
    resources: ['events'],
    verbs: ['list', 'watch'],
    why: 'put what was told about a finished workflow and its tasks into its record, where records are kept',
  },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['create', 'get', 'list', 'update', 'watch'],
    namespaced: true,
    why: 'one replica works, the others stand by; the Leases of backends are their heartbeat',
  },
];
