import type { Bucket, Dataset, DatasetVersion } from '@osmo/crds';
import type { Clock, Informer, KubeObject } from '@osmo/kube';
import { seen } from '../apps/seen.ts';
import type { Caches } from '../caches.ts';
import { Changes } from '../system/changes.ts';

/** Waits until this replica's caches show what was just written, so that who writes and then reads sees it. */
export interface Writing {
  bucketSeen: (bucket: Bucket) => Promise<void>;
  bucketGone: (bucket: Bucket) => Promise<void>;
  datasetSeen: (dataset: Dataset) => Promise<void>;
  datasetGone: (dataset: Dataset) => Promise<void>;
  versionSeen: (version: DatasetVersion) => Promise<void>;
  versionGone: (version: DatasetVersion) => Promise<void>;
}

/** How long an answer waits for this replica's own cache to forget, ms. */
const longestMs = 10_000;

export function newWriting({ buckets, datasets, datasetVersions }: Caches, clock: Clock): Writing {
  const [ofBuckets, ofDatasets, ofVersions] = [
    new Changes(buckets),
    new Changes(datasets),
    new Changes(datasetVersions),
  ];
  return {
    bucketSeen: (bucket) => seen(buckets, ofBuckets, bucket, clock),
    bucketGone: (bucket) => gone(buckets, ofBuckets, bucket, clock),
    datasetSeen: (dataset) => seen(datasets, ofDatasets, dataset, clock),
    datasetGone: (dataset) => gone(datasets, ofDatasets, dataset, clock),
    versionSeen: (version) => seen(datasetVersions, ofVersions, version, clock),
    versionGone: (version) => gone(datasetVersions, ofVersions, version, clock),
  };
}

/** Resolves when a cache has forgotten an object, or knows that it is going; after ten seconds in any case. */
function gone<T extends KubeObject>(
  informer: Informer<T>,
  changes: Changes<T>,
  { metadata: { namespace, name, uid } }: T,
  clock: Clock,
): Promise<void> {
  const isGone = (): boolean => {
    const now = informer.get(namespace, name)?.metadata;
    return now === undefined || now.uid !== uid || now.deletionTimestamp !== undefined;
  };
  if (isGone()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = changes.listen(() => {
      if (isGone()) end();
    });
    const cancel = clock.setTimeout(longestMs, end);
    function end(): void {
      stop();
      cancel();
      resolve();
    }
  });
}
