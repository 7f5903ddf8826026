import { type Dataset, type DatasetVersion, nameAsObject } from '@osmo/crds';
import { isConflict, type KubeClient } from '@osmo/kube';
import { badRequest, RequestError } from '../http/errors.ts';
import { Datasets } from '../kinds.ts';
import { createDataset, createVersion } from './create.ts';
import { editDataset } from './edit.ts';
import { type FoundDataset, stays } from './find.ts';
import { userOf } from './view.ts';

/**
 * Gives a dataset another name: a new one with the same versions under the same numbers, then the old one goes. Kubernetes renames nothing, so
 * it gets another id. Nothing in the object store is touched.
 *
 * @returns the new dataset with its versions
 * @throws RequestError 400 for the same name, 409 when the new name is taken; KubeError, as the apiserver refuses it
 */
export async function renameDataset(
  client: KubeClient,
  { dataset: from, bucket, versions }: FoundDataset,
  { to, user }: { to: string; user: string },
  signal: AbortSignal,
): Promise<{ dataset: Dataset; versions: DatasetVersion[] }> {
  const { name } = from.spec;
  if (nameAsObject(to) === nameAsObject(name))
    throw badRequest(`new_name ${to}: is the same as ${name} for Kubernetes`);
  if (bucket === undefined) throw new RequestError(409, 'USER', `the bucket of ${name} is gone`);
  const { type, members, labels, tags } = from.spec;
  const spec = { type, ...(members !== undefined && { members }), ...(labels !== undefined && { labels }) };
  const owner = userOf(from, versions) || user;
  const made = await createDataset(client, { bucket, name: to, user: owner, spec }, signal);
  const ref = { name: made.metadata.name, namespace: made.metadata.namespace };
  const copies: DatasetVersion[] = [];
  try {
    for (const { spec: old, metadata } of versions.filter(stays).toReversed()) {
      const { dataset: _, version: number, ...rest } = old;
      // oxlint-disable-next-line no-await-in-loop
      copies.push(await createVersion(client, { dataset: made, number, spec: rest, labels: metadata.labels }, signal));
    }
    const dataset = await editDataset(client, ref, () => (tags === undefined ? {} : { tags }), signal);
    await deleteUnchanged(client, from, signal);
    return { dataset, versions: copies };
  } catch (error) {
    await client.delete(Datasets, ref).catch(() => undefined);
    throw error;
  }
}

/** Deletes a dataset unless somebody changed it meanwhile: that change would be lost with it. What controllers report of it is none. */
async function deleteUnchanged(client: KubeClient, { metadata, spec }: Dataset, signal: AbortSignal): Promise<void> {
  const ref = { name: metadata.name, namespace: metadata.namespace };
  for (let attempt = 1; ; attempt++) {
    // oxlint-disable-next-line no-await-in-loop
    const now = (await client.get(Datasets, ref, { signal })).metadata;
    if (now.uid !== metadata.uid || now.generation !== metadata.generation)
      throw new RequestError(409, 'USER', `dataset ${spec.name} was changed meanwhile; try again`);
    try {
      // oxlint-disable-next-line no-await-in-loop
      await client.delete(Datasets, ref, { signal, resourceVersion: now.resourceVersion });
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === mostAttempts) throw error;
    }
  }
}

const mostAttempts = 8;
