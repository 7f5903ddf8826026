import type { Pool, WorkflowSpec } from '@osmo/crds';
import { problem, type Problem } from '../graph/problem.ts';
import { writtenGroups } from '../graph/written-tasks.ts';
import { resolveAmounts } from './needs.ts';
import { platformOf, type Surroundings } from './surroundings.ts';

/**
 * Groups that ask for more GPUs than the scheduler will ever give them at once: more than the pool may use, or, but for
 * Low work, more than it is guaranteed. Only gang schedulers with queues hold back what is over a quota; with the others
 * such a group runs.
 */
export function quotaProblems(spec: WorkflowSpec, surroundings: Surroundings): Problem[] {
  const { pool } = surroundings;
  const quota = pool?.spec.gpuQuota;
  if (pool === undefined || quota === undefined || !hasQueues(pool)) return [];
  const gpusOf = gpusByResource(spec, surroundings, pool);
  return writtenGroups(spec).flatMap(({ path, members }) => {
    const gpus = members.reduce((sum, { template, times }) => sum + times * gpusOf(template.resource), 0);
    const detail = quotaDetail(gpus, spec.priority, quota, pool.metadata.name);
    return detail === undefined ? [] : [problem('InvalidSpec', path, members[0]?.template.name, detail)];
  });
}

function quotaDetail(
  gpus: number,
  priority: WorkflowSpec['priority'],
  { guarantee, maximum }: NonNullable<Pool['spec']['gpuQuota']>,
  pool: string,
): string | undefined {
  const name = JSON.stringify(pool);
  if (maximum >= 0 && gpus > maximum) return `the group needs ${gpus} GPUs; pool ${name} may use at most ${maximum}`;
  if (priority === 'Low' || guarantee < 0 || gpus <= guarantee) return undefined;
  return `the group needs ${gpus} GPUs; at most ${guarantee} are guaranteed to ${priority} work of pool ${name}: ask for less, or submit it with priority Low`;
}

const hasQueues = ({ spec: { scheduler } }: Pool): boolean => scheduler.type === 'KAI' || scheduler.type === 'RunAI';

function gpusByResource(spec: WorkflowSpec, surroundings: Surroundings, pool: Pool): (resource: string) => number {
  const entries = [undefined, ...(spec.resources ?? [])];
  const gpus = entries.map((entry): [string | undefined, number] => [
    entry?.name,
    resolveAmounts(entry, platformOf(entry, surroundings), pool).gpu ?? 0,
  ]);
  const byName = new Map(gpus);
  return (resource) => byName.get(resource) ?? byName.get(undefined) ?? 0;
}
