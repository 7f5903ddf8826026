import { Annotations, type Bucket, type Dataset, type DatasetVersion } from '@osmo/crds';
import { plainTime } from '../workflows/times.ts';
import { idOf } from '../workflows/ids.ts';
import { collectionsOf, type FoundDataset, latestOf, type Reading, stays, tagsOf } from './find.ts';
import type { QueryRecord } from './query/index.ts';

/** One bucket, in upstream's shape and with what ours has beyond. */
export function bucketEntry({ metadata, spec, status }: Bucket): Record<string, unknown> {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    path: spec.url,
    region: /[?&]region=([a-z0-9-]+)/.exec(spec.url)?.[1] ?? '',
    description: spec.description ?? '',
    mode: spec.mode === 'ReadOnly' ? 'read-only' : 'read-write',
    default_cred: spec.credential !== undefined,
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    credential: spec.credential ?? null,
    created_date: plainTime(metadata.creationTimestamp),
    ready: ready === undefined ? null : ready.status === 'True',
    message: ready?.message ?? '',
    datasets: status?.datasets ?? 0,
    versions: status?.versions ?? 0,
    size: status?.logicalBytes ?? 0,
    stored_size: status?.storedBytes ?? 0,
  };
}

/** Who made a dataset: whoever the object names, else who made its first version. */
export function userOf({ metadata }: Dataset, versions: readonly DatasetVersion[]): string {
  return metadata.annotations?.[Annotations.submittedBy] ?? versions.at(-1)?.spec.createdBy ?? '';
}

/** Name of the bucket of a dataset, as clients write it. */
export const bucketIdOf = ({ metadata, spec }: Dataset, defaultNamespace: string): string =>
  idOf({ namespace: metadata.namespace ?? '', name: spec.bucket }, defaultNamespace);

/** One dataset or collection in a list. */
export function datasetEntry(
  dataset: Dataset,
  versions: readonly DatasetVersion[],
  defaultNamespace: string,
): Record<string, unknown> {
  const { metadata, spec } = dataset;
  const staying = versions.filter(stays);
  const sum = (of: (version: DatasetVersion) => number): number =>
    staying.reduce((total, version) => total + of(version), 0);
  return {
    name: spec.name,
    id: metadata.uid ?? '',
    bucket: bucketIdOf(dataset, defaultNamespace),
    namespace: metadata.namespace ?? '',
    type: spec.type === 'Collection' ? 'COLLECTION' : 'DATASET',
    is_collection: spec.type === 'Collection',
    user: userOf(dataset, versions),
    created_date: plainTime(metadata.creationTimestamp),
    last_created: plainTime(staying[0]?.metadata.creationTimestamp),
    last_version: latestOf(versions)?.spec.version ?? null,
    size: sum((version) => version.spec.storedBytes),
    logical_size: sum((version) => version.spec.logicalBytes),
  };
}

/** One version of a dataset. */
export function versionEntry(
  { dataset, versions }: Pick<FoundDataset, 'dataset' | 'versions'>,
  version: DatasetVersion,
  caches: Reading['caches'],
): Record<string, unknown> {
  const { metadata, spec } = version;
  return {
    name: spec.version.toString(),
    version: spec.version,
    status: stays(version) ? 'READY' : 'PENDING_DELETE',
    created_by: spec.createdBy ?? '',
    created_date: plainTime(metadata.creationTimestamp),
    // What is read leaves no trace in the cluster: a write for each download would cost more than it tells.
    last_used: null,
    size: spec.logicalBytes,
    stored_size: spec.storedBytes,
    files: spec.files,
    checksum: spec.manifest,
    tags: tagsOf(dataset, version, latestOf(versions)),
    collections: collectionsOf(caches, dataset, spec.version).map((each) => each.spec.name),
    metadata: { description: '', ...spec.metadata },
    provenance: spec.provenance ?? null,
  };
}

/** What queries are asked about. */
export function queryRecord(
  dataset: Dataset,
  versions: readonly DatasetVersion[],
  version?: DatasetVersion,
): QueryRecord {
  const { metadata, spec } = dataset;
  return {
    name: spec.name,
    id: metadata.uid ?? '',
    user: version === undefined ? userOf(dataset, versions) : (version.spec.createdBy ?? ''),
    created_date: (version ?? dataset).metadata.creationTimestamp ?? '',
    is_collection: spec.type === 'Collection',
    // Free JSON, as the apiserver has read it.
    label: (spec.labels ?? {}) as QueryRecord['label'],
    ...(version !== undefined && {
      version: version.spec.version,
      metadata: { description: '', ...version.spec.metadata },
    }),
  };
}
