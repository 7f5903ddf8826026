import { type Backend, ConditionTypes, type Platform, type Pool, type Task } from '@osmo/crds';
import { findCondition } from '@osmo/kube';
import { gpuUse, nodeSets, shapesOf } from './capacity.ts';
import { exitActionMap } from './exit-actions.ts';

/** What pools are shown from. */
export interface PoolWorld {
  pools: readonly Pool[];
  platforms: (name: string) => Platform | undefined;
  backends: (name: string) => Backend | undefined;
  tasks: readonly Task[];
}

/** Upstream's word for whether a pool takes work. */
export function poolStatus({ spec, status }: Pool): 'ONLINE' | 'OFFLINE' | 'MAINTENANCE' {
  if (spec.maintenance) return 'MAINTENANCE';
  return findCondition(status?.conditions, ConditionTypes.ready)?.status === 'True' ? 'ONLINE' : 'OFFLINE';
}

/** A pool as people see it: without templates and rules. */
export function poolEntry(pool: Pool, platforms: (name: string) => Platform | undefined): Record<string, unknown> {
  const { metadata, spec, status } = pool;
  const { timeouts = {}, gpuQuota } = spec;
  return {
    name: metadata.name,
    description: spec.description ?? '',
    status: poolStatus(pool),
    message: findCondition(status?.conditions, ConditionTypes.ready)?.message ?? '',
    backend: spec.backend,
    default_platform: spec.defaultPlatform ?? null,
    default_exec_timeout: timeouts.defaultExecSeconds ?? null,
    max_exec_timeout: timeouts.maxExecSeconds ?? null,
    default_queue_timeout: timeouts.defaultQueueSeconds ?? null,
    max_queue_timeout: timeouts.maxQueueSeconds ?? null,
    default_exit_actions: exitActionMap(spec.defaultExitActions ?? []),
    resources: {
      gpu: {
        guarantee: gpuQuota?.guarantee ?? -1,
        maximum: gpuQuota?.maximum ?? -1,
        weight: gpuQuota?.weight ?? 1,
      },
    },
    topology_keys: spec.topologyKeys ?? [],
    platforms: Object.fromEntries(spec.platforms.map((name) => [name, platformEntry(platforms(name))])),
  };
}

/** What a task on a platform may do. */
export function platformEntry(platform: Platform | undefined): Record<string, unknown> {
  const spec = platform?.spec;
  return {
    description: spec?.description ?? '',
    host_network_allowed: spec?.hostNetworkAllowed ?? false,
    privileged_allowed: spec?.privilegedAllowed ?? false,
    allowed_mounts: spec?.allowedMounts ?? [],
    default_mounts: spec?.defaultMounts ?? [],
  };
}

/** Pools with their use of GPUs, those that share nodes together; numbers are text, as upstream has them. */
export function poolQuota(world: PoolWorld): Record<string, unknown> {
  const shapes = new Map(
    world.pools.map((pool) => [
      pool.metadata.name,
      new Map(
        shapesOf(pool, world.platforms, world.backends(pool.spec.backend)).map(({ backend, shape }) => [
          `${backend}/${shape.id}`,
          shape,
        ]),
      ),
    ]),
  );
  const byName = new Map(world.pools.map((pool) => [pool.metadata.name, pool]));
  const tasksOf = Map.groupBy(world.tasks, ({ spec }) => spec.pool);
  const total = new Map<string, number>();
  const sets = nodeSets(new Map([...shapes].map(([name, own]) => [name, new Set(own.keys())])));
  const add = (name: string, value: number): number => {
    total.set(name, (total.get(name) ?? 0) + value);
    return value;
  };
  const node_sets = sets.map((names) => {
    const own = new Map(names.flatMap((name) => [...(shapes.get(name) ?? [])]));
    const capacity = [...own.values()].reduce(
      (sum, { available, allocatable }) => sum + available * allocatable.gpu,
      0,
    );
    const used = names.reduce((sum, name) => sum + gpuUse(tasksOf.get(name) ?? []).all, 0);
    add('total_capacity', capacity);
    add('total_free', Math.max(0, capacity - used));
    const pools = names.flatMap((name) => {
      const pool = byName.get(name);
      if (pool === undefined) return [];
      const use = gpuUse(tasksOf.get(name) ?? []);
      const guarantee = pool.spec.gpuQuota?.guarantee ?? -1;
      const limit = guarantee === -1 ? capacity : guarantee;
      const usage = {
        quota_used: String(add('quota_used', use.guaranteed)),
        quota_free: String(add('quota_free', Math.max(0, limit - use.guaranteed))),
        quota_limit: String(add('quota_limit', limit)),
        total_usage: String(add('total_usage', use.all)),
        total_capacity: String(capacity),
        total_free: String(Math.max(0, capacity - used)),
      };
      return [{ ...poolEntry(pool, world.platforms), resource_usage: usage }];
    });
    return { pools };
  });
  const names = ['quota_used', 'quota_free', 'quota_limit', 'total_usage', 'total_capacity', 'total_free'];
  return { node_sets, resource_sum: Object.fromEntries(names.map((name) => [name, String(total.get(name) ?? 0)])) };
}
