import { type Dataset, datasetObjectName, type DatasetVersion } from '@osmo/crds';
import { isNotFound, type KubeClient } from '@osmo/kube';
import type { Dependencies } from '../dependencies.ts';
import { badRequest, RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Datasets } from '../kinds.ts';
import { createDataset, createVersion } from './create.ts';
import { changedJson, editDataset } from './edit.ts';
import { findBucket, latestOf, stays, versionNamed, versionsOf } from './find.ts';
import type { JsonMap } from './json.ts';
import { datasetNameOf, tagNameOf, versionNameOf } from './names.ts';
import { datasetSchemas } from './schemas.ts';
import type { Writing } from './writing.ts';

interface CommitBody {
  manifest?: string;
  files?: number;
  size?: number;
  stored_size?: number;
  description?: string;
  metadata?: JsonMap;
  labels?: JsonMap;
  tags?: string[];
  base_version?: number;
}

/** The upload of a version, in two steps: where to, and what came of it. */
export function commitOperation(dependencies: Dependencies, { datasetSeen, versionSeen }: Writing): Operation {
  const { caches, access } = dependencies;
  return operation({
    id: 'commitDatasetVersion',
    action: 'dataset:Write',
    method: 'post',
    path: '/api/bucket/{bucket}/dataset/{name}',
    tag: 'Datasets',
    summary: 'Adds a version to a dataset, which is made if need be',
    description:
      'Two steps. Without `finish` it says where to: the URL of the bucket, and the version that is named by `tag` to begin from; nothing is kept. With `finish` it takes what was stored there: the digest of a manifest. In between bytes go straight to the object store.',
    parameters: {
      finish: { type: 'boolean', description: 'What is to be stored is stored; the body says what.' },
      tag: { type: 'text', description: 'Version to begin from: a number, a tag or `latest`. Without `finish` only.' },
    },
    body: { schema: datasetSchemas.commit, required: false },
    answer: { description: 'Where to upload; or the version.', schema: datasetSchemas.committed },
    async handle({ caller, params, query, body, signal }) {
      const { ref, bucket } = await findBucket(dependencies, caller, params['bucket'] ?? '');
      const name = datasetNameOf(params['name'] ?? '');
      const object = datasetObjectName(ref.name, name);
      const { namespace } = ref;
      if (bucket.spec.mode === 'ReadOnly')
        throw new RequestError(400, 'USER', `bucket ${params['bucket']} is read-only: it takes no new versions`);
      const answer = {
        name,
        bucket: params['bucket'] ?? '',
        path: bucket.spec.url,
        credential: bucket.spec.credential ?? null,
      };
      if (query.finish !== true) {
        // Asked before hours of uploading, not after them.
        await access.demand(caller, { verb: 'create', resource: 'datasetversions', namespace });
        const dataset = caches.datasets.get(namespace, object);
        const base = baseOf(dataset, dataset && versionsOf(caches, dataset), query.tag);
        return { json: { ...answer, version_id: null, base: base ?? null, labels: {}, tags: {} } };
      }
      const commit = (body ?? {}) as CommitBody;
      const { manifest, files, size, stored_size: storedBytes = 0, description = '' } = commit;
      if (manifest === undefined || files === undefined || size === undefined)
        throw badRequest('body: manifest, files and size must be given with finish; `osmo dataset upload` does it');
      const tags = (commit.tags ?? []).map(tagNameOf);
      const metadata = changedJson('metadata', { description }, { set: commit.metadata });
      changedJson('label', {}, { set: commit.labels });
      const client = dependencies.as(caller);
      const dataset = await datasetFor(client, { namespace, name: object }, () =>
        createDataset(client, { bucket, name, user: caller.user }, signal),
      );
      if (dataset.spec.type === 'Collection')
        throw new RequestError(409, 'USER', `${name} is a collection; take another name for a dataset`);
      const version = await createVersion(
        client,
        {
          dataset,
          number: Math.max(dataset.status?.lastVersion ?? 0, versionsOf(caches, dataset)[0]?.spec.version ?? 0) + 1,
          spec: {
            ...{ manifest, files, logicalBytes: size, storedBytes, metadata, createdBy: caller.user.slice(0, 256) },
            ...(commit.base_version !== undefined && {
              provenance: { inputs: [{ dataset: object, version: commit.base_version }] },
            }),
          },
        },
        signal,
      );
      await versionSeen(version);
      const { version: number } = version.spec;
      const edited = await marked(client, dataset, { number, tags, labels: commit.labels }, signal);
      await datasetSeen(edited);
      const { labels = {}, tags: all = [] } = edited.spec;
      return {
        json: {
          ...answer,
          version_id: number,
          base: null,
          labels,
          tags: Object.fromEntries(all.map((each) => [each.name, each.version])),
        },
      };
    },
  });
}

/** The version that an upload is to begin from. @throws RequestError 400 when it is named and there is none */
function baseOf(
  dataset: Dataset | undefined,
  versions: readonly DatasetVersion[] = [],
  tag: string | undefined,
): { version: number; manifest: string } | undefined {
  if (dataset?.spec.type === 'Collection')
    throw new RequestError(409, 'USER', `${dataset.spec.name} is a collection; take another name for a dataset`);
  const named = tag === undefined ? undefined : versionNameOf(tag);
  const found = dataset && (named === undefined ? latestOf(versions) : versionNamed(dataset, versions, named));
  if (found !== undefined) return { version: found.spec.version, manifest: found.spec.manifest };
  if (tag === undefined) return undefined;
  const there = versions.filter(stays).map(({ spec }) => spec.version);
  const which = there.length === 0 ? 'none' : `${there.slice(0, 8).join(', ')}${there.length > 8 ? ', …' : ''}`;
  throw badRequest(`tag ${JSON.stringify(tag)}: the dataset has no such version; it has ${which}`);
}

/** The dataset of a name, made if it isn't there; somebody else may make it at the same moment. */
async function datasetFor(
  client: Pick<KubeClient, 'get'>,
  ref: { namespace: string; name: string },
  create: () => Promise<Dataset>,
): Promise<Dataset> {
  const existing = async (): Promise<Dataset | undefined> => {
    try {
      return await client.get(Datasets, ref);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const there = await existing();
  if (there !== undefined) return there;
  try {
    return await create();
  } catch (error) {
    const now = error instanceof RequestError ? await existing() : undefined;
    if (now === undefined) throw error;
    return now;
  }
}

/** Puts the tags and labels of an upload on its dataset. */
function marked(
  client: KubeClient,
  { metadata: { name, namespace } }: Dataset,
  { number, tags, labels }: { number: number; tags: readonly string[]; labels: JsonMap | undefined },
  signal: AbortSignal,
): Promise<Dataset> {
  return editDataset(
    client,
    { name, namespace },
    ({ spec }) => ({
      ...(tags.length > 0 && { tags: withTags(spec.tags, tags, number) }),
      ...(labels !== undefined && { labels: changedJson('label', spec.labels, { set: labels }) }),
    }),
    signal,
  );
}

/** Tags with some of them moved to a version. */
export function withTags(
  old: Dataset['spec']['tags'],
  names: readonly string[],
  version: number,
): NonNullable<Dataset['spec']['tags']> {
  const kept = (old ?? []).filter(({ name }) => !names.includes(name));
  return [...kept, ...[...new Set(names)].map((name) => ({ name, version }))];
}
