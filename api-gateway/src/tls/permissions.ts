import type { Permission } from '@osmo/kube';

/** What the gateway may do with the one Secret that holds the certificate that it serves with; `update` only where it makes it itself. */
export const certificatePermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['osmo-api-gateway-tls'],
    verbs: ['get', 'list', 'update', 'watch'],
    namespaced: true,
    why: 'serve TLS with a certificate that all replicas share, and renew it; the chart makes the Secret, so that none need be created',
  },
];

/** And with the ConfigMap by which it tells whom to trust, where it makes its certificates itself. */
export const authorityPermissions: readonly Permission[] = [
  {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['osmo-api-gateway-ca'],
    verbs: ['get', 'list', 'patch', 'watch'],
    namespaced: true,
    why: 'publish the authorities of its certificates, which are no secret, before they are used; the chart makes the ConfigMap',
  },
];
