import { ConditionTypes } from '@osmo/crds';
import type { Backend, Platform, Pool } from '@osmo/crds';
import {
  changed,
  type ControllerDefinition,
  defineController,
  findCondition,
  generationChanged,
  type Key,
  watching,
} from '@osmo/kube';
import { type Caches, Indexes } from '../caches.ts';
import { planPool, type PoolWorld } from './plan.ts';

/** Keeps the condition Ready of every Pool true. */
export function poolController({ pools, platforms, backends }: Caches): ControllerDefinition<Pool, PoolWorld> {
  const keys = (index: string, name: string | undefined): Key[] =>
    pools.byIndex(index, name ?? '').map((pool) => ({ name: pool.metadata.name }));
  return defineController({
    name: 'pool',
    for: { informer: pools, predicate: generationChanged },
    watches: [
      watching<Backend>({
        informer: backends,
        predicate: changed((backend) => [
          backend.metadata.uid,
          findCondition(backend.status?.conditions, ConditionTypes.connected)?.status,
        ]),
        enqueue: ({ old, new: now }) => keys(Indexes.backend, (now ?? old)?.metadata.name),
      }),
      watching<Platform>({
        informer: platforms,
        predicate: changed((platform) => platform.metadata.uid),
        enqueue: ({ old, new: now }) => keys(Indexes.platform, (now ?? old)?.metadata.name),
      }),
    ],
    observe({ name }, { now }) {
      const pool = pools.get(undefined, name);
      if (pool === undefined) return undefined;
      const missingPlatforms = pool.spec.platforms.filter((each) => platforms.get(undefined, each) === undefined);
      return { now, pool, backend: backends.get(undefined, pool.spec.backend), missingPlatforms };
    },
    plan: planPool,
  });
}
