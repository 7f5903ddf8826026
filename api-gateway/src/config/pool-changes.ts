import type { Platform, PlatformSpecInput, Pool, PoolSpecInput } from '@osmo/crds';
import { poolStatus } from '../pools/view.ts';
import { ConfigProblem, isJson, type Json, own, viewOf, withConfig } from './config-fields.ts';
import { platformShape } from './platform-config.ts';
import { poolShape } from './pool-config.ts';
import { rulesView } from './resource-rules.ts';

/** Platforms of one pool. */
export const mostPlatforms = 64;

/** A pool with its platforms in upstream's JSON. What is verbose stands in there too, instead of under its name only. */
export function poolView(
  pool: Pool,
  platforms: (name: string) => Platform | undefined,
  verbose: boolean,
): Record<string, unknown> {
  const { metadata, spec } = pool;
  return {
    name: metadata.name,
    ...viewOf(poolShape(metadata.name), spec),
    download_type: 'download',
    status: poolStatus(pool),
    platforms: Object.fromEntries(
      spec.platforms.flatMap((name) => {
        const platform = platforms(name);
        return platform === undefined ? [] : [[name, platformView(platform, verbose)]];
      }),
    ),
    ...(verbose && {
      parsed_pod_template: spec.podTemplate ?? {},
      parsed_resource_validations: rulesView(spec.resourceRules ?? []),
    }),
  };
}

/** A platform in upstream's JSON. */
export function platformView({ metadata, spec }: Platform, verbose: boolean): Record<string, unknown> {
  const view = viewOf(platformShape(metadata.name), spec);
  return verbose ? { ...view, parsed_pod_template: spec.podTemplate ?? {} } : view;
}

/** What a pool is now, and its platforms; absent where there is none. */
export interface PoolNow {
  name: string;
  pool: Pool | undefined;
  /** As many as the configuration names, and those of the pool. */
  platforms: ReadonlyMap<string, Platform | undefined>;
  /** Names of other pools that have a platform too. */
  othersOf: (platform: string) => readonly string[];
}

/** What becomes of a pool and its platforms by a configuration. */
export interface PoolThen {
  pool: PoolSpecInput;
  platforms: ReadonlyMap<string, PlatformSpecInput>;
  problems: ConfigProblem[];
}

/** The platforms that a configuration names, in its order. */
export function platformsNamed(config: unknown): string[] {
  const platforms = isJson(config) ? own(config, 'platforms') : undefined;
  return isJson(platforms) ? Object.keys(platforms) : [];
}

/**
 * The resources that a pool in upstream's JSON stands for. A platform is a resource of its own here, so that one which other pools have too
 * can't be changed on behalf of one of them; one that is left out goes from the pool, and stays as a resource.
 */
export function poolThen(now: PoolNow, config: unknown): PoolThen {
  const { name, pool } = now;
  const start: PoolSpecInput = pool?.spec ?? { backend: '' };
  const { spec, problems } = withConfig(poolShape(name), start, config, 'pool');
  const platforms = new Map<string, PlatformSpecInput>();
  const given = isJson(config) ? (own(config, 'platforms') ?? {}) : {};
  if (!isJson(given)) problems.push(new ConfigProblem('pool.platforms', 'must be an object of platforms by name'));
  const asked: Json = isJson(given) ? given : {};
  for (const [platform, own_] of Object.entries(asked)) {
    const then = platformThen(now, platform, own_);
    problems.push(...then.problems);
    platforms.set(platform, then.spec);
  }
  const before = start.platforms ?? [];
  const names = [
    ...before.filter((each) => platforms.has(each)),
    ...[...platforms.keys()].filter((each) => !before.includes(each)),
  ];
  return { pool: { ...spec, platforms: names }, platforms, problems };
}

function platformThen(
  { platforms, othersOf }: PoolNow,
  name: string,
  config: unknown,
): { spec: PlatformSpecInput; problems: ConfigProblem[] } {
  const path = `pool.platforms.${name.slice(0, 64)}`;
  const old = platforms.get(name);
  const start: PlatformSpecInput = old?.spec ?? {};
  const result = withConfig<PlatformSpecInput>(platformShape(name), start, config, path);
  const others = othersOf(name);
  // The very same object comes back when nothing changes.
  if (old === undefined || others.length === 0 || result.spec === start || isSame(result.spec, start)) return result;
  const whose = others.slice(0, 5).join(', ');
  const message = `is of ${whose} too: change the Platform resource ${name} itself, for all of them`;
  return { ...result, problems: [...result.problems, new ConfigProblem(path, message)] };
}

function isSame(a: PlatformSpecInput, b: PlatformSpecInput): boolean {
  const shape = platformShape('');
  return JSON.stringify(viewOf(shape, a)) === JSON.stringify(viewOf(shape, b));
}
