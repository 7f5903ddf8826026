import type { Condition } from '../../client/kinds/meta.ts';

/** A condition without its time, which `setCondition` keeps. */
export type ConditionInput = Omit<Condition, 'lastTransitionTime'>;

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/** Longest message that metav1.Condition allows. */
const messageLength = 32_768;

/**
 * The conditions with `next` among them. `lastTransitionTime` changes only with the status, so that a condition which is
 * computed again and again stays byte for byte the same. Order is kept; a new condition comes last.
 *
 * @param now RFC 3339 with whole seconds, as metav1.Time; see `timestamp`.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: ConditionInput,
  now: string,
): Condition[] {
  const before = conditions ?? [];
  const known = findCondition(before, next.type);
  const lastTransitionTime = known?.status === next.status ? known.lastTransitionTime : now;
  const message = next.message.length > messageLength ? `${next.message.slice(0, messageLength - 1)}…` : next.message;
  const condition = { ...next, message, lastTransitionTime };
  return known ? before.map((each) => (each === known ? condition : each)) : [...before, condition];
}

/** All conditions of `next`, in its order, each with the transition time that `setCondition` gives it; no others. */
export function setConditions(
  former: readonly Condition[] | undefined,
  next: readonly ConditionInput[],
  now: string,
): Condition[] {
  return next.map((input) => setCondition(former, input, now).find(({ type }) => type === input.type) as Condition);
}

/** metav1.Time of a date: whole seconds, rounded down. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export interface SummaryPart {
  type: string;
  /** Whether 'True' is the bad value ('Degraded', 'Paused'). */
  negative?: boolean;
}

/**
 * One condition that sums up others: False if any is bad, else Unknown if any is unknown or missing, else True. The
 * message names the parts that decide, in the order of `parts`, so it doesn't depend on the order of `conditions`.
 */
export function summaryCondition(
  type: string,
  conditions: readonly Condition[] | undefined,
  parts: readonly SummaryPart[],
  observedGeneration?: number,
): ConditionInput {
  const judged = parts.map((part) => judge(part, findCondition(conditions, part.type)));
  const generation = observedGeneration === undefined ? {} : { observedGeneration };
  for (const status of ['False', 'Unknown'] as const) {
    const deciding = judged.filter((part) => part.status === status);
    const [first] = deciding;
    if (first === undefined) continue;
    const reason = deciding.length === 1 ? first.reason : status === 'False' ? 'IssuesReported' : 'UnknownReported';
    const message = deciding.map((part) => (part.message ? `${part.type}: ${part.message}` : part.type)).join('; ');
    return { type, status, reason, message, ...generation };
  }
  return { type, status: 'True', reason: type, message: '', ...generation };
}

interface Judged {
  type: string;
  status: Condition['status'];
  reason: string;
  message: string;
}

function judge({ type, negative = false }: SummaryPart, condition: Condition | undefined): Judged {
  if (condition === undefined)
    return { type, status: 'Unknown', reason: 'NotYetReported', message: 'not yet reported' };
  const { reason, message } = condition;
  if (condition.status === 'Unknown') return { type, status: 'Unknown', reason, message };
  return { type, status: (condition.status === 'True') !== negative ? 'True' : 'False', reason, message };
}

/** The condition of another object as one of ours, named `type`; Unknown when it is not there. */
export function mirrorCondition(
  type: string,
  source: readonly Condition[] | undefined,
  sourceType: string,
  observedGeneration?: number,
): ConditionInput {
  const condition = findCondition(source, sourceType);
  const generation = observedGeneration === undefined ? {} : { observedGeneration };
  if (condition === undefined) {
    const message = `${sourceType} is not yet reported`;
    return { type, status: 'Unknown', reason: 'NotYetReported', message, ...generation };
  }
  const { status, reason, message } = condition;
  return { type, status, reason, message, ...generation };
}
