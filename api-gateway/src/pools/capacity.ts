import type { Backend, BackendShape, Platform, Pool, Task } from '@osmo/crds';

/** What the nodes of a backend that a platform means have in common. */
export interface PlatformShape {
  backend: string;
  platform: string;
  shape: BackendShape;
}

/** Whether nodes with these labels and taints are the platform's. */
export function isNodeOf({ spec }: Platform, { labels, taints }: BackendShape): boolean {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  return selected && taints.every((taint) => taint.effect === 'PreferNoSchedule' || isTolerated(spec, taint));
}

function isTolerated({ tolerations = [] }: Platform['spec'], taint: BackendShape['taints'][number]): boolean {
  return tolerations.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === taint.effect) &&
      (key === undefined || key === '' ? operator === 'Exists' : key === taint.key) &&
      (operator === 'Exists' || value === (taint.value ?? '')),
  );
}

/** The shapes of nodes that work of a pool can land on, each once for each platform that it is of. */
export function shapesOf(
  pool: Pool,
  platforms: (name: string) => Platform | undefined,
  backend: Backend | undefined,
): PlatformShape[] {
  const shapes = backend?.status?.shapes ?? [];
  return pool.spec.platforms.flatMap((name) => {
    const platform = platforms(name);
    if (platform === undefined) return [];
    const own = shapes.filter((shape) => isNodeOf(platform, shape));
    return own.map((shape) => ({ backend: pool.spec.backend, platform: name, shape }));
  });
}

/** GPUs of running tasks of a pool: of those that count against its guarantee, and of all. */
export function gpuUse(tasks: Iterable<Task>): { guaranteed: number; all: number } {
  const use = { guaranteed: 0, all: 0 };
  for (const { spec, status } of tasks) {
    if (status?.phase !== 'Running') continue;
    const gpu = spec.resources.gpu ?? 0;
    use.all += gpu;
    if (spec.priority !== 'Low') use.guaranteed += gpu;
  }
  return use;
}

/** Pools that share nodes, directly or through others, as lists of their names; in the order of the first of each. */
export function nodeSets(keysOf: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const poolsOf = new Map<string, string[]>();
  for (const [pool, keys] of keysOf) for (const key of keys) poolsOf.set(key, [...(poolsOf.get(key) ?? []), pool]);
  const seen = new Set<string>();
  const sets: string[][] = [];
  for (const pool of keysOf.keys()) {
    if (seen.has(pool)) continue;
    const set: string[] = [];
    const open = [pool];
    seen.add(pool);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      set.push(next);
      for (const neighbour of [...(keysOf.get(next) ?? [])].flatMap((key) => poolsOf.get(key) ?? [])) {
        if (seen.has(neighbour)) continue;
        seen.add(neighbour);
        open.push(neighbour);
      }
    }
    sets.push(set.toSorted());
  }
  return sets;
}
