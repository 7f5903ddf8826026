/** A dataset as recipes and commands name it. */
export interface DatasetReference {
  /** Name of the Bucket object; undefined means the namespace's default bucket. */
  readonly bucket: string | undefined;
  /** Name of the dataset as it was written. */
  readonly name: string;
  /** Number, tag or `latest`, as it was written; undefined when nothing was. */
  readonly version: string | undefined;
}

/** Upstream's names (letters, digits, `-`, `_`) as objects can bear them: in lower case, with `-` for `_`. */
export function nameAsObject(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

const word = '[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?';
const reference = new RegExp(`^(?:(${word})/)?(${word})(?::([a-zA-Z0-9_.-]{1,63}))?$`);

/** Reads `[bucket/]name[:version or tag]`; undefined when it is none. */
export function readDatasetReference(text: string): DatasetReference | undefined {
  const [, bucket, name, version] = reference.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { bucket: bucket === undefined ? undefined : nameAsObject(bucket), name, version };
}

/** Name of the Dataset object of a dataset in a bucket. A bucket's name has no dot, so no two pairs clash. */
export function datasetObjectName(bucket: string, name: string): string {
  return `${nameAsObject(bucket)}.${nameAsObject(name)}`;
}

/** Name of the DatasetVersion object: whoever creates it has the number. */
export function datasetVersionName(datasetObject: string, version: number): string {
  return `${datasetObject}.${version}`;
}

/** What decides which of the buckets of a namespace is meant where none is named. */
interface BucketChoice {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly default: boolean };
}

/**
 * The bucket that names of datasets without one mean: the one that says so, the first by name when several do; else the
 * only one that there is.
 */
export function defaultBucketOf<B extends BucketChoice>(buckets: readonly B[]): B | undefined {
  const there = buckets.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const named = there.filter(({ spec }) => spec.default);
  if (named.length === 0) return there.length === 1 ? there[0] : undefined;
  return named.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}
