import type { Bucket, Dataset } from '@osmo/crds';
import { changed, type ControllerDefinition, defineController, generationChanged, watching } from '@osmo/kube';
import { type Caches, Indexes } from '../caches.ts';
import { type BucketWorld, planBucket } from './plan.ts';

/** Keeps the status of every Bucket true. */
export function bucketController({
  buckets,
  datasets,
}: Pick<Caches, 'buckets' | 'datasets'>): ControllerDefinition<Bucket, BucketWorld> {
  return defineController({
    name: 'bucket',
    for: { informer: buckets, predicate: generationChanged },
    watches: [
      watching<Dataset>({
        informer: datasets,
        predicate: changed(({ status }) => [status?.versions, status?.logicalBytes, status?.storedBytes]),
        enqueue: ({ old, new: now }) => {
          const dataset = now ?? old;
          return dataset === undefined
            ? []
            : [{ namespace: dataset.metadata.namespace ?? '', name: dataset.spec.bucket }];
        },
      }),
      // Which of several is the default depends on the others.
      watching<Bucket>({
        informer: buckets,
        predicate: changed(({ metadata, spec }) => [metadata.uid, spec.default]),
        enqueue: ({ old, new: now }) => {
          const namespace = (now ?? old)?.metadata.namespace ?? '';
          return buckets
            .byIndex(Indexes.namespace, namespace)
            .filter(({ spec }) => spec.default)
            .map(({ metadata: { name } }) => ({ namespace, name }));
        },
      }),
    ],
    observe({ namespace = '', name }, { now }) {
      const bucket = buckets.get(namespace, name);
      if (bucket === undefined) return undefined;
      return {
        now,
        bucket,
        datasets: datasets.byIndex(Indexes.bucket, `${namespace}/${name}`),
        buckets: buckets.byIndex(Indexes.namespace, namespace),
      };
    },
    plan: planBucket,
  });
}
