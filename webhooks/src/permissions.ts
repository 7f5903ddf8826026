import { Api } from '@osmo/crds';
import type { Permission } from '@osmo/kube';

/** Everything that the webhooks may do, and nothing else. They store nothing but their certificates, and read no Secret but their own. */
export const permissions: readonly Permission[] = [
  {
    apiGroups: [Api.group],
    resources: ['pools', 'platforms', 'backends'],
    verbs: ['get', 'list', 'watch'],
    why: 'judge workflows by the rules of the pool and platform that they name',
  },
  {
    apiGroups: [Api.group],
    resources: ['quotas'],
    verbs: ['get', 'list', 'watch'],
    why: 'know how many workflows and tasks a user or a namespace may have',
  },
  {
    apiGroups: [Api.group],
    resources: ['quotausages'],
    verbs: ['create', 'get'],
    why: 'find what a limited user or namespace has, and begin to keep it for one that nobody has asked about before',
  },
  {
    apiGroups: [Api.group],
    resources: ['quotausages/status'],
    verbs: ['update'],
    why: 'reserve room for a workflow that is let through, at the version that was looked at',
  },
  {
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['get', 'list', 'watch'],
    why: 'the label of a namespace names the pool of workflows that name none (metadata only)',
  },
  {
    apiGroups: [Api.group],
    resources: ['apps', 'appversions'],
    verbs: ['get', 'list'],
    why: 'fill in the tasks of workflows that name an app',
  },
  {
    apiGroups: [Api.group],
    resources: ['buckets', 'datasets', 'datasetversions'],
    verbs: ['get', 'list'],
    why: 'say at submission that a bucket, a dataset or a version which a workflow names is not there',
  },
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
    why: 'ask whether whoever submits a workflow may read the app that it names',
  },
];

/** What they need beside that to make their certificates themselves; with cert-manager only the first, without `update`. */
export const certificatePermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['osmo-webhooks-tls'],
    verbs: ['get', 'list', 'update', 'watch'],
    namespaced: true,
    why: 'the certificates that all replicas serve with; the chart makes the Secret, so that none need be created',
  },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    resourceNames: ['osmo-webhooks'],
    verbs: ['get', 'list', 'patch', 'watch'],
    why: 'tell the apiserver which authority to trust, and mend what somebody else wrote there',
  },
];
