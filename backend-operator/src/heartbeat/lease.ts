import { Names } from '@osmo/crds';
import { type Lease, microTime } from '@osmo/kube';

/** Seconds between two heartbeats. */
export const heartbeatSeconds = 10;

/** Seconds without a heartbeat after which a backend counts as disconnected. */
export const heartbeatLostSeconds = 40;

/** The heartbeat of a backend as of `now`: a Lease whose renewTime the hub's controllers look at. */
export function heartbeatLease(backend: string, namespace: string, identity: string, now: Date): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: `${Names.backendLeasePrefix}${backend}`, namespace },
    spec: { holderIdentity: identity, leaseDurationSeconds: heartbeatLostSeconds, renewTime: microTime(now) },
  };
}
