import type { Workflow } from '@osmo/crds';
import {
  changed,
  type ControllerDefinition,
  defineController,
  type KubeClient,
  type Manager,
  type Informer,
} from '@osmo/kube';
import type { ObjectStore } from '@osmo/storage';
import type { Registry } from 'prom-client';
import { Archiver } from './archiver.ts';
import { deletionTime, endOf } from './ended.ts';
import { newEventCache } from './events.ts';
import { archiveMetrics } from './metrics.ts';
import { type ArchiveWorld, planArchive } from './plan.ts';

export interface ArchiveOptions {
  client: KubeClient;
  registry: Registry;
  /** Where records go; undefined: nowhere. */
  store: ObjectStore | undefined;
  /** For workflows that say nothing; undefined: they stay. */
  defaultTtlSeconds: number | undefined;
  /** Until when a workflow should stay for those who are still to be told of its end. */
  heldUntil?: ((workflow: Workflow) => Date | undefined) | undefined;
}

/** For Events about the end to arrive, which are to be in the record. */
const settleSeconds = 5;
/** Tasks are read by pages, and a store may be slow; below the age at which a reconcile counts as stuck. */
const reconcileTimeoutMs = 300_000;

/**
 * What happens after the end: when its time has come, a finished workflow's record goes to the archive, if there is one,
 * then its objects go. To be called before the manager starts.
 *
 * Writing the record is a part of observing: it may be done at any time and any number of times to the same end, and the
 * plan needs to know that it is there.
 */
export function archiveController(
  manager: Manager,
  workflows: Informer<Workflow>,
  { client, registry, store, defaultTtlSeconds, heldUntil }: ArchiveOptions,
): ControllerDefinition<Workflow, ArchiveWorld> {
  const archiver =
    store && new Archiver({ store, client, events: newEventCache(manager), metrics: archiveMetrics(registry) });
  const stay = { defaultTtlSeconds, leastSeconds: archiver === undefined ? 0 : settleSeconds };
  workflows.onChange(({ old, new: now }) => {
    if (old !== undefined && old.metadata.uid !== now?.metadata.uid) archiver?.forget(old.metadata.uid);
  });
  return defineController({
    name: 'archive',
    for: {
      informer: workflows,
      predicate: changed((workflow) => [
        deletionTime(workflow, stay)?.getTime(),
        workflow.status?.notifications?.length,
      ]),
    },
    reconcileTimeoutMs,
    async observe({ namespace, name }, { now, signal, logger }) {
      const workflow = workflows.get(namespace, name);
      const end = workflow && endOf(workflow);
      const deleteAt = workflow && deletionTime(workflow, stay);
      if (workflow === undefined || end === undefined || deleteAt === undefined) return undefined;
      if (now < deleteAt) return { now, workflow, deleteAt, archived: undefined };
      const held = heldUntil?.(workflow);
      if (held !== undefined && now < held) return { now, workflow, deleteAt: held, archived: undefined };
      const archived = await (archiver?.archive(workflow, end, { now, signal, logger }) ?? { state: 'None' as const });
      return { now, workflow, deleteAt, archived };
    },
    plan: planArchive,
  });
}
