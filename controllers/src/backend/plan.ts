import { BackendReasons, BackendType, ConditionTypes } from '@osmo/crds';
import type { Backend } from '@osmo/crds';
import type { Plan } from '@osmo/kube';
import { conditionsOf, type ConditionNow } from '../conditions.ts';

/** How long a backend counts as connected after its last heartbeat, ms. Operators renew every 10 s. */
export const heartbeatTimeout = 40_000;

/** All that the plan of one backend depends on. */
export interface BackendWorld {
  readonly now: Date;
  readonly backend: Backend;
  /** Name of the Lease that its operator renews. */
  readonly lease: string;
  /** When it was renewed last, by our clock; undefined when there is no such Lease, or it was never renewed. */
  readonly heartbeat: Date | undefined;
}

/** Says whether the operator of the backend is there, and wakes up when its heartbeat would be overdue. */
export function planBackend(world: BackendWorld): Plan<Backend> {
  const { backend, now, heartbeat } = world;
  if (backend.metadata.deletionTimestamp !== undefined) return {};
  const { generation } = backend.metadata;
  const conditions = conditionsOf(backend.status?.conditions, [connected(world)], { at: now, generation });
  const overdue = heartbeat === undefined ? undefined : new Date(heartbeat.getTime() + heartbeatTimeout);
  return {
    // The operator owns the rest of the status.
    statuses: [{ type: BackendType, object: backend, status: { conditions }, fields: ['conditions'] }],
    ...(overdue !== undefined && overdue > now && { wakeAt: overdue }),
  };
}

function connected({ heartbeat, now, lease }: BackendWorld): ConditionNow {
  const type = ConditionTypes.connected;
  if (heartbeat === undefined) {
    const message = `its operator has never renewed Lease ${JSON.stringify(lease)}; install it in the cluster, or look at its log`;
    return { type, status: 'False', reason: BackendReasons.neverConnected, message };
  }
  if (now.getTime() - heartbeat.getTime() < heartbeatTimeout) {
    return { type, status: 'True', reason: BackendReasons.heartbeat, message: '' };
  }
  const message = `its operator has not renewed Lease ${JSON.stringify(lease)} for more than ${heartbeatTimeout / 1000} s; running tasks go on`;
  return { type, status: 'False', reason: BackendReasons.heartbeatLost, message };
}
