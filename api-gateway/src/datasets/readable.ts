import { readableNamespaces } from '../access/namespaces.ts';
import type { Identity } from '../identity/identity.ts';
import type { Reading } from './find.ts';

/**
 * The test whether a caller may list buckets, or datasets, of a namespace.
 *
 * @param namespace only of this one
 * @throws RequestError 403 for a namespace that was asked for by name
 */
export async function readable(
  { access, caches }: Pick<Reading, 'access' | 'caches'>,
  caller: Identity,
  resource: 'buckets' | 'datasets',
  namespace: string | undefined,
): Promise<(object: { metadata: { namespace?: string | undefined } }) => boolean> {
  if (namespace !== undefined) {
    await access.demand(caller, { verb: 'list', resource, namespace });
    return ({ metadata }) => metadata.namespace === namespace;
  }
  const allowed = await readableNamespaces(access, caller, resource, function* namespaces() {
    for (const { metadata } of caches[resource].list()) yield metadata.namespace ?? '';
  });
  return ({ metadata }) => allowed === 'all' || allowed.has(metadata.namespace ?? '');
}
