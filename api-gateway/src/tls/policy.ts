import type { CertificatePolicy } from '@osmo/kube/certificates';

const day = 24 * 3600 * 1000;

/**
 * A year. An authority stands beside its predecessor for a month before a certificate of it is served: people copy it, and not every
 * hour as programs do. Three months are left then for whatever keeps a renewal from happening.
 */
export const gatewayPolicy: CertificatePolicy = {
  lifetimeMs: 365 * day,
  renewBeforeMs: 120 * day,
  settleMs: 30 * day,
  backdateMs: day,
};
