import type { BackendShape } from '@osmo/crds';
import { parseQuantity, quantityToNumber } from '@osmo/kube';
import { shapesOf } from './capacity.ts';
import { platformEntry, type PoolWorld } from './view.ts';

/**
 * What there is to run on, in upstream's shape. Upstream lists nodes; hubs here know shapes of nodes, with how many there
 * are, so that an entry is a shape and `node` is its backend and id.
 */
export function resourceEntries(world: PoolWorld, platforms: ReadonlySet<string>): Record<string, unknown>[] {
  const entries = new Map<string, Entry>();
  for (const pool of world.pools) {
    for (const { backend, platform, shape } of shapesOf(pool, world.platforms, world.backends(pool.spec.backend))) {
      if (platforms.size > 0 && !platforms.has(platform)) continue;
      const node = `${backend}-${shape.id}`;
      const entry = entries.get(node) ?? { node, backend, shape, pools: new Map<string, string[]>() };
      entries.set(node, entry);
      const { name } = pool.metadata;
      entry.pools.set(name, [...(entry.pools.get(name) ?? []), platform]);
    }
  }
  return [...entries.values()].map((entry) => entryView(entry, world)).toSorted(byHostname);
}

interface Entry {
  node: string;
  backend: string;
  shape: BackendShape;
  /** Platforms by pool. */
  pools: Map<string, string[]>;
}

function entryView({ node, backend, shape, pools }: Entry, { platforms }: PoolWorld): Record<string, unknown> {
  const allocatable = { ...shape.allocatable, cpu: plainNumber(shape.allocatable.cpu) };
  const perPlatform = <T>(value: (platform: string) => T): Record<string, Record<string, T>> =>
    Object.fromEntries(
      [...pools].map(([pool, names]) => [pool, Object.fromEntries(names.map((name) => [name, value(name)]))]),
    );
  return {
    hostname: node,
    backend,
    resource_type: pools.size > 1 ? 'SHARED' : 'RESERVED',
    nodes: shape.count,
    available_nodes: shape.available,
    exposed_fields: {
      node,
      'pool/platform': [...pools].flatMap(([pool, names]) => names.map((name) => `${pool}/${name}`)),
      ...allocatable,
    },
    usage_fields: {},
    non_workflow_usage_fields: {},
    allocatable_fields: allocatable,
    platform_allocatable_fields: perPlatform(() => allocatable),
    config_fields: perPlatform((name) => {
      const { host_network_allowed, privileged_allowed, default_mounts, allowed_mounts } = platformEntry(
        platforms(name),
      );
      return { host_network: host_network_allowed, privileged: privileged_allowed, default_mounts, allowed_mounts };
    }),
    pool_platform_labels: Object.fromEntries(pools),
    taints: shape.taints,
    label_fields: shape.labels,
    conditions: [],
  };
}

/** Upstream's client reads CPUs as plain numbers: `3920m` would break it. */
function plainNumber(quantity: string | number): string {
  return String(quantityToNumber(parseQuantity(String(quantity))));
}

function byHostname(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a['hostname']) < String(b['hostname']) ? -1 : 1;
}
