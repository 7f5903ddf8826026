import {
  Annotations,
  Api,
  type Bucket,
  type Dataset,
  datasetObjectName,
  type DatasetVersion,
  datasetVersionName,
  FieldManagers,
  Labels,
  nameAsObject,
} from '@osmo/crds';
import { controllerRef, isAlreadyExists, type KubeClient } from '@osmo/kube';
import { RequestError } from '../http/errors.ts';
import { Datasets, DatasetVersions } from '../kinds.ts';

/** Numbers that others may take at the same moment. */
const mostAttempts = 64;

const options = { fieldManager: FieldManagers.apiGateway, fieldValidation: 'Strict' } as const;

/** A dataset that is to be there. */
export interface NewDataset {
  bucket: Bucket;
  /** As people write it. */
  name: string;
  /** Who makes it. */
  user: string;
  spec?: Pick<Dataset['spec'], 'type'> & Partial<Pick<Dataset['spec'], 'members' | 'labels'>>;
}

/**
 * Creates a dataset or collection, without versions yet.
 *
 * @throws RequestError 409 when there is one; KubeError, as the apiserver refuses it
 */
export async function createDataset(
  client: Pick<KubeClient, 'create'>,
  { bucket, name, user, spec }: NewDataset,
  signal: AbortSignal,
): Promise<Dataset> {
  const { namespace, name: inBucket } = bucket.metadata;
  const dataset = {
    apiVersion: Api.apiVersion,
    kind: 'Dataset',
    metadata: {
      name: datasetObjectName(inBucket, name),
      namespace,
      labels: { [Labels.bucket]: inBucket },
      annotations: { [Annotations.submittedBy]: user },
    },
    spec: { bucket: inBucket, name, ...spec },
  };
  try {
    return await client.create(Datasets, dataset as unknown as Dataset, { ...options, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    throw new RequestError(
      409,
      'USER',
      `dataset ${name} exists already in bucket ${inBucket}, or one that is spelled alike`,
    );
  }
}

/** A version that is to be made. */
export interface NewVersion {
  dataset: Dataset;
  /** First number to try. */
  number: number;
  spec: Omit<DatasetVersion['spec'], 'dataset' | 'version'>;
  /** Beside those that say what it is of. */
  labels?: Readonly<Record<string, string>> | undefined;
}

/**
 * Creates a version under the first number that is free: its name is its number, so that of several at once each gets another one.
 *
 * @throws KubeError, as the apiserver refuses it
 */
export async function createVersion(
  client: Pick<KubeClient, 'create'>,
  { dataset, number: first, spec, labels }: NewVersion,
  signal: AbortSignal,
): Promise<DatasetVersion> {
  const { name, namespace } = dataset.metadata;
  for (let version = first; ; version++) {
    const object: DatasetVersion = {
      apiVersion: Api.apiVersion,
      kind: 'DatasetVersion',
      metadata: {
        name: datasetVersionName(name, version),
        ...(namespace !== undefined && { namespace }),
        labels: { ...labels, [Labels.bucket]: dataset.spec.bucket, [Labels.dataset]: nameAsObject(dataset.spec.name) },
        // Not in the way of the Dataset's end: that takes a right of its own where owners are guarded.
        ownerReferences: [controllerRef(dataset, Datasets, false)],
      },
      spec: { dataset: name, version, ...spec },
    };
    try {
      // oxlint-disable-next-line no-await-in-loop
      return await client.create(DatasetVersions, object, { ...options, signal });
    } catch (error) {
      if (!isAlreadyExists(error) || version - first >= mostAttempts) throw error;
    }
  }
}
