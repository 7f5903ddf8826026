import type { TaskDataOutput, TaskOutput } from '@osmo/crds';
import { bucketsOf, datasetOf } from './awaited.ts';
import { type Catalog, Missing } from './catalog.ts';
import { placeOf, versionOf } from './versions.ts';

/** What outputs of one task are resolved with. */
export interface OutputContext {
  readonly namespace: string;
  readonly catalog: Catalog;
  /** What was resolved before: a pinned restart updates the very same versions again. */
  readonly pinned?: readonly TaskDataOutput[] | undefined;
}

/** Where the outputs of a task go that are to become versions of datasets, or what is missing first. */
export function resolveOutputs(
  outputs: readonly TaskOutput[],
  path: string,
  context: OutputContext,
): TaskDataOutput[] | Missing {
  const resolved: TaskDataOutput[] = [];
  for (const [index, { dataset, updateDataset }] of outputs.entries()) {
    const field = dataset === undefined ? 'updateDataset' : 'dataset';
    const name = (dataset ?? updateDataset)?.name;
    if (name === undefined) continue;
    const at = `${path}.outputs[${index}].${field}.name`;
    const found = resolveOutput(index, name, { ...context, isUpdate: dataset === undefined, at });
    if (found instanceof Missing) return found;
    resolved.push(found);
  }
  return resolved;
}

function resolveOutput(
  index: number,
  text: string,
  { isUpdate, at, namespace, catalog, pinned }: OutputContext & { isUpdate: boolean; at: string },
): TaskDataOutput | Missing {
  const place = placeOf(text, at, namespace, catalog);
  if (place instanceof Missing) return place;
  const { bucket, object, version: wanted } = place;
  const { url, credential, mode } = bucket.spec;
  const missing = (what: string): Missing =>
    new Missing(`${at}: ${what}`, [bucketsOf(namespace), datasetOf(namespace, object)]);
  if (mode === 'ReadOnly') return missing(`bucket ${JSON.stringify(bucket.metadata.name)} is ReadOnly`);
  const dataset = catalog.dataset(namespace, object);
  if (dataset?.spec.type === 'Collection') {
    return missing(`${JSON.stringify(object)} is a collection, which has no versions of its own`);
  }
  const name = dataset?.spec.name ?? place.name;
  const head = { index, url, ...(credential !== undefined && { credential }) };
  if (!isUpdate) {
    return {
      ...head,
      dataset: {
        bucket: bucket.metadata.name,
        name,
        ...(wanted !== undefined && wanted !== 'latest' && { tag: wanted }),
      },
    };
  }
  const before = pinned?.find((each) => each.index === index && each.base !== undefined);
  if (before !== undefined) return before;
  if (dataset === undefined) return missing(`there is no dataset ${JSON.stringify(object)} to update`);
  const base = versionOf(dataset, wanted, at, namespace, catalog);
  if (base instanceof Missing) return base;
  return {
    ...head,
    base: base.spec.manifest,
    baseVersion: base.spec.version,
    dataset: { bucket: bucket.metadata.name, name },
  };
}
