import type { Platform, Pool } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import { notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import type { Identity } from '../identity/identity.ts';
import { Platforms, Pools } from '../kinds.ts';
import { ConfigProblem, own, isJson } from './config-fields.ts';
import { patched } from './patch.ts';
import { mostPlatforms, platformsNamed, platformView, poolThen, poolView } from './pool-changes.ts';
import { type Change, configOf, current, refuseIfWrong, resourceName, writeAll } from './write.ts';

const body = {
  schema: {
    description: 'The configuration; or an object with it under `configs`, beside `description` and `tags`.',
    type: 'object',
  },
};
const verbose = { verbose: { type: 'boolean', description: 'Pod templates and rules too.' } } as const;
const nothing = { description: 'Null: it is done.', schema: { type: 'null' } };
const tag = 'Configuration';

/** Pools and their platforms in upstream's JSON, read from and written to the resources in the name of the caller. */
export function poolConfigOperations(dependencies: Dependencies): Operation[] {
  const { caches, access } = dependencies;
  const platformOf = (name: string) => caches.platforms.get(undefined, name);
  const see = (caller: Identity) => access.demand(caller, { verb: 'list', resource: 'pools' });
  const found = (name: string): Pool => {
    const pool = caches.pools.get(undefined, name);
    if (pool !== undefined) return pool;
    throw noPool(name);
  };
  /** Writes a pool; `next` makes its configuration of the one that it has, which is undefined for a new pool. */
  const change = async (
    caller: Identity,
    name: string,
    next: (old: Record<string, unknown> | undefined) => unknown,
    signal: AbortSignal,
  ): Promise<void> => {
    const client = dependencies.as(caller);
    const pool = await current(client, Pools, name, signal);
    const fresh = async (names: readonly string[]): Promise<Map<string, Platform | undefined>> =>
      new Map(
        await Promise.all(names.map(async (each) => [each, await current(client, Platforms, each, signal)] as const)),
      );
    const known = await fresh(pool?.spec.platforms ?? []);
    const config = problemsTold(() => next(pool && poolView(pool, (each) => known.get(each), false)));
    const named = platformsNamed(config);
    if (named.length > mostPlatforms) {
      refuseIfWrong([new ConfigProblem('pool.platforms', `there are ${named.length}, of at most ${mostPlatforms}`)]);
    }
    const platforms = new Map([...known, ...(await fresh(named.filter((each) => !known.has(each))))]);
    const others = caches.pools.list().filter(({ metadata }) => metadata.name !== name);
    const othersOf = (platform: string): string[] =>
      others.filter(({ spec }) => spec.platforms.includes(platform)).map(({ metadata }) => metadata.name);
    const then = poolThen({ name, pool, platforms, othersOf }, config);
    refuseIfWrong(then.problems);
    const changes: Change[] = [...then.platforms].map(([each, spec]) => ({
      type: Platforms,
      name: each,
      old: platforms.get(each),
      spec,
    }));
    await writeAll(client, [...changes, { type: Pools, name, old: pool, spec: then.pool }], signal);
  };
  return [
    operation({
      id: 'listPoolConfigs',
      action: 'config:Read',
      method: 'get',
      path: '/api/configs/pool',
      tag,
      summary: 'Reads how pools are set up',
      parameters: { ...verbose, backend: { type: 'text', description: 'Only of this backend.' } },
      answer: { description: 'Pools by name.', schema: { type: 'object', required: ['pools'] } },
      async handle({ caller, query }) {
        await see(caller);
        const pools = caches.pools
          .list()
          .filter(({ spec }) => query.backend === undefined || spec.backend === query.backend)
          .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
        const view = (pool: Pool) => [pool.metadata.name, poolView(pool, platformOf, query.verbose === true)];
        return { json: { pools: Object.fromEntries(pools.map(view)) as object } };
      },
    }),
    operation({
      id: 'getPoolConfig',
      action: 'config:Read',
      method: 'get',
      path: '/api/configs/pool/{name}',
      tag,
      summary: 'Reads how a pool is set up',
      parameters: verbose,
      answer: { description: 'The pool.', schema: { type: 'object' } },
      async handle({ caller, params, query }) {
        await see(caller);
        return { json: poolView(found(params['name'] ?? ''), platformOf, query.verbose === true) };
      },
    }),
    operation({
      id: 'putPoolConfig',
      action: 'config:Update',
      method: 'put',
      path: '/api/configs/pool/{name}',
      tag,
      summary: 'Sets a pool up, or makes one: what is left out goes back to its default',
      body,
      answer: nothing,
      async handle({ caller, params, body: sent, signal }) {
        await change(caller, params['name'] ?? '', () => configOf(sent), signal);
        return { json: null };
      },
    }),
    operation({
      id: 'patchPoolConfig',
      action: 'config:Update',
      method: 'patch',
      path: '/api/configs/pool/{name}',
      tag,
      summary: 'Changes how a pool is set up',
      description:
        'Objects merge; `{"$action": "delete"}` takes away, `"replace"` replaces, `$index` names an item of a list.',
      body,
      answer: nothing,
      async handle({ caller, params, body: sent, signal }) {
        const name = params['name'] ?? '';
        const next = (old: Record<string, unknown> | undefined): unknown => {
          if (old === undefined) throw noPool(name);
          return patched(old, configOf(sent), 'pool');
        };
        await change(caller, name, next, signal);
        return { json: null };
      },
    }),
    operation({
      id: 'deletePoolConfig',
      action: 'config:Delete',
      method: 'delete',
      path: '/api/configs/pool/{name}',
      tag,
      summary: 'Deletes a pool; its platforms stay',
      answer: nothing,
      async handle({ caller, params, signal }) {
        await dependencies.as(caller).delete(Pools, { name: resourceName(params['name']) }, { signal });
        return { json: null };
      },
    }),
    operation({
      id: 'listPlatformConfigs',
      action: 'config:Read',
      method: 'get',
      path: '/api/configs/pool/{name}/platform',
      tag,
      summary: 'Reads how the platforms of a pool are set up',
      parameters: verbose,
      answer: { description: 'Platforms by name.', schema: { type: 'object', required: ['platforms'] } },
      async handle({ caller, params, query }) {
        await see(caller);
        const { platforms } = poolView(found(params['name'] ?? ''), platformOf, query.verbose === true);
        return { json: { platforms } };
      },
    }),
    operation({
      id: 'getPlatformConfig',
      action: 'config:Read',
      method: 'get',
      path: '/api/configs/pool/{name}/platform/{platform}',
      tag,
      summary: 'Reads how a platform of a pool is set up',
      parameters: verbose,
      answer: { description: 'The platform.', schema: { type: 'object' } },
      async handle({ caller, params, query }) {
        await see(caller);
        const pool = found(params['name'] ?? '');
        const name = params['platform'] ?? '';
        const platform = pool.spec.platforms.includes(name) ? platformOf(name) : undefined;
        if (platform !== undefined) return { json: platformView(platform, query.verbose === true) };
        throw notFound(`pool ${pool.metadata.name} has no platform ${JSON.stringify(name.slice(0, 128))}`);
      },
    }),
    operation({
      id: 'putPlatformConfig',
      action: 'config:Update',
      method: 'put',
      path: '/api/configs/pool/{name}/platform/{platform}',
      tag,
      summary: 'Sets a platform of a pool up, or makes one',
      body,
      answer: nothing,
      async handle({ caller, params, body: sent, signal }) {
        const name = params['name'] ?? '';
        const next = (old: Record<string, unknown> | undefined): unknown => {
          if (old === undefined) throw noPool(name);
          const platforms = own(old, 'platforms');
          return {
            ...old,
            platforms: { ...(isJson(platforms) && platforms), [params['platform'] ?? '']: configOf(sent) },
          };
        };
        await change(caller, name, next, signal);
        return { json: null };
      },
    }),
  ];
}

function noPool(name: string): Error {
  return notFound(`there is no pool ${JSON.stringify(name.slice(0, 128))}; GET /api/configs/pool lists them`);
}

/** What a patch has wrong is the caller's. */
function problemsTold<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigProblem) refuseIfWrong([error]);
    throw error;
  }
}
