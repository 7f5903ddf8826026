import { Api } from '@osmo/crds';
import type { Permission } from '@osmo/kube';

/**
 * Everything that the gateway may do itself. It changes nothing under its own name: every write is the caller's, by
 * impersonation, and RBAC decides about the caller.
 */
export const permissions: readonly Permission[] = [
  {
    apiGroups: [Api.group],
    resources: [
      'workflows',
      'tasks',
      'pools',
      'platforms',
      'backends',
      'apps',
      'appversions',
      'buckets',
      'datasets',
      'datasetversions',
    ],
    verbs: ['get', 'list', 'watch'],
    why: 'answer reads from caches, after asking whether the caller may read',
  },
  {
    apiGroups: ['authentication.k8s.io'],
    resources: ['tokenreviews'],
    verbs: ['create'],
    why: 'ask whose a bearer token is',
  },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
    why: 'ask whether a caller may read what is in the caches',
  },
  {
    apiGroups: [''],
    resources: ['pods/log'],
    verbs: ['get'],
    why: 'show logs of tasks to those who may get workflows/log',
  },
  {
    apiGroups: [''],
    resources: ['events'],
    verbs: ['list', 'watch'],
    why: 'show events about a workflow and its tasks, as they come, to those who may read it',
  },
  {
    apiGroups: [''],
    resources: ['users', 'groups', 'serviceaccounts'],
    verbs: ['impersonate'],
    why: 'make writes in the name of the caller, so that RBAC decides about them and the audit log names them',
  },
];
