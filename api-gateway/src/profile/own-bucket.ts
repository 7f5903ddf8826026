import { type User, userObjectName } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import type { BucketRef } from '../datasets/names.ts';
import type { Identity } from '../identity/identity.ts';

/** The settings of somebody, as far as the cache knows them. */
export function settingsOf(
  { users }: Pick<Dependencies['caches'], 'users'>,
  { user }: Pick<Identity, 'user'>,
): User['spec'] | undefined {
  const known = users.get(undefined, userObjectName(user));
  return known?.spec.user === user ? known.spec : undefined;
}

/**
 * The bucket that somebody wants names of datasets without one to mean (upstream's profile, up to 6.3.1); undefined when they have set
 * none, or it is in another namespace. Whether it is there nobody has looked: to take another one silently would put data where
 * nobody looks for it.
 *
 * @param namespace that the names are of; undefined: of any
 */
export function ownBucket(
  caches: Pick<Dependencies['caches'], 'users'>,
  caller: Pick<Identity, 'user'>,
  namespace: string | undefined,
): BucketRef | undefined {
  const [home, name] = settingsOf(caches, caller)?.bucket?.split('.') ?? [];
  if (home === undefined || name === undefined || (namespace !== undefined && namespace !== home)) return undefined;
  return { namespace: home, name };
}
