import type { Quota, QuotaUsage, Workflow } from '@osmo/crds';
import { changed, type ControllerDefinition, defineController, type Informer, watching } from '@osmo/kube';
import { endOf } from '../archive/ended.ts';
import { type Caches, Indexes } from '../caches.ts';
import { isAlive, tasksMark, usagesOf } from './alive.ts';
import { planUsage, type UsageWorld } from './plan.ts';

/** Keeps the count of everybody whom a quota limits. Where there is no quota there is no count, and nothing is written. */
export function quotaController({
  workflows,
  quotas,
  quotaUsages,
}: Caches): ControllerDefinition<QuotaUsage, UsageWorld> {
  const written = new Map<string, { workflows: number | undefined; tasks: number | undefined; at: Date }>();
  quotaUsages.onChange(({ old, new: now }) => {
    if (old !== undefined && now === undefined) written.delete(old.metadata.name);
  });
  return defineController({
    name: 'quota',
    for: { informer: quotaUsages },
    watches: [
      watching<Workflow>({
        informer: workflows,
        predicate: changed((workflow) => [isAlive(workflow), tasksMark(workflow), workflow.metadata.uid]),
        enqueue: ({ old, new: now }) => {
          const names = new Set([
            ...(old === undefined ? [] : usagesOf(old)),
            ...(now === undefined ? [] : usagesOf(now)),
          ]);
          return [...names].filter((name) => quotaUsages.get(undefined, name) !== undefined).map((name) => ({ name }));
        },
      }),
      watching<Quota>({
        informer: quotas,
        enqueue: () => quotaUsages.list().map(({ metadata }) => ({ name: metadata.name })),
      }),
    ],
    observe({ name }, { now }) {
      const usage = quotaUsages.get(undefined, name);
      if (usage === undefined) return undefined;
      // What is there now was written at some time before: the pause begins when the numbers are first seen.
      const { workflows: counted, tasks } = usage.status ?? {};
      const known = written.get(name);
      if (known === undefined || known.workflows !== counted || known.tasks !== tasks) {
        written.set(name, { workflows: counted, tasks, at: now });
      }
      return {
        now,
        usage,
        quotas: quotas.list(),
        alive: workflows.byIndex(Indexes.usage, name),
        endOf: endings(usage, workflows),
        writtenAt: known && written.get(name)?.at,
      };
    },
    plan: planUsage,
  });
}

/** When workflows that are reserved for have ended. */
function endings({ status }: QuotaUsage, workflows: Informer<Workflow>): UsageWorld['endOf'] {
  const ends = new Map<string, Date | undefined>();
  for (const { uid, workflow } of status?.reservations ?? []) {
    const [namespace, name = ''] = workflow.split('/');
    const found = workflows.get(namespace, name);
    if (found?.metadata.uid === uid) ends.set(uid, endOf(found));
  }
  return (uid) => ends.get(uid);
}
