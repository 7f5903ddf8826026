import type { Pool } from '@osmo/crds';
import type { Informer } from '@osmo/kube';
import type { Access } from '../access/access.ts';
import type { Identity } from '../identity/identity.ts';

/** Questions to the authorizer at once. */
const atOnce = 8;

/** Names of the pools that somebody may submit to: those with the verb `use`, by name. */
export async function usablePools(
  pools: Pick<Informer<Pool>, 'list'>,
  access: Pick<Access, 'may'>,
  caller: Identity,
): Promise<string[]> {
  const names = pools
    .list()
    .map(({ metadata }) => metadata.name)
    .toSorted();
  // Who may use all is asked about once.
  if (await access.may(caller, { verb: 'use', resource: 'pools' })) return names;
  const usable: string[] = [];
  for (let at = 0; at < names.length; at += atOnce) {
    const some = names.slice(at, at + atOnce);
    // oxlint-disable-next-line no-await-in-loop
    const may = await Promise.all(some.map((name) => access.may(caller, { verb: 'use', resource: 'pools', name })));
    usable.push(...some.filter((_, index) => may[index] === true));
  }
  return usable;
}
