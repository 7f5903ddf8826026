import type { Key, Pod } from '@osmo/kube';
import { withCredentials } from '../credentials/apply.ts';
import type { CredentialDirectory } from '../credentials/directory.ts';
import { byGroup, type GroupCaches, indexValue } from './caches.ts';
import type { GoneTasks } from './gone-tasks.ts';
import { parseGroupKey } from './identity.ts';
import type { CreateLedger } from './ledger.ts';
import type { OptionalKind } from '../optional-kind.ts';
import { unconfirmed } from './removals.ts';
import { podNameOfTask } from './members.ts';
import { isRecorded } from './status.ts';
import type { Task } from './task.ts';
import type { GroupSettings, GroupWorld, LogFacts } from './world.ts';

/** Where the world of a group is read from. */
export interface GroupSources {
  caches: GroupCaches;
  ledger: CreateLedger;
  gone: GoneTasks;
  /** Whether the cluster knows gangs. */
  gangs: Pick<OptionalKind, 'isServed'>;
  settings: GroupSettings;
  /** What applies to tasks by itself; absent: nothing does. */
  credentials?: Pick<CredentialDirectory, 'for'> | undefined;
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
  { caches, ledger, gone, gangs, settings, logs, credentials }: GroupSources,
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
  const tasks = credentials === undefined ? objects.tasks : await equipped(objects, credentials, now, signal);
  return {
    now,
    ...objects,
    tasks,
    ...(gangs.isServed ? { podGroups } : {}),
    gone: gone.uids,
    refusals: ledger.refusals,
    delays: ledger.delays,
    filesStored: ledger.filesStored,
    ...(logs === undefined ? {} : { logs: logFacts(objects.pods, logs) }),
    settings,
  };
}

/** The tasks with their credentials, while there is a pod to be made or one that hasn't started. */
async function equipped(
  { tasks, pods }: Pick<GroupWorld, 'tasks' | 'pods'>,
  credentials: Pick<CredentialDirectory, 'for'>,
  now: Date,
  signal: AbortSignal,
): Promise<GroupWorld['tasks']> {
  const phases = new Map(pods.map((pod) => [pod.metadata.name, pod.status?.phase ?? 'Pending']));
  const starts = (task: Task): boolean =>
    !isRecorded(task) && (phases.get(podNameOfTask(task)) ?? 'Pending') === 'Pending';
  return Promise.all(
    tasks.map(async (task) => (starts(task) ? withCredentials(task, await credentials.for(task, now, signal)) : task)),
  );
}

function logFacts(pods: readonly Pod[], logs: NonNullable<GroupSources['logs']>): LogFacts {
  const pending = pods.filter((pod) => logs.isPending(pod)).map(({ metadata }) => metadata.uid ?? '');
  return { pending: new Set(pending), releaseSeconds: logs.releaseSeconds };
}
