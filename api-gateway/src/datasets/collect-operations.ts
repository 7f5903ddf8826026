import { type Dataset, datasetObjectName } from '@osmo/crds';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, notFound } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Datasets } from '../kinds.ts';
import { createDataset } from './create.ts';
import { editDataset } from './edit.ts';
import { findBucket, findDataset, versionNamed, versionsOf } from './find.ts';
import { datasetNameOf, memberOf } from './names.ts';
import { datasetSchemas } from './schemas.ts';
import type { Writing } from './writing.ts';

type Members = NonNullable<Dataset['spec']['members']>;

/** Collections: names for versions of several datasets of a bucket. */
export function collectOperations(dependencies: Dependencies, writing: Writing): Operation[] {
  const { caches } = dependencies;
  const answerOf = ({ spec, metadata }: Dataset, bucket: string | undefined) => ({
    name: spec.name,
    bucket,
    members: (spec.members ?? []).map(({ dataset, version }) => ({
      name: caches.datasets.get(metadata.namespace, dataset)?.spec.name ?? dataset,
      version,
    })),
  });
  const describedDatasets = 'Datasets as NAME or NAME:VERSION; collections stand for what they hold.';
  return [
    operation({
      id: 'collectDatasets',
      action: 'dataset:Write',
      method: 'post',
      path: '/api/bucket/{bucket}/dataset/{name}/collect',
      tag: 'Datasets',
      summary: 'Creates a collection',
      parameters: { datasets: { type: 'texts', description: describedDatasets } },
      answer: { description: 'The collection.', schema: datasetSchemas.collected },
      async handle({ caller, params, query, signal }) {
        const { bucket, ref } = await findBucket(dependencies, caller, params['bucket'] ?? '');
        const name = datasetNameOf(params['name'] ?? '');
        await dependencies.access.demand(caller, { verb: 'list', resource: 'datasets', namespace: ref.namespace });
        const members = added(
          [],
          query.datasets.flatMap((text) => meant(ref, text)),
        );
        if (members.length === 0) throw badRequest('datasets: at least one must be given');
        const wanted = { bucket, name, user: caller.user, spec: { type: 'Collection', members } } as const;
        const collection = await createDataset(dependencies.as(caller), wanted, signal);
        await writing.datasetSeen(collection);
        return { json: answerOf(collection, params['bucket']) };
      },
    }),
    operation({
      id: 'recollectDatasets',
      action: 'dataset:Write',
      method: 'post',
      path: '/api/bucket/{bucket}/dataset/{name}/recollect',
      tag: 'Datasets',
      summary: 'Takes datasets out of a collection, then puts others into it',
      description: 'A collection that is left empty is deleted.',
      parameters: {
        add_datasets: { type: 'texts', description: describedDatasets },
        remove_datasets: { type: 'texts', description: 'Datasets as NAME, or NAME:VERSION for that version only.' },
      },
      answer: { description: 'The collection.', schema: datasetSchemas.collected },
      async handle({ caller, params, query, signal }) {
        const { ref, dataset } = await findDataset(dependencies, caller, params);
        if (dataset.spec.type !== 'Collection') throw badRequest(`${dataset.spec.name} is no collection`);
        if (query.add_datasets.length + query.remove_datasets.length === 0)
          throw badRequest('add_datasets, remove_datasets: at least one must be given');
        const more = query.add_datasets.flatMap((text) => meant(ref, text));
        const client = dependencies.as(caller);
        const { name, namespace } = dataset.metadata;
        let empty = false;
        const collection = await editDataset(
          client,
          { name, namespace },
          ({ spec: { members = [] } }) => {
            const next = added(removed(members, ref.name, query.remove_datasets), more);
            empty = next.length === 0;
            return empty ? {} : { members: next };
          },
          signal,
        );
        if (!empty) {
          await writing.datasetSeen(collection);
          return { json: answerOf(collection, params['bucket']) };
        }
        const { resourceVersion = '' } = collection.metadata;
        await client.delete(Datasets, { name, namespace }, { signal, resourceVersion });
        await writing.datasetGone(collection);
        return { json: { ...answerOf(collection, params['bucket']), members: [] } };
      },
    }),
  ];

  /** What a word stands for: one version of a dataset, or all that a collection holds. @throws RequestError 400, 404 */
  function meant({ namespace, name: bucket }: { namespace: string; name: string }, text: string): Members {
    const { name, version } = memberOf(text);
    const dataset = caches.datasets.get(namespace, datasetObjectName(bucket, name));
    if (dataset === undefined) throw notFound(`there is no dataset ${JSON.stringify(name)} in bucket ${bucket}`);
    if (dataset.spec.type === 'Collection') {
      if (text.includes(':')) throw badRequest(`${text}: a collection has no versions of its own`);
      return dataset.spec.members ?? [];
    }
    const found = versionNamed(dataset, versionsOf(caches, dataset), version);
    if (found === undefined) throw notFound(`${text}: there is no such version of dataset ${name}`);
    return [{ dataset: dataset.metadata.name, version: found.spec.version }];
  }
}

/** @throws RequestError 400 for two versions of one dataset */
function added(members: Members, more: Members): Members {
  const all = new Map(members.map(({ dataset, version }) => [dataset, version]));
  for (const { dataset, version } of more) {
    const other = all.get(dataset);
    if (other !== undefined && other !== version)
      throw badRequest(
        `a collection holds one version of a dataset: ${dataset} is there as ${other}; take it out to put ${version} in`,
      );
    all.set(dataset, version);
  }
  if (all.size > mostMembers) throw badRequest(`a collection has at most ${mostMembers} datasets, not ${all.size}`);
  return [...all].map(([dataset, version]) => ({ dataset, version }));
}

const mostMembers = 1024;

/** @throws RequestError 404 for what isn't in it */
function removed(members: Members, bucket: string, texts: readonly string[]): Members {
  let rest = members;
  for (const text of texts) {
    const { name, version } = memberOf(text);
    const dataset = datasetObjectName(bucket, name);
    const number = text.includes(':') && 'number' in version ? version.number : undefined;
    if (text.includes(':') && number === undefined)
      throw badRequest(`remove_datasets ${JSON.stringify(text)}: must be NAME or NAME:NUMBER`);
    const kept = rest.filter((each) => each.dataset !== dataset || (number !== undefined && each.version !== number));
    if (kept.length === rest.length) throw notFound(`remove_datasets ${JSON.stringify(text)}: isn't in the collection`);
    rest = kept;
  }
  return rest;
}
