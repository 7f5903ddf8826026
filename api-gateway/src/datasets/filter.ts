import type { Dataset } from '@osmo/crds';
import { badRequest } from '../http/errors.ts';
import type { Values } from '../http/operation.ts';
import { glob } from '../workflows/glob.ts';
import { type Reading, stays, versionsOf } from './find.ts';
import { bucketRefOf } from './names.ts';
import { userOf } from './view.ts';

/** The query of a list of datasets. */
export const listParameters = {
  name: { type: 'text', description: 'Only whose name holds this text; `*` stands for anything.' },
  user: {
    type: 'texts',
    description: 'Only of these users. When neither this nor all_users is given: those that the caller has a part in.',
  },
  all_users: { type: 'boolean', description: 'Of all users.' },
  buckets: { type: 'texts', description: 'Only in these buckets.' },
  dataset_type: { type: 'text', description: 'Only of this type.', enum: ['DATASET', 'COLLECTION'] },
  latest_before: { type: 'time', description: 'Only whose newest version is older.' },
  latest_after: { type: 'time', description: 'Only whose newest version is at least as new.' },
  namespace: { type: 'text', description: 'Only in this namespace; in all that the caller may read when not given.' },
  order: { type: 'text', description: 'ASC: oldest first; DESC: newest first, the default.', enum: ['ASC', 'DESC'] },
  offset: { type: 'integer', description: 'How many to leave out at the front.', minimum: 0, maximum: 10_000_000 },
  count: { type: 'integer', description: 'Most to answer; 20 when not given.', minimum: 1, maximum: 1000 },
} as const;

/**
 * The test that a query asks of each dataset.
 *
 * @throws RequestError 400 for a pattern or the name of a bucket that can't be read
 */
export function datasetFilter(
  query: Values<typeof listParameters>,
  caller: string,
  { caches, defaultNamespace }: Pick<Reading, 'caches' | 'defaultNamespace'>,
): (dataset: Dataset) => boolean {
  const { name, user, all_users: allUsers = false, buckets, dataset_type: type, latest_before, latest_after } = query;
  const named = name === undefined ? undefined : glob(`*${name.toLowerCase()}*`);
  if (name !== undefined && named === undefined)
    throw badRequest(`name: ${JSON.stringify(name.slice(0, 64))}: parentheses must match, as in (a|b)`);
  const places = new Set(
    buckets.map((id) => bucketRefOf(id, defaultNamespace)).map((ref) => `${ref.namespace}/${ref.name}`),
  );
  const users = new Set(user);
  return (dataset) => {
    const { metadata, spec } = dataset;
    if (named?.(spec.name.toLowerCase()) === false) return false;
    if (places.size > 0 && !places.has(`${metadata.namespace}/${spec.bucket}`)) return false;
    if (type !== undefined && (type === 'COLLECTION') !== (spec.type === 'Collection')) return false;
    const all = allUsers && users.size === 0;
    if (all && latest_before === undefined && latest_after === undefined) return true;
    const versions = versionsOf(caches, dataset);
    if (!all) {
      const own = userOf(dataset, versions);
      if (users.size > 0 ? !users.has(own) : own !== caller && !versions.some((each) => each.spec.createdBy === caller))
        return false;
    }
    const newest = Date.parse(versions.find(stays)?.metadata.creationTimestamp ?? '');
    if (latest_before !== undefined && !(newest < latest_before.getTime())) return false;
    return latest_after === undefined || newest >= latest_after.getTime();
  };
}
