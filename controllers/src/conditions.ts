import type { Condition } from '@osmo/crds';
import { setConditions, timestamp } from '@osmo/kube';

export { findCondition, timestamp as timeOf } from '@osmo/kube';

/** A condition without what is filled in from its former state. */
export type ConditionNow = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * The conditions as they are to be written, sorted by type. `lastTransitionTime` moves only when `status` changes, so a
 * condition that says the same again is the same again.
 */
export function conditionsOf(
  former: readonly Condition[] | undefined,
  now: readonly ConditionNow[],
  { at, generation }: { at: Date; generation: number | undefined },
): Condition[] {
  const next = now.map((condition) => ({
    ...condition,
    ...(generation !== undefined && { observedGeneration: generation }),
  }));
  return setConditions(former, next, timestamp(at)).toSorted((a, b) => a.type.localeCompare(b.type));
}
