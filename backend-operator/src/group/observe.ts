import type { Key, Pod } from '@osmo/kube';
import { byGroup, type GroupCaches, indexValue } from './caches.ts';
import type { GoneTasks } from './gone-tasks.ts';
import { parseGroupKey } from './identity.ts';
import type { CreateLedger } from './ledger.ts';
import type { OptionalKind } from '../optional-kind.ts';
import { unconfirmed } from './removals.ts';
import type { GroupSettings, GroupWorld, LogFacts } from './world.ts';

/** Where the world of a group is read from. */
export interface GroupSources {
  caches: GroupCaches;
  ledger: CreateLedger;
  gone: GoneTasks;
  /** Whether the cluster knows gangs. */
  gangs: Pick<OptionalKind, 'isServed'>;
  settings: GroupSettings;
  /** Who stores logs, if anybody does. */
  logs?: { isPending(pod: Pod): boolean; releaseSeconds: number };
}

/**
 * Reads the world of a group from the caches. Only where something is left of a Task that the cache doesn't have, the hub
 * is asked about it. Undefined: there is no such group any more.
 */
export async function observeGroup(
  key: Key,
  { now, signal }: { now: Date; signal: AbortSignal },
  { caches, ledger, gone, gangs, settings, logs }: GroupSources,
): Promise<GroupWorld | undefined> {
  const value = indexValue(parseGroupKey(key.namespace ?? '', key.name));
  const objects = {
    tasks: caches.tasks.byIndex(byGroup, value),
    pods: caches.pods.byIndex(byGroup, value),
    services: caches.services.byIndex(byGroup, value),
  };
  const podGroups = caches.podGroups.byIndex(byGroup, value);
  const count = objects.tasks.length + objects.pods.length + objects.services.length + podGroups.length;
  if (count === 0) return undefined;
  const orphans = unconfirmed({ ...objects, podGroups, gone: gone.uids });
  if (orphans.length > 0) await gone.ask(orphans, signal);
  return {
    now,
    ...objects,
    ...(gangs.isServed ? { podGroups } : {}),
    gone: gone.uids,
    refusals: ledger.refusals,
    delays: ledger.delays,
    filesStored: ledger.filesStored,
    ...(logs === undefined ? {} : { logs: logFacts(objects.pods, logs) }),
    settings,
  };
}

function logFacts(pods: readonly Pod[], logs: NonNullable<GroupSources['logs']>): LogFacts {
  const pending = pods.filter((pod) => logs.isPending(pod)).map(({ metadata }) => metadata.uid ?? '');
  return { pending: new Set(pending), releaseSeconds: logs.releaseSeconds };
}
