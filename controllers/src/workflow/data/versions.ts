import {
  type Bucket,
  type Dataset,
  datasetObjectName,
  type DatasetVersion,
  datasetVersionName,
  defaultBucketOf,
  readDatasetReference,
} from '@osmo/crds';
import { bucketsOf, datasetOf } from './awaited.ts';
import { type Catalog, Missing } from './catalog.ts';

/** A bucket, and a name of a dataset in it that need not exist. */
export interface Place {
  readonly bucket: Bucket;
  /** As it was written. */
  readonly name: string;
  /** Name of the Dataset object. */
  readonly object: string;
  /** Number, tag or `latest`, as it was written. */
  readonly version: string | undefined;
}

/** Finds the bucket of `[bucket/]name[:version]`. `path` is the field that says it. */
export function placeOf(text: string, path: string, namespace: string, catalog: Catalog): Place | Missing {
  const reference = readDatasetReference(text);
  if (reference === undefined) {
    return new Missing(
      `${path}: ${JSON.stringify(text)} is no name of a dataset; allowed is '[bucket/]name[:version or tag]'`,
      // A name that is made of tokens stays as it is.
      [],
    );
  }
  const { name, version } = reference;
  const bucket =
    reference.bucket === undefined
      ? defaultBucketOf(catalog.buckets(namespace))
      : catalog.bucket(namespace, reference.bucket);
  if (bucket === undefined || bucket.metadata.deletionTimestamp !== undefined) {
    const what =
      reference.bucket === undefined
        ? `names no bucket, and none of the namespace is the default; name one, or set spec.default of a Bucket`
        : `the namespace has no Bucket ${JSON.stringify(reference.bucket)}`;
    return new Missing(`${path}: ${JSON.stringify(text)}: ${what}`, [bucketsOf(namespace)]);
  }
  return { bucket, name, object: datasetObjectName(bucket.metadata.name, name), version };
}

/** The version that a number, a tag, `latest` or nothing means. */
export function versionOf(
  dataset: Dataset,
  wanted: string | undefined,
  path: string,
  namespace: string,
  catalog: Catalog,
): DatasetVersion | Missing {
  const object = dataset.metadata.name;
  const missing = (what: string): Missing =>
    new Missing(`${path}: dataset ${JSON.stringify(object)} ${what}`, [datasetOf(namespace, object)]);
  if (wanted === undefined || wanted === 'latest') {
    return latestOf(catalog.versions(namespace, object)) ?? missing('has no version that a task has completed yet');
  }
  const number = /^[1-9][0-9]{0,9}$/.test(wanted)
    ? Number(wanted)
    : dataset.spec.tags?.find(({ name }) => name === wanted)?.version;
  if (number === undefined) {
    const tags = (dataset.spec.tags ?? []).map(({ name }) => name).slice(0, 10);
    const allowed = tags.length === 0 ? 'it has no tags' : `its tags are ${tags.join(', ')}`;
    return missing(`has no tag ${JSON.stringify(wanted)}; ${allowed}`);
  }
  const version = catalog.version(namespace, datasetVersionName(object, number));
  if (version !== undefined && isThere(version)) return version;
  return missing(`has no version ${number}`);
}

/** The newest version that stays and that no failed task made. */
export function latestOf(versions: readonly DatasetVersion[]): DatasetVersion | undefined {
  return versions
    .filter((version) => isThere(version) && version.spec.provenance?.outcome !== 'Failed')
    .reduce<DatasetVersion | undefined>(
      (latest, each) => (latest === undefined || each.spec.version > latest.spec.version ? each : latest),
      undefined,
    );
}

/** The number after the highest that was ever given, as far as the cache knows: the name of the object decides. */
export function nextNumber(dataset: Dataset, versions: readonly DatasetVersion[]): number {
  return versions.reduce((most, { spec }) => Math.max(most, spec.version), dataset.status?.lastVersion ?? 0) + 1;
}

const isThere = ({ metadata }: DatasetVersion): boolean => metadata.deletionTimestamp === undefined;
