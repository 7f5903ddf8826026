import type { Condition } from '@osmo/crds';

/** A condition without what is filled in from its former state. */
export type ConditionNow = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** `Date` as metav1.Time: seconds, UTC. */
export function timeOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/**
 * The conditions as they are to be written, sorted by type. `lastTransitionTime` moves only when `status` changes, so a
 * condition that says the same again is the same again.
 */
export function conditionsOf(
  former: readonly Condition[] | undefined,
  now: readonly ConditionNow[],
  { at, generation }: { at: Date; generation: number | undefined },
): Condition[] {
  return now
    .map((condition) => {
      const before = former?.find((each) => each.type === condition.type);
      const same = before !== undefined && before.status === condition.status;
      return {
        ...condition,
        lastTransitionTime: same ? before.lastTransitionTime : timeOf(at),
        ...(generation !== undefined && { observedGeneration: generation }),
      };
    })
    .toSorted((a, b) => a.type.localeCompare(b.type));
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
