import { mostReservations, type QuotaReservation, type QuotaUsage, type QuotaUsageStatus } from '@osmo/crds';
import { type Claim, isStart, usedOf } from '@osmo/workflow-spec/admission';

/** What a decision about one claim comes to. */
export type Decision =
  /** It fits; the status says so from now on. */
  | { readonly status: QuotaUsageStatus }
  /** It doesn't. */
  | { readonly refusal: string }
  /** Nobody knows yet what the subject uses. */
  | { readonly uncounted: true };

/** Whether one more workflow fits into what a subject may have, beside those that were let through before. Pure. */
export function decide(
  { status = {} }: Pick<QuotaUsage, 'status'>,
  claim: Claim,
  reservation: QuotaReservation,
): Decision {
  if (status.countTime === undefined) return { uncounted: true };
  const others = (status.reservations ?? []).filter((other) => !isSame(other, reservation));
  const used = usedOf({ ...status, reservations: others });
  const { workflows = Infinity, tasks = Infinity } = claim.limits;
  if (isStart(reservation) && used.workflows + 1 > workflows) {
    return { refusal: `${subjectOf(claim)} has ${used.workflows} of ${workflows} workflows ${rest(claim, status)}` };
  }
  if (used.tasks + reservation.tasks > tasks) {
    const asked = `and this ${isStart(reservation) ? 'workflow' : 'restart'} has ${reservation.tasks}`;
    return { refusal: `${subjectOf(claim)} has ${used.tasks} of ${tasks} tasks ${rest(claim, status, asked)}` };
  }
  if (others.length >= mostReservations) {
    return {
      refusal: `${subjectOf(claim)} has ${others.length} workflows that are not counted yet; try again in a minute`,
    };
  }
  return {
    status: { ...status, quota: claim.quota, limits: claim.limits, reservations: [...others, reservation] },
  };
}

/** The status without a reservation that came to nothing. */
export function withoutReservation(status: QuotaUsageStatus, reservation: QuotaReservation): QuotaUsageStatus {
  return { ...status, reservations: (status.reservations ?? []).filter((other) => !isSame(other, reservation)) };
}

const isSame = (a: QuotaReservation, b: QuotaReservation): boolean => a.uid === b.uid && a.restart === b.restart;

function subjectOf({ kind, name }: Claim): string {
  return kind === 'User' ? name : `namespace ${name}`;
}

function rest({ kind, quota }: Claim, { oldest = [], users = [] }: QuotaUsageStatus, asked?: string): string {
  const who = kind === 'Namespace' && users.length > 0 ? `, most of them of ${listed(users.map(share))}` : '';
  const which = oldest.length > 0 ? `; the oldest are ${listed(oldest.map(pathOf))}` : '';
  const first = [`that have not ended (quota "${quota}")`, ...(asked === undefined ? [] : [asked])].join(', ');
  return `${first}${who}${which}; cancel some or wait until they end, or ask an administrator for more`;
}

const share = ({ name, workflows }: { name: string; workflows: number }): string => `${name} (${workflows})`;
const pathOf = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
