import { Names } from '@osmo/crds';
import type { Lease } from '@osmo/kube';

/** Name of the Lease that the operator of a backend renews. */
export function leaseNameOf(backend: string): string {
  return `${Names.backendLeasePrefix}${backend}`;
}

/** The backend whose heartbeat a Lease is; undefined for any other Lease. */
export function backendOfLease(lease: string): string | undefined {
  return lease.startsWith(Names.backendLeasePrefix) ? lease.slice(Names.backendLeasePrefix.length) : undefined;
}

/**
 * When each backend gave a sign of life, by our own clock: clocks of clusters differ, but a renewal that we see happens
 * now. Only for what happened before we looked is the time in the Lease believed, and never a time in the future.
 */
export class Heartbeats {
  readonly #seen = new Map<string, { renewTime: string; at: Date }>();

  /** Takes a Lease over as it is in the cache; `initial` for one that was there when the cache was filled. */
  observe(lease: Lease, now: Date, initial: boolean): void {
    const renewTime = lease.spec?.renewTime;
    const { name } = lease.metadata;
    if (renewTime === undefined || this.#seen.get(name)?.renewTime === renewTime) return;
    const written = new Date(renewTime);
    const before = initial && !Number.isNaN(written.getTime()) && written < now;
    this.#seen.set(name, { renewTime, at: before ? written : now });
  }

  forget(lease: string): void {
    this.#seen.delete(lease);
  }

  of(lease: string): Date | undefined {
    return this.#seen.get(lease)?.at;
  }
}
