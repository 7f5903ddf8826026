import {
  Api,
  type Bucket,
  ConditionTypes,
  type Dataset,
  DatasetReasons,
  type DatasetSpec,
  type DatasetStatus,
  DatasetType,
  type DatasetVersion,
} from '@osmo/crds';
import type { Desired, Plan } from '@osmo/kube';
import { type ConditionNow, conditionsOf } from '../conditions.ts';
import { latestOf } from '../workflow/data/versions.ts';

/** All that the plan of one dataset depends on. */
export interface DatasetWorld {
  readonly now: Date;
  readonly dataset: Dataset;
  /** All of its name; those of an earlier dataset may still be among them. */
  readonly versions: readonly DatasetVersion[];
  readonly bucket: Bucket | undefined;
}

/**
 * Says which versions there are and how much they hold, and takes over, once, the tag and the labels that a version asked
 * for: afterwards both are whoever's who changes the dataset.
 */
export function planDataset({ now, dataset, versions, bucket }: DatasetWorld): Plan<Dataset> {
  if (dataset.metadata.deletionTimestamp !== undefined) return {};
  const there = versions
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => a.spec.version - b.spec.version);
  const settled = dataset.status?.settledVersion ?? 0;
  const wishes = there.filter(({ spec }) => spec.version > settled);
  const wanted = withWishes(dataset.spec, wishes);
  return {
    apply: wanted === undefined ? [] : [change(dataset, wanted)],
    status: statusOf({ now, dataset, versions, bucket }, there),
  };
}

function statusOf(
  { now, dataset: { metadata, spec, status: former }, versions, bucket }: DatasetWorld,
  there: readonly DatasetVersion[],
): DatasetStatus {
  const latest = latestOf(there);
  const highest = versions.reduce((most, { spec: { version } }) => Math.max(most, version), 0);
  const ready: ConditionNow =
    bucket === undefined
      ? {
          ...{ type: ConditionTypes.ready, status: 'False', reason: DatasetReasons.bucketNotFound },
          message: `spec.bucket: ${JSON.stringify(spec.bucket)}: there is no such Bucket`,
        }
      : { type: ConditionTypes.ready, status: 'True', reason: DatasetReasons.available, message: '' };
  const { generation } = metadata;
  const sum = (read: (version: DatasetVersion['spec']) => number): number =>
    there.reduce((total, version) => total + read(version.spec), 0);
  return {
    conditions: conditionsOf(former?.conditions, [ready], { at: now, generation }),
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(latest !== undefined && { latestVersion: latest.spec.version }),
    lastVersion: Math.max(former?.lastVersion ?? 0, highest),
    settledVersion: Math.max(former?.settledVersion ?? 0, there.at(-1)?.spec.version ?? 0),
    versions: there.length,
    logicalBytes: sum(({ logicalBytes }) => logicalBytes),
    storedBytes: sum(({ storedBytes }) => storedBytes),
  };
}

/** Tags and labels with what these versions ask for, in their order; undefined when they ask for nothing new. */
function withWishes(
  { tags = [], labels = {} }: DatasetSpec,
  versions: readonly DatasetVersion[],
): Pick<DatasetSpec, 'tags' | 'labels'> | undefined {
  const moved = new Map(tags.map(({ name, version }) => [name, version]));
  let merged = labels;
  for (const { spec } of versions) {
    if (spec.tag !== undefined && spec.tag !== 'latest') moved.set(spec.tag, spec.version);
    if (spec.labels !== undefined) merged = merge(merged, spec.labels);
  }
  const next = [...moved].map(([name, version]) => ({ name, version }));
  if (JSON.stringify([tags, labels]) === JSON.stringify([next, merged])) return undefined;
  return { ...(next.length > 0 && { tags: next }), ...(Object.keys(merged).length > 0 && { labels: merged }) };
}

/** Recursively, as upstream merges labels: what is no map replaces what was there. */
function merge(into: Record<string, unknown>, from: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const before = merged[key];
    merged[key] = isMap(before) && isMap(value) ? merge(before, value) : value;
  }
  return merged;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The write that changes tags and labels: all of them, since what a further apply left out would be taken away; and only
 * at the version of the object that they were read from.
 */
function change({ metadata: { name, namespace, uid, resourceVersion } }: Dataset, spec: object): Desired {
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  return {
    mode: 'apply',
    type: DatasetType,
    object: { apiVersion: Api.apiVersion, kind: 'Dataset', metadata, spec } as Dataset,
  };
}
