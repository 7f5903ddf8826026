import { type Dataset, FieldManagers } from '@osmo/crds';
import { isConflict, type JsonPatchOperation, type KubeClient, type ObjectRef } from '@osmo/kube';
import { badRequest } from '../http/errors.ts';
import { Datasets } from '../kinds.ts';
import { isMap, type JsonMap, merged, without } from './json.ts';

const mostAttempts = 8;
/** Of labels or metadata, as JSON. */
const mostCharacters = 262_144;

/** What of a dataset's own can be changed. */
export type DatasetEdit = Partial<Pick<Dataset['spec'], 'labels' | 'tags' | 'members'>>;

/**
 * Changes a dataset as it is at that moment; somebody else's change in between makes it look again.
 *
 * @param change what becomes of the spec; nothing is written for nothing
 * @throws KubeError, as the apiserver refuses it
 */
export async function editDataset(
  client: KubeClient,
  ref: ObjectRef,
  change: (dataset: Dataset) => DatasetEdit,
  signal: AbortSignal,
): Promise<Dataset> {
  for (let attempt = 1; ; attempt++) {
    // oxlint-disable-next-line no-await-in-loop
    const dataset = await client.get(Datasets, ref, { signal });
    const operations = Object.entries(change(dataset)).map(([field, value]): JsonPatchOperation => ({
      op: 'add',
      path: `/spec/${field}`,
      value,
    }));
    if (operations.length === 0) return dataset;
    try {
      const patch = lockedPatch(dataset.metadata.resourceVersion, operations);
      // oxlint-disable-next-line no-await-in-loop
      return await client.patch(Datasets, ref, patch, { fieldManager: FieldManagers.apiGateway, signal });
    } catch (error) {
      if (!isConflict(error) || attempt === mostAttempts) throw error;
    }
  }
}

/** A patch that holds only while the object is as it was looked at. */
export const lockedPatch = (
  resourceVersion: string | undefined,
  operations: readonly JsonPatchOperation[],
): { kind: 'json'; body: JsonPatchOperation[] } => ({
  kind: 'json',
  body: [{ op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }, ...operations],
});

/**
 * Free JSON of a resource after a change: what is given is put over it, then paths are taken off.
 *
 * @param what `label` or `metadata`, for messages
 * @throws RequestError 400 for a path that leads to nothing, and for more than fits
 */
export function changedJson(
  what: 'label' | 'metadata',
  old: Readonly<Record<string, unknown>> | undefined,
  change: { set?: JsonMap | undefined; remove?: readonly string[] },
): JsonMap {
  // It was read from JSON.
  let json = merged((old ?? {}) as JsonMap, change.set ?? {});
  for (const path of change.remove ?? []) {
    const rest = without(json, path);
    if (rest === undefined) throw badRequest(`delete_${what} ${JSON.stringify(path)}: there is no such ${what}`);
    json = rest;
  }
  const { length } = JSON.stringify(json);
  if (length > mostCharacters)
    throw badRequest(`${what}: would have ${length} characters as JSON; at most ${mostCharacters} are allowed`);
  return json;
}

/** A map of a body that was checked to be one; undefined for none. */
export const mapIn = (value: unknown): JsonMap | undefined => (isMap(value) ? value : undefined);
