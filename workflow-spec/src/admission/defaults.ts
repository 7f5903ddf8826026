import { Names } from '@osmo/crds';
import type { Workflow } from '@osmo/crds';
import type { AdmissionWorld, JsonPatchOperation } from './types.ts';

/**
 * The pool of a workflow that names none: that of the namespace or of the user. `default`, which the schema fills in, stands
 * for it, so it can't be told from a name that was left out. What else is left out stays so: what pool and platform say
 * then holds when a task is started.
 */
export function poolOf(workflow: Workflow, { defaultPool, old }: Pick<AdmissionWorld, 'defaultPool' | 'old'>): string {
  const named: string | undefined = workflow.spec.pool;
  const isOld = old !== undefined && old.spec.pool === named;
  if (defaultPool === undefined || isOld) return named ?? Names.defaultPool;
  return named === undefined || named === Names.defaultPool ? defaultPool : named;
}

/** What has to be written into the object for `pool` to be its pool. */
export function poolDefault({ spec }: Workflow, pool: string): JsonPatchOperation[] {
  const named: string | undefined = spec.pool;
  if (named === pool) return [];
  return [{ op: named === undefined ? 'add' : 'replace', path: '/spec/pool', value: pool }];
}
