import {
  type Quota,
  type QuotaReservation,
  type QuotaUsage,
  type QuotaUsageStatus,
  QuotaUsageType,
  type Workflow,
} from '@osmo/crds';
import type { Plan } from '@osmo/kube';
import { unendedTasks } from '@osmo/workflow-spec/graph';
import { submitterOf } from './alive.ts';

/** All that one QuotaUsage depends on. */
export interface UsageWorld {
  readonly now: Date;
  readonly usage: QuotaUsage;
  readonly quotas: readonly Quota[];
  /** The subject's workflows that have not ended. */
  readonly alive: readonly Workflow[];
  /** When a workflow came to its end; undefined for one that hasn't, or that isn't there. */
  readonly endOf: (uid: string) => Date | undefined;
  /** When it was written last by us; undefined: not since we began. */
  readonly writtenAt: Date | undefined;
}

/**
 * How long a workflow that was let through may take to be seen: the longest request of an apiserver (a minute), and clocks
 * that differ. What isn't there by then was refused by somebody else.
 */
export const reservationSeconds = 120;

/** Numbers of tasks follow at this distance, those of workflows at once. */
const taskPauseMs = 5_000;
const largest = 3;

/**
 * Counts what a user or a namespace has, takes back reservations of what is counted now, or was never stored, and removes
 * the count of whom no quota limits any more. Written only at the version that was looked at, so that no reservation gets lost.
 */
export function planUsage(world: UsageWorld): Plan<QuotaUsage> {
  const { usage, now, alive, writtenAt } = world;
  const { name, uid, resourceVersion, deletionTimestamp } = usage.metadata;
  if (deletionTimestamp !== undefined) return {};
  if (!isLimited(world)) {
    const version = resourceVersion === undefined ? {} : { resourceVersion };
    return { remove: [{ type: QuotaUsageType, name, ...(uid !== undefined && { uid }), ...version }] };
  }
  const reservations = stillReserved(world);
  const counted = {
    workflows: alive.length,
    tasks: alive.reduce((sum, workflow) => sum + unendedTasks(workflow), 0),
    countTime: usage.status?.countTime ?? seconds(now),
    oldest: oldestOf(alive),
    users: usage.spec.kind === 'Namespace' ? usersOf(alive) : [],
    reservations,
  } satisfies QuotaUsageStatus;
  const expiry = reservations.map(({ time }) => new Date(time).getTime() + reservationSeconds * 1000);
  const wake = Math.min(...expiry);
  const next = writtenAt === undefined ? 0 : writtenAt.getTime() + taskPauseMs;
  if (onlyTasksDiffer(usage.status, counted) && now.getTime() < next) return { wakeAt: new Date(Math.min(next, wake)) };
  return {
    statuses: [{ type: QuotaUsageType, object: usage, status: counted, fields: Object.keys(counted), atVersion: true }],
    ...(Number.isFinite(wake) && { wakeAt: new Date(wake) }),
  };
}

/** Whether any quota may limit the subject: of a user's groups only the webhooks know. */
function isLimited({ usage: { spec }, quotas }: UsageWorld): boolean {
  const subjects = quotas.flatMap((quota) => quota.spec.subjects);
  if (spec.kind === 'Namespace') {
    return subjects.some(({ kind, name }) => kind === 'EachNamespace' || (kind === 'Namespace' && name === spec.name));
  }
  return subjects.some(
    ({ kind, name }) => kind === 'EachUser' || kind === 'Group' || (kind === 'User' && name === spec.name),
  );
}

function stillReserved({ usage, alive, endOf, now }: UsageWorld): QuotaReservation[] {
  const seen = new Map(
    alive.map(({ metadata, spec, status }) => [metadata.uid, new Set([spec.restart?.id, status?.restartID])]),
  );
  return (usage.status?.reservations ?? []).filter(({ uid, time, restart }) => {
    const since = new Date(time).getTime();
    const isCounted = restart === undefined ? seen.has(uid) : seen.get(uid)?.has(restart) === true;
    if (isCounted || now.getTime() >= since + reservationSeconds * 1000) return false;
    if (restart !== undefined) return true;
    // It came and ended since. Times in a status are whole seconds.
    const end = endOf(uid);
    return end === undefined || end.getTime() + 1000 <= since;
  });
}

function oldestOf(alive: readonly Workflow[]): NonNullable<QuotaUsageStatus['oldest']> {
  const age = ({ metadata }: Workflow): string =>
    `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  return alive
    .toSorted((a, b) => (age(a) < age(b) ? -1 : 1))
    .slice(0, largest)
    .map(({ metadata: { namespace = '', name } }) => ({ namespace, name }));
}

function usersOf(alive: readonly Workflow[]): NonNullable<QuotaUsageStatus['users']> {
  const counts = new Map<string, number>();
  for (const workflow of alive) {
    const user = submitterOf(workflow);
    if (user !== '') counts.set(user, (counts.get(user) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, workflows]) => ({ name, workflows }))
    .toSorted((a, b) => b.workflows - a.workflows || (a.name < b.name ? -1 : 1))
    .slice(0, largest);
}

function onlyTasksDiffer(before: QuotaUsageStatus | undefined, counted: QuotaUsageStatus): boolean {
  return (
    before?.countTime !== undefined &&
    before.tasks !== counted.tasks &&
    before.workflows === counted.workflows &&
    before.reservations?.length === counted.reservations?.length
  );
}

const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
