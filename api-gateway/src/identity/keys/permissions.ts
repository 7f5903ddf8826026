import type { Permission } from '@osmo/kube';

/** What the gateway may do with the one Secret that holds its own keys. */
export const keyPermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['osmo-api-gateway-keys'],
    verbs: ['get', 'list', 'update', 'watch'],
    namespaced: true,
    why: 'the keys of sessions and of tokens that it issues, the same in all replicas; the chart makes the Secret, so that none need be created',
  },
];
