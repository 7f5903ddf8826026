import type { Pool } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import { notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { resourceEntries } from './resources.ts';
import { poolEntry, poolQuota, type PoolWorld } from './view.ts';

const parameters = {
  all_pools: { type: 'boolean', description: 'All pools, as when no pool is named.' },
  pools: { type: 'texts', description: 'Only these pools.' },
} as const;

/** Reading pools, and what there is to run on. */
export function poolOperations({ caches, access }: Dependencies): Operation[] {
  const platform = (name: string) => caches.platforms.get(undefined, name);
  /** The pools that a caller asks for and may see, by name. */
  const visible = async (caller: Identity, query: { all_pools?: boolean | undefined; pools: readonly string[] }) => {
    await access.demand(caller, { verb: 'list', resource: 'pools' });
    const wanted = new Set(query.all_pools === true ? [] : query.pools);
    const isWanted = ({ metadata }: Pool): boolean => wanted.size === 0 || wanted.has(metadata.name);
    return caches.pools
      .list()
      .filter(isWanted)
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  };
  const world = (pools: readonly Pool[]): PoolWorld => ({
    pools,
    platforms: platform,
    backends: (name) => caches.backends.get(undefined, name),
    tasks: caches.tasks.list(),
  });
  return [
    operation({
      id: 'listPools',
      action: 'pool:List',
      method: 'get',
      path: '/api/pool',
      tag: 'Pools',
      summary: 'Lists pools',
      parameters,
      answer: { description: 'Pools by name.', schema: { type: 'object', required: ['pools'] } },
      async handle({ caller, query }) {
        const pools = await visible(caller, query);
        const entries = pools.map((pool) => poolEntry(pool, platform));
        return {
          json: {
            pools: Object.fromEntries(entries.map((entry) => [entry['name'], entry])),
            node_sets: entries.map((entry) => ({ pools: [entry] })),
          },
        };
      },
    }),
    operation({
      id: 'listPoolQuota',
      action: 'pool:List',
      method: 'get',
      path: '/api/pool_quota',
      tag: 'Pools',
      summary: 'Lists pools with their use of GPUs, those that share nodes together',
      parameters,
      answer: { description: 'Sets of pools.', schema: { type: 'object', required: ['node_sets', 'resource_sum'] } },
      handle: async ({ caller, query }) => ({ json: poolQuota(world(await visible(caller, query))) }),
    }),
    operation({
      id: 'listResources',
      action: 'resources:Read',
      method: 'get',
      path: '/api/resources',
      tag: 'Pools',
      summary: 'Lists what there is to run on: shapes of nodes, with how many there are',
      parameters: { ...parameters, platforms: { type: 'texts', description: 'Only these platforms.' } },
      answer: { description: 'Shapes of nodes.', schema: { type: 'object', required: ['resources'] } },
      handle: async ({ caller, query }) => ({
        json: { resources: resourceEntries(world(await visible(caller, query)), new Set(query.platforms)) },
      }),
    }),
    operation({
      id: 'getResource',
      action: 'resources:Read',
      method: 'get',
      path: '/api/resources/{name}',
      tag: 'Pools',
      summary: 'Reads one shape of nodes',
      answer: { description: 'The shape.', schema: { type: 'object', required: ['resources'] } },
      async handle({ caller, params }) {
        const all = resourceEntries(world(await visible(caller, { pools: [] })), new Set());
        const found = all.filter((entry) => entry['hostname'] === params['name']);
        if (found.length > 0) return { json: { resources: found } };
        throw notFound(
          `there is no resource ${JSON.stringify((params['name'] ?? '').slice(0, 128))}; "osmo resource list -a" (GET /api/resources?all_pools=true) lists them: each is a shape of nodes`,
        );
      },
    }),
  ];
}
