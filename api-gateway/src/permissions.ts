import { Api } from '@osmo/crds';
import type { Permission } from '@osmo/kube';
import { auditExtras } from './audit/extras.ts';

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
      'users',
      'accesstokens',
    ],
    verbs: ['get', 'list', 'watch'],
    why: 'answer reads from caches, after asking whether the caller may read',
  },
  {
    apiGroups: [Api.group],
    resources: ['quotas'],
    verbs: ['list'],
    why: 'say which quotas hold for the caller',
  },
  {
    apiGroups: [Api.group],
    resources: ['quotausages'],
    verbs: ['get'],
    why: 'say what the caller has of them, and what a namespace has whose workflows the caller may list',
  },
  {
    apiGroups: [Api.group],
    resources: ['users'],
    verbs: ['create', 'manage'],
    why: 'note who signs in for the first time; a policy asks for manage',
  },
  {
    apiGroups: [Api.group],
    resources: ['users/status', 'accesstokens/status'],
    verbs: ['patch'],
    why: 'note the groups that a login brings, which are all that access tokens act with, and when a token was used',
  },
  {
    apiGroups: [Api.group],
    resources: ['accesstokens'],
    verbs: ['create', 'delete', 'issue'],
    why: 'make and revoke access tokens for those who may have them: nobody else can say which groups they hold, and until when',
  },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles'],
    verbs: ['get', 'list', 'watch'],
    why: 'know the roles of the gateway, and which actions tokens with them are limited to',
  },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterrolebindings', 'rolebindings'],
    verbs: ['list'],
    why: 'tell people their roles, and let no token have one that its user does not have',
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
    apiGroups: [Api.group],
    resources: ['credentials'],
    verbs: ['list', 'keep'],
    why: 'say which credentials there are, by entries that hold nothing secret; keep lets it write Secrets under the names of credentials, and none but them (policy credential-secrets)',
  },
  {
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['create', 'update', 'delete'],
    why: 'keep what is set, replace it in one step and delete it: it can read none of them',
  },
  {
    apiGroups: [''],
    resources: ['users', 'groups', 'serviceaccounts'],
    verbs: ['impersonate'],
    why: 'make writes in the name of the caller, so that RBAC decides about them and the audit log names them',
  },
  {
    apiGroups: ['authentication.k8s.io'],
    resources: Object.values(auditExtras).map((key) => `userextras/${key}`),
    verbs: ['impersonate'],
    why: 'tell the audit log how the caller signed in, with which access token, and from where',
  },
  {
    apiGroups: ['events.k8s.io'],
    resources: ['events'],
    verbs: ['create', 'patch'],
    why: 'tell on what was changed through the gateway who changed it',
  },
];
