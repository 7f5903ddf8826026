import { ConditionTypes } from '@osmo/crds';
import { didYouMean, type SuggestionBudget } from '../graph/suggestion.ts';
import type { Surroundings } from './surroundings.ts';
import type { AdmissionWorld } from './types.ts';

/** Why nothing of a workflow can start now, which only an administrator can mend; it is taken and waits. */
export interface PoolFinding {
  readonly kind: 'noPool' | 'maintenance' | 'noBackend';
  readonly message: string;
}

/** What keeps the pool from taking work now; undefined when nothing does. Maintenance stops nothing that was `started`. */
export function poolFinding({ poolName, pool, backend }: Surroundings, started = false): PoolFinding | undefined {
  const name = JSON.stringify(poolName);
  if (pool === undefined) return { kind: 'noPool', message: `there is no pool ${name}` };
  if (pool.spec.maintenance && !started) return { kind: 'maintenance', message: `pool ${name} is in maintenance` };
  if (backend !== undefined) return undefined;
  const wanted = JSON.stringify(pool.spec.backend);
  return { kind: 'noBackend', message: `pool ${name} belongs to backend ${wanted}, which does not exist` };
}

/** The same for the person who submits, with what becomes of the workflow. */
export function poolWarning(
  surroundings: Surroundings,
  { pools, backends }: Pick<AdmissionWorld, 'pools' | 'backends'>,
  budget: SuggestionBudget,
): string | undefined {
  const finding = poolFinding(surroundings);
  if (finding === undefined || (finding.kind === 'noBackend' && backends === undefined)) return undefined;
  const { poolName } = surroundings;
  const meant = finding.kind === 'noPool' ? didYouMean(poolName, pools.keys(), budget) : '';
  return `spec.pool: ${finding.message}; the workflow waits until that changes${meant}`;
}

/** Where the backend is there and its operator isn't. */
export function connectionWarning({ pool, backend }: Surroundings): string | undefined {
  if (pool === undefined || backend === undefined) return undefined;
  const connected = backend.status?.conditions?.find(({ type }) => type === ConditionTypes.connected);
  if (connected?.status !== 'False') return undefined;
  const name = JSON.stringify(pool.spec.backend);
  return `spec.pool: backend ${name} of pool ${JSON.stringify(pool.metadata.name)} is not connected; tasks start when it is back`;
}
