import type { Dataset, DatasetVersion } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Indexes } from '../caches.ts';
import { CreationOrder } from '../workflows/order.ts';
import { pageOf } from '../workflows/page.ts';
import { datasetFilter, listParameters } from './filter.ts';
import { findBucket, findDataset, stays, versionOf, versionsOf } from './find.ts';
import { found, parseQuery, QueryError, type QueryRecord } from './query/index.ts';
import { readable } from './readable.ts';
import { datasetSchemas } from './schemas.ts';
import { datasetEntry, queryRecord, versionEntry } from './view.ts';

/** Most that one query answers. */
const mostFound = 10_000;

/** Reading datasets and their versions. */
export function datasetReadOperations(dependencies: Dependencies): Operation[] {
  const { caches, defaultNamespace } = dependencies;
  const order = new CreationOrder(caches.datasets);
  const entry = (dataset: Dataset, versions = versionsOf(caches, dataset)): Record<string, unknown> =>
    datasetEntry(dataset, versions, defaultNamespace);
  return [
    operation({
      id: 'listDatasets',
      action: 'dataset:List',
      method: 'get',
      path: '/api/bucket/list_dataset',
      tag: 'Datasets',
      summary: 'Lists datasets and collections',
      parameters: listParameters,
      answer: { description: 'One page of datasets.', schema: datasetSchemas.list },
      async handle({ caller, query }) {
        const passes = datasetFilter(query, caller.user, dependencies);
        const mine = await readable(dependencies, caller, 'datasets', query.namespace);
        const { offset = 0, count = 20 } = query;
        const shown = (dataset: Dataset): boolean => mine(dataset) && passes(dataset);
        const { items, more } = pageOf(order.walk(query.order !== 'ASC'), shown, { offset, limit: count });
        return { json: { datasets: items.map((dataset) => entry(dataset)), more_entries: more } };
      },
    }),
    operation({
      id: 'getDataset',
      action: 'dataset:Read',
      method: 'get',
      path: '/api/bucket/{bucket}/dataset/{name}',
      tag: 'Datasets',
      summary: 'Says where a version of a dataset, or what a collection holds, can be downloaded',
      description: 'Bytes move between the object store and who reads them: the gateway has no part in that.',
      parameters: { tag: { type: 'text', description: 'A number, a tag or `latest`, which is the default.' } },
      answer: { description: 'Versions, and the repository that they are in.', schema: datasetSchemas.download },
      async handle({ caller, params, query }) {
        const all = await findDataset(dependencies, caller, params);
        const { dataset, versions, bucket } = all;
        if (bucket === undefined)
          throw notFound(`bucket ${params['bucket']} is gone; nobody can tell where its data is`);
        const isCollection = dataset.spec.type === 'Collection';
        if (isCollection && query.tag !== undefined) throw badRequest('tag: a collection has no versions of its own');
        const each = isCollection ? membersOf(dataset) : [{ dataset, version: versionOf(all, query.tag) }];
        return {
          json: {
            ...entry(dataset, versions),
            path: bucket.spec.url,
            credential: bucket.spec.credential ?? null,
            versions: each.map(({ dataset: { spec, metadata }, version }) => ({
              name: spec.name,
              id: metadata.uid ?? '',
              version: version.spec.version,
              manifest: version.spec.manifest,
              files: version.spec.files,
              size: version.spec.logicalBytes,
            })),
          },
        };
      },
    }),
    operation({
      id: 'getDatasetInfo',
      action: 'dataset:Read',
      method: 'get',
      path: '/api/bucket/{bucket}/dataset/{name}/info',
      tag: 'Datasets',
      summary: 'Reads a dataset with its versions, or a collection with its members',
      parameters: {
        tag: { type: 'text', description: 'Only this version: a number, a tag or `latest`.' },
        all_flag: { type: 'boolean', description: 'Versions that are being deleted too.' },
        count: {
          type: 'integer',
          description: 'Most versions to answer; 100 when not given.',
          minimum: 1,
          maximum: 1000,
        },
        offset: { type: 'integer', description: 'How many versions to leave out at the front.', maximum: 10_000_000 },
        order: listParameters.order,
      },
      answer: { description: 'The dataset.', schema: datasetSchemas.info },
      async handle({ caller, params, query }) {
        const all = await findDataset(dependencies, caller, params);
        const { dataset, bucket } = all;
        const { tags = [], members = [], labels = {} } = dataset.spec;
        const versions = query.tag === undefined ? all.versions : [versionOf(all, query.tag)];
        const ordered = query.order === 'ASC' ? versions.toReversed() : versions;
        const shown = (version: DatasetVersion): boolean => query.all_flag === true || stays(version);
        const { offset = 0, count = 100 } = query;
        const { items, more } = pageOf(ordered, shown, { offset, limit: count });
        return {
          json: {
            ...entry(dataset, all.versions),
            hash_location: bucket?.spec.url ?? null,
            labels,
            tags: Object.fromEntries(tags.map(({ name, version }) => [name, version])),
            members: members.map((member) => ({ name: nameOf(dataset, member.dataset), version: member.version })),
            versions: items.map((version) => versionEntry(all, version, caches)),
            more_entries: more,
          },
        };
      },
    }),
    operation({
      id: 'queryDatasets',
      action: 'dataset:List',
      method: 'get',
      path: '/api/bucket/{bucket}/query',
      tag: 'Datasets',
      summary: 'Finds datasets, or versions, by what they are',
      description:
        'Terms about `name`, `id`, `user`, `created_date`, `is_collection`, `label.…` and `metadata.…`; one about `metadata` makes versions of it what is found.',
      parameters: { command: { type: 'text', description: 'The query.', maxLength: 8192 } },
      answer: { description: 'What was found, 10,000 at most.', schema: datasetSchemas.found },
      async handle({ caller, params, query }) {
        const { ref } = await findBucket(dependencies, caller, params['bucket'] ?? '');
        await dependencies.access.demand(caller, { verb: 'list', resource: 'datasets', namespace: ref.namespace });
        const wanted = queryOf(query.command ?? '');
        const origins = new Map<
          QueryRecord,
          { dataset: Dataset; versions: DatasetVersion[]; version?: DatasetVersion }
        >();
        for (const dataset of caches.datasets.byIndex(Indexes.bucket, `${ref.namespace}/${ref.name}`)) {
          const versions = versionsOf(caches, dataset);
          if (wanted.over === 'datasets') origins.set(queryRecord(dataset, versions), { dataset, versions });
          else
            for (const version of versions.filter(stays))
              origins.set(queryRecord(dataset, versions, version), { dataset, versions, version });
        }
        const limit = Math.min(wanted.limit ?? mostFound, mostFound);
        const datasets = found({ ...wanted, limit }, origins.keys()).map((record) => {
          const origin = origins.get(record);
          if (origin === undefined) throw new Error('what is found is one of the records');
          const { dataset, versions, version } = origin;
          return {
            ...entry(dataset, versions),
            ...(version !== undefined && { version: versionEntry({ dataset, versions }, version, caches) }),
          };
        });
        return { json: { type: wanted.over === 'versions' ? 'VERSION' : 'DATASET', datasets } };
      },
    }),
  ];

  function nameOf({ metadata }: Dataset, object: string): string {
    return caches.datasets.get(metadata.namespace, object)?.spec.name ?? object.slice(object.indexOf('.') + 1);
  }

  /** @throws RequestError 404 for a member that is gone */
  function membersOf(collection: Dataset): { dataset: Dataset; version: DatasetVersion }[] {
    const { namespace } = collection.metadata;
    return (collection.spec.members ?? []).map(({ dataset: name, version: number }) => {
      const dataset = caches.datasets.get(namespace, name);
      const version =
        dataset && versionsOf(caches, dataset).find((each) => stays(each) && each.spec.version === number);
      if (dataset !== undefined && version !== undefined) return { dataset, version };
      const gone = `${nameOf(collection, name)}:${number}`;
      throw notFound(
        `collection ${collection.spec.name} holds ${gone}, which is gone; recollect it with remove_datasets=${gone}`,
      );
    });
  }
}

/** @throws RequestError 400 with line and column */
function queryOf(text: string): ReturnType<typeof parseQuery> {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof QueryError) throw badRequest(error.message);
    throw error;
  }
}
