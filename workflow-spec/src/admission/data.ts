import {
  type Bucket,
  type Dataset,
  datasetObjectName,
  datasetVersionName,
  defaultBucketOf,
  readDatasetReference,
} from '@osmo/crds';
import { listed, problem, type Problem } from '../graph/problem.ts';
import { didYouMean, type SuggestionBudget } from '../graph/suggestion.ts';
import type { WrittenTask } from '../graph/written-tasks.ts';

/** The data of a namespace, as far as a workflow names it. */
export interface AdmissionData {
  /** All buckets of the namespace. */
  readonly buckets: readonly Bucket[];
  /** The datasets that are named and exist, by the names of their objects. */
  readonly datasets: ReadonlyMap<string, Dataset>;
  /** Names of the DatasetVersion objects that are named by number, or by a tag, and exist. */
  readonly versions: ReadonlySet<string>;
}

/** A dataset that an input or an output names. */
export interface DatasetUse {
  readonly path: string;
  /** As it was written. */
  readonly text: string;
  readonly kind: 'read' | 'write' | 'update';
}

/** The datasets that tasks name, but for those with tokens, which stand for texts that aren't known yet. */
export function datasetUses(tasks: readonly WrittenTask[]): DatasetUse[] {
  return tasks.flatMap(({ template, path }) => [
    ...(template.inputs ?? []).flatMap(({ dataset }, index) =>
      // What is uploaded when a recipe is submitted is there only if it would be taken.
      useOf(
        dataset?.localPath === undefined ? dataset?.name : undefined,
        `${path}.inputs[${index}].dataset.name`,
        'read',
      ),
    ),
    ...(template.outputs ?? []).flatMap(({ dataset, updateDataset }, index) => [
      ...useOf(dataset?.name, `${path}.outputs[${index}].dataset.name`, 'write'),
      ...useOf(updateDataset?.name, `${path}.outputs[${index}].updateDataset.name`, 'update'),
    ]),
  ]);
}

function useOf(text: string | undefined, path: string, kind: DatasetUse['kind']): DatasetUse[] {
  // What is no name at all is the graph's to refuse.
  return text === undefined || readDatasetReference(text) === undefined ? [] : [{ path, text, kind }];
}

/** Where a name leads: the Dataset object, and the version of it that is asked for. */
export interface DatasetTarget {
  readonly bucket: Bucket;
  /** Name of the Dataset object. */
  readonly object: string;
  /** Number, tag or `latest`, as it was written. */
  readonly version: string | undefined;
}

/** Where a name leads; undefined when there is no such bucket. */
export function targetOf(text: string, buckets: readonly Bucket[]): DatasetTarget | undefined {
  const reference = readDatasetReference(text);
  if (reference === undefined) return undefined;
  const { bucket: named, name, version } = reference;
  const bucket =
    named === undefined ? defaultBucketOf(buckets) : buckets.find(({ metadata }) => metadata.name === named);
  return bucket && { bucket, object: datasetObjectName(bucket.metadata.name, name), version };
}

/** The number that a version is asked for by: itself, or what a tag names; undefined for the latest, and where there is none. */
export function numberOf(version: string | undefined, dataset: Dataset): number | undefined {
  if (version === undefined || version === 'latest') return undefined;
  if (/^[1-9][0-9]{0,9}$/.test(version)) return Number(version);
  return dataset.spec.tags?.find(({ name }) => name === version)?.version;
}

/**
 * Buckets, datasets and versions that the namespace doesn't have, or that can't be written to. What a task of the same
 * workflow writes need not be there yet.
 */
export function datasetProblems(
  tasks: readonly WrittenTask[],
  data: AdmissionData,
  budget: SuggestionBudget,
): Problem[] {
  const uses = datasetUses(tasks);
  const made = new Set(
    uses.flatMap(({ text, kind }) => (kind === 'write' ? [targetOf(text, data.buckets)?.object] : [])),
  );
  return uses.flatMap((use) => {
    const detail = detailOf(use, data, made, budget);
    return detail === undefined ? [] : [problem('InvalidSpec', use.path, use.text, detail)];
  });
}

function detailOf(
  { text, kind }: DatasetUse,
  { buckets, datasets, versions }: AdmissionData,
  made: ReadonlySet<string | undefined>,
  budget: SuggestionBudget,
): string | undefined {
  const target = targetOf(text, buckets);
  if (target === undefined) return noBucket(text, buckets, budget);
  const { bucket, object } = target;
  if (kind !== 'read' && bucket.spec.mode === 'ReadOnly') {
    return `bucket ${JSON.stringify(bucket.metadata.name)} is ReadOnly; name one that can be written to`;
  }
  const dataset = datasets.get(object);
  if (kind !== 'read' && dataset?.spec.type === 'Collection') {
    return 'a collection, which has no versions of its own; name a dataset';
  }
  if (kind === 'write') return undefined;
  if (dataset === undefined) {
    return made.has(object) ? undefined : `the namespace has no dataset ${JSON.stringify(object)}`;
  }
  // A task of this workflow may make the version, or move the tag, before.
  if (made.has(object) || target.version === undefined || target.version === 'latest') return undefined;
  return versionDetail(target.version, dataset, versions);
}

function noBucket(text: string, buckets: readonly Bucket[], budget: SuggestionBudget): string {
  const names = buckets.map(({ metadata }) => metadata.name).toSorted();
  const named = readDatasetReference(text)?.bucket;
  if (named === undefined) {
    return `names no bucket, and none of the namespace is the default; write bucket/name, allowed: ${listed(names)}`;
  }
  return `the namespace has no bucket ${JSON.stringify(named)}; allowed: ${listed(names)}${didYouMean(named, names, budget)}`;
}

function versionDetail(wanted: string, dataset: Dataset, versions: ReadonlySet<string>): string | undefined {
  const { name } = dataset.metadata;
  const number = numberOf(wanted, dataset);
  if (number === undefined) {
    const tags = (dataset.spec.tags ?? []).map((tag) => tag.name);
    return `dataset ${JSON.stringify(name)} has no tag ${JSON.stringify(wanted)}; allowed: a number, 'latest', ${listed(tags)}`;
  }
  return versions.has(datasetVersionName(name, number))
    ? undefined
    : `dataset ${JSON.stringify(name)} has no version ${number}`;
}
