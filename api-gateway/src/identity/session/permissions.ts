import type { Permission } from '@osmo/kube';

/** What the gateway may do with the one ConfigMap that holds which logins were used and which sessions ended. */
export const ledgerPermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['osmo-api-gateway-sessions'],
    verbs: ['get', 'list', 'update', 'watch'],
    namespaced: true,
    why: 'let no login count twice, and end sessions at all replicas at once; the chart makes the ConfigMap, so that none need be created',
  },
];
