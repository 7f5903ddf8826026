import { Api, datasetObjectName, type Bucket, type BucketSpec, type Dataset, type DatasetVersion } from '@osmo/crds';
import type { DatasetSpec, DatasetVersionSpec, TaskResult } from '@osmo/crds';

const head = { apiVersion: Api.apiVersion } as const;

/** A bucket of the namespace 'lab'. */
export function bucket(name = 'robots', spec: Partial<BucketSpec> = {}): Bucket {
  return {
    ...head,
    kind: 'Bucket',
    metadata: { name, namespace: 'lab', uid: `uid-of-${name}`, resourceVersion: '1' },
    spec: { url: `s3://${name}/datasets`, mode: 'ReadWrite', default: false, ...spec },
  };
}

/** A dataset of the bucket 'robots', by its name as people write it. */
export function dataset(name = 'scenes', spec: Partial<DatasetSpec> = {}): Dataset {
  const object = datasetObjectName('robots', name);
  return {
    ...head,
    kind: 'Dataset',
    metadata: { name: object, namespace: 'lab', uid: `uid-of-${object}`, resourceVersion: '1' },
    spec: { bucket: 'robots', name, type: 'Dataset', ...spec },
  };
}

/** A digest of a manifest that is told apart from others by `word`. */
export const manifestOf = (word: string): string => `blake3:${Buffer.from(word).toString('hex').padEnd(64, '0')}`;

/** A version of a dataset of the bucket 'robots', whose manifest is that of `<object>.<version>`. */
export function version(name: string, number: number, spec: Partial<DatasetVersionSpec> = {}): DatasetVersion {
  const object = datasetObjectName('robots', name);
  return {
    ...head,
    kind: 'DatasetVersion',
    metadata: {
      name: `${object}.${number}`,
      namespace: 'lab',
      uid: `uid-of-${object}.${number}`,
      resourceVersion: '1',
    },
    spec: {
      dataset: object,
      version: number,
      manifest: manifestOf(`${object}.${number}`),
      ...{ files: 1, logicalBytes: 10, storedBytes: 4 },
      ...spec,
    },
  };
}

/** The result of a task that left something in its output folder. */
export const leaving = (word: string): TaskResult => ({
  output: { manifest: manifestOf(word), files: 1, bytes: 10, storedBytes: 4 },
});

/** The result of a task whose output 0 is a version of a dataset. */
export const wrote = (word: string, more: object = {}): TaskResult => ({
  outputs: [{ index: 0, manifest: manifestOf(word), files: 2, bytes: 20, storedBytes: 5, ...more }],
});
