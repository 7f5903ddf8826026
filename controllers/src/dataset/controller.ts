import type { Bucket, Dataset, DatasetVersion } from '@osmo/crds';
import {
  changed,
  type ControllerDefinition,
  defineController,
  deletionChanged,
  generationChanged,
  or,
  watching,
} from '@osmo/kube';
import { type Caches, Indexes } from '../caches.ts';
import { type DatasetWorld, planDataset } from './plan.ts';

/** Keeps the status of every Dataset true, and gives it the tags and labels that its versions ask for. */
export function datasetController({
  datasets,
  datasetVersions,
  buckets,
}: Pick<Caches, 'datasets' | 'datasetVersions' | 'buckets'>): ControllerDefinition<Dataset, DatasetWorld> {
  return defineController({
    name: 'dataset',
    for: { informer: datasets, predicate: generationChanged },
    watches: [
      watching<DatasetVersion>({
        informer: datasetVersions,
        predicate: or<DatasetVersion>(generationChanged, deletionChanged),
        enqueue: ({ old, new: now }) => {
          const version = now ?? old;
          return version === undefined
            ? []
            : [{ namespace: version.metadata.namespace ?? '', name: version.spec.dataset }];
        },
      }),
      watching<Bucket>({
        informer: buckets,
        predicate: changed(({ metadata }) => metadata.uid),
        enqueue: ({ old, new: now }) => {
          const { namespace, name } = (now ?? old)?.metadata ?? {};
          return datasets
            .byIndex(Indexes.bucket, `${namespace}/${name}`)
            .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }));
        },
      }),
    ],
    observe({ namespace, name }, { now }) {
      const dataset = datasets.get(namespace, name);
      if (dataset === undefined) return undefined;
      const versions = datasetVersions.byIndex(Indexes.dataset, `${namespace}/${name}`);
      return { now, dataset, versions, bucket: buckets.get(namespace, dataset.spec.bucket) };
    },
    plan: planDataset,
  });
}
