import { type Dataset, type DatasetVersion, FieldManagers } from '@osmo/crds';
import { isConflict, isNotFound, type KubeClient } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Datasets, DatasetVersions } from '../kinds.ts';
import { withTags } from './commit-operation.ts';
import { changedJson, editDataset, lockedPatch, mapIn } from './edit.ts';
import { collectionsOf, findDataset, type FoundDataset, stays, versionOf, versionsOf } from './find.ts';
import { datasetNameOf, tagNameOf } from './names.ts';
import { renameDataset } from './rename.ts';
import { datasetSchemas } from './schemas.ts';
import type { Writing } from './writing.ts';

const mostAttempts = 8;

/** Changing and deleting datasets, in the name of the caller. */
export function datasetChangeOperations(dependencies: Dependencies, writing: Writing): Operation[] {
  const { caches } = dependencies;
  return [
    operation({
      id: 'changeDataset',
      action: 'dataset:Write',
      method: 'post',
      path: '/api/bucket/{bucket}/dataset/{name}/attribute',
      tag: 'Datasets',
      summary: 'Changes the name, tags and labels of a dataset, and the metadata of a version',
      description: 'JSON that is set is joined with what there is, map by map; paths with dots take off.',
      parameters: {
        tag: { type: 'text', description: 'Version that tags and metadata are of; the latest when not given.' },
        new_name: { type: 'text', description: 'The new name.' },
        set_tag: { type: 'texts', description: 'Tags for the version; they are taken off others.' },
        delete_tag: { type: 'texts', description: 'Tags to take off.' },
        delete_label: { type: 'texts', description: 'Paths of labels to take off.' },
        delete_metadata: { type: 'texts', description: 'Paths of metadata to take off.' },
      },
      body: { schema: datasetSchemas.change, required: false },
      answer: { description: 'What it has now.', schema: datasetSchemas.changed },
      async handle({ caller, params, query, body, signal }) {
        const all = await findDataset(dependencies, caller, params);
        const { set_label: setLabel, set_metadata: setMetadata } = (body ?? {}) as Record<string, unknown>;
        const [ofLabels, ofMetadata] = [mapIn(setLabel), mapIn(setMetadata)];
        const [setTags, deleteTags] = [query.set_tag.map(tagNameOf), query.delete_tag.map(tagNameOf)];
        const labelled = ofLabels !== undefined || query.delete_label.length > 0;
        const described = ofMetadata !== undefined || query.delete_metadata.length > 0;
        const tagged = setTags.length > 0 || deleteTags.length > 0;
        if (all.dataset.spec.type === 'Collection' && (described || tagged))
          throw badRequest('a collection has labels only: tags and metadata are of versions');
        const version =
          described || setTags.length > 0 || query.tag !== undefined ? versionOf(all, query.tag) : undefined;
        const client = dependencies.as(caller);
        const { name, namespace } = all.dataset.metadata;
        let { dataset } = all;
        if (labelled || tagged)
          dataset = await editDataset(
            client,
            { name, namespace },
            ({ spec }) => ({
              ...(labelled && {
                labels: changedJson('label', spec.labels, { set: ofLabels, remove: query.delete_label }),
              }),
              ...(tagged && { tags: changedTags(spec, { deleteTags, setTags, version }) }),
            }),
            signal,
          );
        await writing.datasetSeen(dataset);
        const changed =
          described && version !== undefined
            ? await editMetadata(client, version, { set: ofMetadata, remove: query.delete_metadata }, signal)
            : version;
        if (changed !== undefined) await writing.versionSeen(changed);
        if (query.new_name !== undefined) {
          refuseMember(dataset, undefined, 'renamed');
          const to = datasetNameOf(query.new_name);
          const made = await renameDataset(client, { ...all, dataset }, { to, user: caller.user }, signal);
          await Promise.all([
            writing.datasetSeen(made.dataset),
            ...made.versions.map((each) => writing.versionSeen(each)),
          ]);
          await writing.datasetGone(dataset);
          ({ dataset } = made);
        }
        const { labels = {}, tags = [] } = dataset.spec;
        return {
          json: {
            name: dataset.spec.name,
            bucket: params['bucket'],
            tags: Object.fromEntries(tags.map((each) => [each.name, each.version])),
            labels,
            metadata: changed?.spec.metadata ?? {},
          },
        };
      },
    }),
    operation({
      id: 'deleteDataset',
      action: 'dataset:Delete',
      method: 'delete',
      path: '/api/bucket/{bucket}/dataset/{name}',
      tag: 'Datasets',
      summary: 'Deletes a version of a dataset, or all of it',
      description:
        'Chunks that no version holds any more leave the object store when its garbage is collected (`osmo dataset gc`).',
      parameters: {
        tag: { type: 'text', description: 'This version: a number, a tag or `latest`.' },
        all_flag: { type: 'boolean', description: 'All versions, and the dataset itself.' },
      },
      answer: { description: 'What is gone.', schema: datasetSchemas.deleted },
      async handle({ caller, params, query, signal }) {
        const all = await findDataset(dependencies, caller, params);
        if ((query.tag === undefined) === (query.all_flag !== true))
          throw badRequest('exactly one of tag=VERSION and all_flag=true must be given');
        const client = dependencies.as(caller);
        if (query.tag !== undefined) {
          const version = versionOf(all, query.tag);
          await deleteVersion(client, all.dataset, version, signal);
          return { json: { versions: [version.spec.version], deleted_dataset: false } };
        }
        refuseMember(all.dataset, undefined, 'deleted');
        return { json: { versions: await deleteDataset(client, all, signal), deleted_dataset: true } };
      },
    }),
  ];

  /** @throws RequestError 409 */
  function refuseMember(dataset: Dataset, version: number | undefined, deed: string): void {
    const [collection, ...others] = collectionsOf(caches, dataset, version);
    if (collection === undefined) return;
    const which = `${dataset.spec.name}${version === undefined ? '' : `:${version}`}`;
    const more = others.length === 0 ? '' : ` and ${others.length} others`;
    const held = `is held by collection ${collection.spec.name}${more}; recollect that before`;
    throw new RequestError(409, 'USER', `${which} can't be ${deed}: it ${held}`);
  }

  async function deleteVersion(
    client: KubeClient,
    dataset: Dataset,
    version: DatasetVersion,
    signal: AbortSignal,
  ): Promise<void> {
    const { version: number } = version.spec;
    refuseMember(dataset, number, 'deleted');
    const { name, namespace } = dataset.metadata;
    // Tags first: one that names nothing would be in the way of who reads.
    await editDataset(
      client,
      { name, namespace },
      ({ spec: { tags = [] } }) => {
        const kept = tags.filter((tag) => tag.version !== number);
        return kept.length === tags.length ? {} : { tags: kept };
      },
      signal,
    );
    await deleteOne(client, version, signal);
    await writing.versionGone(version);
  }

  /** Deletes a dataset, then its versions, so that its name is free at once. */
  async function deleteDataset(client: KubeClient, { dataset }: FoundDataset, signal: AbortSignal): Promise<number[]> {
    const { name, namespace, uid } = dataset.metadata;
    const versions = versionsOf(caches, dataset).filter(stays);
    for (const version of versions) {
      // oxlint-disable-next-line no-await-in-loop
      await deleteOne(client, version, signal);
    }
    await client.delete(Datasets, { name, namespace }, { signal, ...(uid !== undefined && { uid }) });
    await Promise.all([...versions.map((version) => writing.versionGone(version)), writing.datasetGone(dataset)]);
    return versions.map(({ spec }) => spec.version).toReversed();
  }
}

/** That it is gone already is no error. */
async function deleteOne(client: KubeClient, { metadata }: DatasetVersion, signal: AbortSignal): Promise<void> {
  const { name, namespace, uid } = metadata;
  try {
    await client.delete(DatasetVersions, { name, namespace }, { signal, ...(uid !== undefined && { uid }) });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** @throws RequestError 400 for a tag that is to be taken off and isn't there */
function changedTags(
  { tags = [], name: dataset }: Dataset['spec'],
  change: { deleteTags: readonly string[]; setTags: readonly string[]; version: DatasetVersion | undefined },
): NonNullable<Dataset['spec']['tags']> {
  const missing = change.deleteTags.find((tag) => !tags.some(({ name }) => name === tag));
  if (missing !== undefined) throw badRequest(`delete_tag ${JSON.stringify(missing)}: ${dataset} has no such tag`);
  const kept = tags.filter(({ name }) => !change.deleteTags.includes(name));
  return change.version === undefined ? kept : withTags(kept, change.setTags, change.version.spec.version);
}

/** Changes the metadata of a version as it is at that moment. */
async function editMetadata(
  client: KubeClient,
  { metadata: { name, namespace } }: DatasetVersion,
  change: Parameters<typeof changedJson>[2],
  signal: AbortSignal,
): Promise<DatasetVersion> {
  for (let attempt = 1; ; attempt++) {
    // oxlint-disable-next-line no-await-in-loop
    const version = await client.get(DatasetVersions, { name, namespace }, { signal });
    const value = changedJson('metadata', version.spec.metadata, change);
    const patch = lockedPatch(version.metadata.resourceVersion, [{ op: 'add', path: '/spec/metadata', value }]);
    try {
      // oxlint-disable-next-line no-await-in-loop
      return await client.patch(DatasetVersions, { name, namespace }, patch, {
        fieldManager: FieldManagers.apiGateway,
        signal,
      });
    } catch (error) {
      if (!isConflict(error) || attempt === mostAttempts) throw error;
    }
  }
}
