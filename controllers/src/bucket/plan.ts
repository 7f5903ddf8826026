import { type Bucket, BucketReasons, ConditionTypes, type Dataset, defaultBucketOf } from '@osmo/crds';
import type { Plan } from '@osmo/kube';
import { parseStoreUrl } from '@osmo/storage';
import { type ConditionNow, conditionsOf } from '../conditions.ts';

/** All that the plan of one bucket depends on. */
export interface BucketWorld {
  readonly now: Date;
  readonly bucket: Bucket;
  /** The datasets that name it. */
  readonly datasets: readonly Dataset[];
  /** All buckets of the namespace. */
  readonly buckets: readonly Bucket[];
}

/** Says whether the bucket can be used, and what its datasets hold by their own account. */
export function planBucket({ now, bucket, datasets, buckets }: BucketWorld): Plan<Bucket> {
  if (bucket.metadata.deletionTimestamp !== undefined) return {};
  const { generation } = bucket.metadata;
  const sum = (read: (status: NonNullable<Dataset['status']>) => number | undefined): number =>
    datasets.reduce((total, { status }) => total + (status === undefined ? 0 : (read(status) ?? 0)), 0);
  return {
    status: {
      conditions: conditionsOf(bucket.status?.conditions, [readiness(bucket, buckets)], { at: now, generation }),
      ...(generation !== undefined && { observedGeneration: generation }),
      datasets: datasets.length,
      versions: sum(({ versions }) => versions),
      logicalBytes: sum(({ logicalBytes }) => logicalBytes),
      storedBytes: sum(({ storedBytes }) => storedBytes),
    },
  };
}

function readiness({ metadata, spec }: Bucket, buckets: readonly Bucket[]): ConditionNow {
  const type = ConditionTypes.ready;
  const wrong = problemOf(spec.url);
  if (wrong !== undefined)
    return { type, status: 'False', reason: BucketReasons.invalidUrl, message: `spec.url: ${wrong}` };
  const chosen = defaultBucketOf(buckets)?.metadata.name;
  if (spec.default && chosen !== metadata.name) {
    const message = `spec.default: bucket ${JSON.stringify(chosen)} is the default of the namespace; only one can be, and names without a bucket mean that one`;
    return { type, status: 'False', reason: BucketReasons.otherDefault, message };
  }
  return { type, status: 'True', reason: BucketReasons.available, message: '' };
}

function problemOf(url: string): string | undefined {
  try {
    parseStoreUrl(url);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
