import type { QuotaLimits, QuotaUsage, QuotaUsageStatus } from '@osmo/crds';
import { type Claim, usedOf } from '@osmo/workflow-spec/admission';
import { idOf } from '../workflows/ids.ts';

/** What one user or namespace has, and may have. `null`: not counted so far; any number. */
export interface QuotaEntry {
  kind: 'User' | 'Namespace';
  name: string;
  /** Name of the quota that holds. */
  quota: string | null;
  workflows: number | null;
  workflow_limit: number | null;
  tasks: number | null;
  task_limit: number | null;
  /** Ids of the oldest workflows that have not ended; at most three. */
  oldest: string[];
  /** Of a namespace: who has most; at most three. */
  users: { name: string; workflows: number }[];
}

/** A limit that holds, with what is counted under it. `usage` absent: nobody has counted so far. */
export function claimEntry(claim: Claim, usage: QuotaUsage | undefined, defaultNamespace: string): QuotaEntry {
  return { ...entry(claim, claim.limits, usage?.status, defaultNamespace), quota: claim.quota };
}

/** What was counted, with the limits that were asked last. */
export function usageEntry({ spec, status }: QuotaUsage, defaultNamespace: string): QuotaEntry {
  return { ...entry(spec, status?.limits ?? {}, status, defaultNamespace), quota: status?.quota ?? null };
}

/** How much of the narrowest limit is used; 0 where nothing limits. */
export function fullness({ workflows, workflow_limit, tasks, task_limit }: QuotaEntry): number {
  const share = (used: number | null, limit: number | null): number =>
    limit === null || used === null ? 0 : used / Math.max(limit, 1);
  return Math.max(share(workflows, workflow_limit), share(tasks, task_limit));
}

function entry(
  { kind, name }: Pick<Claim, 'kind' | 'name'>,
  limits: QuotaLimits,
  status: QuotaUsageStatus | undefined,
  defaultNamespace: string,
): Omit<QuotaEntry, 'quota'> {
  const used = status?.countTime === undefined ? undefined : usedOf(status);
  return {
    kind,
    name,
    workflows: used?.workflows ?? null,
    workflow_limit: limits.workflows ?? null,
    tasks: used?.tasks ?? null,
    task_limit: limits.tasks ?? null,
    oldest: (status?.oldest ?? []).map((oldest) => idOf(oldest, defaultNamespace)),
    users: (status?.users ?? []).map((user) => ({ name: user.name, workflows: user.workflows })),
  };
}
