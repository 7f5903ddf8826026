import { apiVersionOf } from '../../client/resource.ts';
import { Lease } from '../../client/kinds/cluster.ts';

export interface Candidate {
  identity: string;
  leaseDurationSeconds: number;
}

/** metav1.MicroTime. */
export function microTime(date: Date): string {
  return `${date.toISOString().slice(0, -1)}000Z`;
}

/** A Lease that nobody had before, held by the candidate. */
export function newLease(ref: { namespace: string; name: string }, candidate: Candidate, now: Date): Lease {
  return {
    apiVersion: apiVersionOf(Lease),
    kind: Lease.kind,
    metadata: { ...ref },
    spec: {
      holderIdentity: candidate.identity,
      leaseDurationSeconds: candidate.leaseDurationSeconds,
      acquireTime: microTime(now),
      renewTime: microTime(now),
      leaseTransitions: 0,
    },
  };
}

/** The Lease taken over, or renewed if the candidate holds it already. What others put into its spec stays. */
export function held(lease: Lease, candidate: Candidate, now: Date): Lease {
  const spec = lease.spec ?? {};
  const renews = spec.holderIdentity === candidate.identity;
  const transitions = spec.leaseTransitions ?? 0;
  return {
    ...lease,
    spec: {
      ...spec,
      holderIdentity: candidate.identity,
      leaseDurationSeconds: candidate.leaseDurationSeconds,
      acquireTime: renews ? (spec.acquireTime ?? microTime(now)) : microTime(now),
      renewTime: microTime(now),
      leaseTransitions: renews ? transitions : transitions + 1,
    },
  };
}

/** The Lease given up: the next candidate may take it at once. */
export function released(lease: Lease, now: Date): Lease {
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: microTime(now),
      renewTime: microTime(now),
    },
  };
}
