import type { Backend, Platform, Pool, ResourceSpec } from '@osmo/crds';
import { platformNameOf } from './needs.ts';

/** What a workflow names, as far as it exists. */
export interface Surroundings {
  readonly poolName: string;
  readonly pool: Pool | undefined;
  readonly backend: Backend | undefined;
  /** Platforms of the pool that exist, by name. */
  readonly platforms: ReadonlyMap<string, Platform>;
}

/** The platform of tasks with this resource, if it exists. */
export function platformOf(
  resource: ResourceSpec | undefined,
  { pool, platforms }: Surroundings,
): Platform | undefined {
  return pool && platforms.get(platformNameOf(resource, pool) ?? '');
}

/** For messages: `platform "a100"`. */
export function platformWords(platform: Platform | undefined): string {
  return platform === undefined
    ? 'the pool, which has no platform'
    : `platform ${JSON.stringify(platform.metadata.name)}`;
}
