import { type Bucket, type Dataset, datasetObjectName, type DatasetVersion } from '@osmo/crds';
import { Indexes } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import { notFound } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { type BucketRef, bucketRefOf, datasetNameOf, type VersionName, versionNameOf } from './names.ts';

export type Reading = Pick<Dependencies, 'caches' | 'access' | 'defaultNamespace'>;

/** A dataset that the caller may read. */
export interface FoundDataset {
  ref: BucketRef;
  /** Undefined only for a dataset that was made before its bucket. */
  bucket: Bucket | undefined;
  dataset: Dataset;
  /** Newest first; those that are going too. */
  versions: DatasetVersion[];
}

/**
 * Looks a bucket up for somebody, in the cache.
 *
 * @throws RequestError 400, 403 when they may not read it, whether it exists or not; 404 when it doesn't
 */
export async function findBucket(
  { caches, access, defaultNamespace }: Reading,
  caller: Identity,
  id: string,
): Promise<{ ref: BucketRef; bucket: Bucket }> {
  const ref = bucketRefOf(id, defaultNamespace);
  await access.demand(caller, { verb: 'get', resource: 'buckets', ...ref });
  const bucket = caches.buckets.get(ref.namespace, ref.name);
  if (bucket === undefined) throw notFound(`there is no bucket ${JSON.stringify(id)}; GET /api/bucket lists them`);
  return { ref, bucket };
}

/**
 * Looks a dataset or collection up for somebody, in the cache.
 *
 * @throws RequestError 400, 403 when they may not read it, whether it exists or not; 404 when it doesn't
 */
export async function findDataset(
  { caches, access, defaultNamespace }: Reading,
  caller: Identity,
  { bucket: id = '', name: written = '' }: Readonly<Record<string, string>>,
): Promise<FoundDataset> {
  const ref = bucketRefOf(id, defaultNamespace);
  const { namespace } = ref;
  const name = datasetObjectName(ref.name, datasetNameOf(written));
  await access.demand(caller, { verb: 'get', resource: 'datasets', namespace, name });
  const dataset = caches.datasets.get(namespace, name);
  if (dataset === undefined)
    throw notFound(
      `there is no dataset ${JSON.stringify(written)} in bucket ${id}; GET /api/bucket/list_dataset?all_users=true lists them`,
    );
  return { ref, bucket: caches.buckets.get(namespace, ref.name), dataset, versions: versionsOf(caches, dataset) };
}

/** The versions of a dataset that the cache knows, newest first; those that are going too. */
export function versionsOf({ datasetVersions }: Pick<Dependencies['caches'], 'datasetVersions'>, dataset: Dataset) {
  return datasetVersions
    .byIndex(Indexes.dataset, `${dataset.metadata.namespace}/${dataset.metadata.name}`)
    .toSorted((a, b) => b.spec.version - a.spec.version);
}

/** Whether a version stays. */
export const stays = ({ metadata }: DatasetVersion): boolean => metadata.deletionTimestamp === undefined;

/** The version that `latest` means: the newest one that stays and wasn't left by a task that failed. */
export function latestOf(versions: readonly DatasetVersion[]): DatasetVersion | undefined {
  return versions.find((version) => stays(version) && version.spec.provenance?.outcome !== 'Failed');
}

/** The version that a number, a tag or `latest` means; undefined when there is none. */
export function versionNamed(
  { spec }: Dataset,
  versions: readonly DatasetVersion[],
  named: VersionName,
): DatasetVersion | undefined {
  const numbered = (number: number | undefined): DatasetVersion | undefined =>
    versions.find((version) => stays(version) && version.spec.version === number);
  if ('number' in named) return numbered(named.number);
  if (named.tag === 'latest') return latestOf(versions);
  return numbered(spec.tags?.find(({ name }) => name === named.tag)?.version);
}

/**
 * One version of a dataset; the latest when none is named.
 *
 * @throws RequestError 400, 404
 */
export function versionOf({ dataset, versions }: FoundDataset, written: string | undefined): DatasetVersion {
  const found = versionNamed(dataset, versions, versionNameOf(written ?? 'latest'));
  if (found !== undefined) return found;
  const { name } = dataset.spec;
  const newest = latestOf(versions);
  if (newest === undefined) throw notFound(`dataset ${name} has no version yet; upload one`);
  throw notFound(`dataset ${name} has no version ${JSON.stringify(written)}; the latest is ${newest.spec.version}`);
}

/** Tags of a version, sorted; with `latest`. */
export function tagsOf({ spec }: Dataset, version: DatasetVersion, latest: DatasetVersion | undefined): string[] {
  const own = (spec.tags ?? []).filter((tag) => tag.version === version.spec.version).map(({ name }) => name);
  return [...own, ...(latest === version ? ['latest'] : [])].toSorted();
}

/** Collections that hold a version, or any version, of a dataset. */
export function collectionsOf(
  { datasets }: Pick<Dependencies['caches'], 'datasets'>,
  { metadata }: Dataset,
  version?: number,
): Dataset[] {
  return datasets
    .byIndex(Indexes.member, `${metadata.namespace}/${metadata.name}`)
    .filter(
      ({ spec, metadata: { deletionTimestamp } }) =>
        deletionTimestamp === undefined &&
        (version === undefined ||
          spec.members?.some((member) => member.dataset === metadata.name && member.version === version) === true),
    );
}
