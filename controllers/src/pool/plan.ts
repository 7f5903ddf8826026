import { ConditionTypes, PoolReasons } from '@osmo/crds';
import type { Backend, Pool } from '@osmo/crds';
import type { Plan } from '@osmo/kube';
import { conditionsOf, findCondition, type ConditionNow } from '../conditions.ts';

/** All that the plan of one pool depends on. */
export interface PoolWorld {
  readonly now: Date;
  readonly pool: Pool;
  readonly backend: Backend | undefined;
  /** Platforms that the pool lists and that don't exist, in the order of the list. */
  readonly missingPlatforms: readonly string[];
}

/** Says whether the pool takes work, and what an administrator has to mend first. */
export function planPool({ pool, backend, missingPlatforms, now }: PoolWorld): Plan<Pool> {
  if (pool.metadata.deletionTimestamp !== undefined) return {};
  const { generation } = pool.metadata;
  const ready: ConditionNow = { type: ConditionTypes.ready, ...readiness(pool, backend, missingPlatforms) };
  return {
    status: {
      conditions: conditionsOf(pool.status?.conditions, [ready], { at: now, generation }),
      ...(generation !== undefined && { observedGeneration: generation }),
    },
  };
}

type Readiness = Omit<ConditionNow, 'type'>;

/** Mistakes in the configuration first, then what is meant to be so, then what passes. */
function readiness(pool: Pool, backend: Backend | undefined, missing: readonly string[]): Readiness {
  const not = (reason: string, message: string): Readiness => ({ status: 'False', reason, message });
  const { backend: backendName, maintenance } = pool.spec;
  if (backend === undefined) {
    return not(PoolReasons.backendNotFound, `spec.backend: ${JSON.stringify(backendName)}: there is no such Backend`);
  }
  if (missing.length > 0) {
    const names = missing.map((name) => JSON.stringify(name)).join(', ');
    return not(PoolReasons.platformNotFound, `spec.platforms: there is no Platform ${names}`);
  }
  if (maintenance)
    return not(PoolReasons.maintenance, 'spec.maintenance is set: new workflows wait, running ones go on');
  if (findCondition(backend.status?.conditions, ConditionTypes.connected)?.status !== 'True') {
    const message = `backend ${JSON.stringify(backendName)} is not connected: new tasks start when it is back`;
    return not(PoolReasons.backendDisconnected, message);
  }
  return { status: 'True', reason: PoolReasons.available, message: '' };
}
