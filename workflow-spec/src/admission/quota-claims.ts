import type { Quota, QuotaLimits, QuotaReservation, QuotaSubject, QuotaUsageStatus } from '@osmo/crds';

/** Whose workflow it is, as far as quotas go. */
export interface Submission {
  /** Name of the submitter, as the apiserver knows it. */
  readonly user: string;
  /** Groups of the submitter; empty when somebody else writes for them. */
  readonly groups: readonly string[];
  readonly namespace: string;
}

/** One limit that holds for a submission. */
export interface Claim {
  readonly kind: 'User' | 'Namespace';
  /** Name of the user or namespace. */
  readonly name: string;
  readonly quota: string;
  readonly limits: QuotaLimits;
}

/**
 * The limits that a submission has to keep: at most one of its user, one of its namespace. The most particular quota
 * counts: for a user their own, else the largest of their groups', else each user's; for a namespace its own, else
 * each namespace's.
 */
export function claimsOf({ user, groups, namespace }: Submission, quotas: readonly Quota[]): Claim[] {
  const find = (holds: (subject: QuotaSubject) => boolean): Quota | undefined =>
    quotas.filter(({ spec }) => spec.subjects.some(holds)).toSorted(byGenerosity)[0];
  const ofUser =
    find(({ kind, name }) => kind === 'User' && name === user) ??
    find(({ kind, name = '' }) => kind === 'Group' && groups.includes(name)) ??
    find(({ kind }) => kind === 'EachUser');
  const ofNamespace =
    find(({ kind, name }) => kind === 'Namespace' && name === namespace) ??
    find(({ kind }) => kind === 'EachNamespace');
  return [
    ...(ofUser === undefined ? [] : [claimOf('User', user, ofUser)]),
    ...(ofNamespace === undefined ? [] : [claimOf('Namespace', namespace, ofNamespace)]),
  ];
}

function claimOf(kind: Claim['kind'], name: string, { metadata, spec }: Quota): Claim {
  return { kind, name, quota: metadata.name, limits: spec.limits };
}

/** The more generous first: by workflows, then by tasks, then by name, so that all replicas take the same. */
function byGenerosity(a: Quota, b: Quota): number {
  const by = (one: number | undefined, other: number | undefined): number => {
    const [first, second] = [one ?? Infinity, other ?? Infinity];
    return first === second ? 0 : second - first;
  };
  const { limits } = a.spec;
  const others = b.spec.limits;
  const order = by(limits.workflows, others.workflows) || by(limits.tasks, others.tasks);
  return order || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** What a subject has: what was counted, and what was let through since. */
export function usedOf({ workflows = 0, tasks = 0, reservations = [] }: QuotaUsageStatus): {
  workflows: number;
  tasks: number;
} {
  return {
    workflows: workflows + reservations.filter(isStart).length,
    tasks: reservations.reduce((sum, reservation) => sum + reservation.tasks, tasks),
  };
}

/** Whether it is for a workflow that doesn't count yet. */
export function isStart({ restart }: QuotaReservation): boolean {
  return restart === undefined;
}
