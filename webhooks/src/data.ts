import { type Dataset, datasetVersionName, type Workflow } from '@osmo/crds';
import {
  isForbidden,
  isNotFound,
  type KubeClient,
  type KubeObject,
  type Logger,
  metadataOf,
  type ResourceType,
} from '@osmo/kube';
import { type AdmissionData, datasetUses, numberOf, targetOf } from '@osmo/workflow-spec/admission';
import { writtenGroups } from '@osmo/workflow-spec/graph';
import { Buckets, Datasets, DatasetVersions } from './kinds.ts';

const timeoutMs = 2_000;
/** More buckets than a namespace has. */
const mostBuckets = 500;
/** Datasets of one workflow that are looked up: one that names more is judged when its tasks start. */
const mostDatasets = 50;

type Client = Pick<KubeClient, 'get' | 'list'>;

/**
 * What a namespace has of the data that a workflow names; undefined when it names none, too much, or when it can't be known:
 * then nothing is refused, and its tasks wait for what is missing. It is asked of the apiserver and not of a cache: a dataset
 * that was applied together with the workflow counts.
 */
export function dataOf(
  client: Client,
  logger: Logger,
): (namespace: string, workflow: Workflow) => Promise<AdmissionData | undefined> {
  return async (namespace, { spec }) => {
    const uses = datasetUses(writtenGroups(spec).flatMap(({ tasks }) => tasks));
    if (uses.length === 0) return undefined;
    try {
      const { items: buckets, metadata } = await client.list(Buckets, { namespace, limit: mostBuckets, timeoutMs });
      if (metadata.continue !== undefined && metadata.continue !== '') return undefined;
      const targets = uses.flatMap(({ text }) => targetOf(text, buckets) ?? []);
      const objects = new Set(targets.map(({ object }) => object));
      if (objects.size > mostDatasets) return undefined;
      const datasets = byName(await allOf([...objects].map((name) => found(client, Datasets, namespace, name))));
      const wanted = new Set(
        targets.flatMap(({ object, version }) => versionName(datasets.get(object), version) ?? []),
      );
      if (wanted.size > mostDatasets) return undefined;
      const slim = metadataOf(DatasetVersions);
      const versions = byName(await allOf([...wanted].map((name) => found(client, slim, namespace, name))));
      return { buckets, datasets, versions: new Set(versions.keys()) };
    } catch (error) {
      if (!isForbidden(error)) logger.warn('datasets can not be looked up', { namespace, error });
      return undefined;
    }
  };
}

function versionName(dataset: Dataset | undefined, version: string | undefined): string | undefined {
  const number = dataset && numberOf(version, dataset);
  return dataset === undefined || number === undefined ? undefined : datasetVersionName(dataset.metadata.name, number);
}

async function allOf<T>(asked: readonly Promise<T | undefined>[]): Promise<T[]> {
  return (await Promise.all(asked)).filter((object) => object !== undefined);
}

const byName = <T extends KubeObject>(objects: readonly T[]): Map<string, T> =>
  new Map(objects.map((object) => [object.metadata.name, object]));

/** What is there and isn't about to go. */
async function found<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  namespace: string,
  name: string,
): Promise<T | undefined> {
  try {
    const object = await client.get(type, { namespace, name }, { timeoutMs });
    return object.metadata.deletionTimestamp === undefined ? object : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
