import { Api, type Bucket, defaultBucketOf, FieldManagers } from '@osmo/crds';
import { isAlreadyExists } from '@osmo/kube';
import { Indexes } from '../caches.ts';
import type { Dependencies } from '../dependencies.ts';
import { RequestError } from '../http/errors.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Buckets } from '../kinds.ts';
import { ownBucket } from '../profile/own-bucket.ts';
import { idOf } from '../workflows/ids.ts';
import { findBucket } from './find.ts';
import { bucketRefOf } from './names.ts';
import { readable } from './readable.ts';
import { datasetSchemas } from './schemas.ts';
import type { Writing } from './writing.ts';
import { bucketEntry } from './view.ts';

const modes = { 'read-write': 'ReadWrite', 'read-only': 'ReadOnly' } as const;
interface BucketBody {
  url?: string;
  description?: string;
  credential?: string | null;
  mode?: keyof typeof modes;
  default?: boolean;
}

/** Buckets: where datasets are kept. */
export function bucketOperations(dependencies: Dependencies, { bucketSeen, bucketGone }: Writing): Operation[] {
  const { caches, defaultNamespace } = dependencies;
  const manager = { fieldManager: FieldManagers.apiGateway } as const;
  return [
    operation({
      id: 'listBuckets',
      action: 'dataset:List',
      method: 'get',
      path: '/api/bucket',
      tag: 'Datasets',
      summary: 'Lists buckets',
      parameters: {
        default_only: { type: 'boolean', description: 'Only the one that names of datasets without a bucket mean.' },
        namespace: {
          type: 'text',
          description: 'Only in this namespace; in all that the caller may read when not given.',
        },
      },
      answer: {
        description: 'Buckets by name, and the default one: the caller’s own setting, else that of the namespace.',
        schema: datasetSchemas.buckets,
      },
      async handle({ caller, query }) {
        const mine = await readable(dependencies, caller, 'buckets', query.namespace);
        const all = caches.buckets.list().filter(mine);
        const id = ({ metadata }: Bucket): string => idOf(metadata, defaultNamespace);
        const home = query.namespace ?? defaultNamespace;
        const usual = defaultBucketOf(all.filter(({ metadata }) => metadata.namespace === home));
        const preferred = ownBucket(caches, caller, query.namespace) ?? usual?.metadata;
        const isPreferred = ({ metadata: { namespace, name } }: Bucket): boolean =>
          namespace === preferred?.namespace && name === preferred?.name;
        const shown = query.default_only === true ? all.filter(isPreferred) : all;
        const entries = shown.map((bucket) => [id(bucket), bucketEntry(bucket)] as const);
        const buckets = Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
        return { json: { buckets, default: preferred === undefined ? null : idOf(preferred, defaultNamespace) } };
      },
    }),
    operation({
      id: 'getBucket',
      action: 'dataset:Read',
      method: 'get',
      path: '/api/bucket/{bucket}',
      tag: 'Datasets',
      summary: 'Reads a bucket',
      answer: { description: 'The bucket.', schema: datasetSchemas.bucket },
      async handle({ caller, params }) {
        return { json: bucketEntry((await findBucket(dependencies, caller, params['bucket'] ?? '')).bucket) };
      },
    }),
    operation({
      id: 'createBucket',
      action: 'dataset:Write',
      method: 'post',
      path: '/api/bucket/{bucket}',
      tag: 'Datasets',
      summary: 'Creates a bucket',
      description: 'Of the object store nothing is asked: the first upload makes the repository there.',
      body: { schema: datasetSchemas.newBucket },
      answer: { description: 'The bucket.', schema: datasetSchemas.bucket },
      async handle({ caller, params, body, signal }) {
        const id = params['bucket'] ?? '';
        const { url = '', description, credential, mode, default: preferred } = body as BucketBody;
        const object = {
          apiVersion: Api.apiVersion,
          kind: 'Bucket',
          metadata: bucketRefOf(id, defaultNamespace),
          spec: {
            url,
            ...(typeof credential === 'string' && { credential }),
            ...(mode !== undefined && { mode: modes[mode] }),
            ...(description !== undefined && { description }),
            ...(preferred !== undefined && { default: preferred }),
          },
        };
        try {
          const options = { ...manager, fieldValidation: 'Strict', signal } as const;
          const bucket = await dependencies.as(caller).create(Buckets, object as unknown as Bucket, options);
          await bucketSeen(bucket);
          return { json: bucketEntry(bucket) };
        } catch (error) {
          if (!isAlreadyExists(error)) throw error;
          throw new RequestError(409, 'USER', `bucket ${id} exists already`);
        }
      },
    }),
    operation({
      id: 'changeBucket',
      action: 'dataset:Write',
      method: 'patch',
      path: '/api/bucket/{bucket}',
      tag: 'Datasets',
      summary: 'Changes a bucket',
      description: 'All but its URL: versions are where they were written.',
      body: { schema: datasetSchemas.bucketChange },
      answer: { description: 'The bucket.', schema: datasetSchemas.bucket },
      async handle({ caller, params, body, signal }) {
        const ref = bucketRefOf(params['bucket'] ?? '', defaultNamespace);
        const { mode, ...change } = body as BucketBody;
        const spec = { ...change, ...(mode !== undefined && { mode: modes[mode] }) };
        const patch = { kind: 'merge', body: { spec } } as const;
        const bucket = await dependencies.as(caller).patch(Buckets, ref, patch, { ...manager, signal });
        await bucketSeen(bucket);
        return { json: bucketEntry(bucket) };
      },
    }),
    operation({
      id: 'deleteBucket',
      action: 'dataset:Delete',
      method: 'delete',
      path: '/api/bucket/{bucket}',
      tag: 'Datasets',
      summary: 'Deletes a bucket that has no datasets',
      description: 'What is left in the object store stays there.',
      answer: { description: 'What is gone.', schema: datasetSchemas.deletedBucket },
      async handle({ caller, params, signal }) {
        const id = params['bucket'] ?? '';
        const { ref, bucket } = await findBucket(dependencies, caller, id);
        const [dataset] = caches.datasets.byIndex(Indexes.bucket, `${ref.namespace}/${ref.name}`);
        if (dataset !== undefined)
          throw new RequestError(
            409,
            'USER',
            `bucket ${id} has datasets, such as ${dataset.spec.name}; delete them before`,
          );
        const { uid } = bucket.metadata;
        await dependencies.as(caller).delete(Buckets, ref, { signal, ...(uid !== undefined && { uid }) });
        await bucketGone(bucket);
        return { json: { name: id, path: bucket.spec.url } };
      },
    }),
    operation({
      id: 'getBucketLocation',
      action: 'dataset:Read',
      method: 'get',
      path: '/api/bucket/{bucket}/location',
      tag: 'Datasets',
      summary: 'Says where a bucket is',
      answer: { description: 'Its URL.', schema: datasetSchemas.location },
      async handle({ caller, params }) {
        const { bucket } = await findBucket(dependencies, caller, params['bucket'] ?? '');
        const { path, region, mode, credential } = bucketEntry(bucket);
        return { json: { path, region, mode, credential } };
      },
    }),
    operation({
      id: 'listManifests',
      action: 'dataset:Read',
      method: 'get',
      path: '/api/bucket/{bucket}/manifests',
      tag: 'Datasets',
      summary: 'Lists what of the repository of a bucket is in use',
      description:
        'Digests of manifests that versions name, in all buckets of this cluster with the same URL: everything else in the repository is left over from uploads, or of another cluster.',
      answer: { description: 'Digests.', schema: datasetSchemas.manifests },
      async handle({ caller, params }) {
        const { bucket } = await findBucket(dependencies, caller, params['bucket'] ?? '');
        const place = plainUrl(bucket.spec.url);
        const same = caches.buckets.list().filter(({ spec }) => plainUrl(spec.url) === place);
        const names = new Set(same.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
        const manifests = new Set<string>();
        // Not by dataset: versions that are being deleted may have lost theirs.
        for (const { metadata, spec } of caches.datasetVersions.list()) {
          const [name = ''] = spec.dataset.split('.');
          if (names.has(`${metadata.namespace}/${name}`)) manifests.add(spec.manifest);
        }
        return { json: { manifests: [...manifests].toSorted() } };
      },
    }),
  ];
}

/** A URL without how it is reached. */
const plainUrl = (url: string): string => url.replace(/\?.*$/, '').replace(/\/+$/, '');
