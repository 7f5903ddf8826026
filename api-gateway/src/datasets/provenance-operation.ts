import type { Dependencies } from '../dependencies.ts';
import { type Operation, operation } from '../http/operation.ts';
import { Indexes } from '../caches.ts';
import { plainTime } from '../workflows/times.ts';
import { findDataset, versionOf } from './find.ts';
import { provenanceOf } from './provenance.ts';
import { datasetSchemas } from './schemas.ts';

/** Most versions that one answer has. */
const mostVersions = 1000;

/** Where a version comes from, and where it went. */
export function provenanceOperation(dependencies: Dependencies): Operation {
  const { caches, access } = dependencies;
  return operation({
    id: 'getProvenance',
    action: 'dataset:Read',
    method: 'get',
    path: '/api/bucket/{bucket}/dataset/{name}/provenance',
    tag: 'Datasets',
    summary: 'Says what a version was made from, or what was made from it',
    parameters: {
      tag: { type: 'text', description: 'A number, a tag or `latest`, which is the default.' },
      direction: { type: 'text', description: 'The default is backwards.', enum: ['backwards', 'forwards'] },
      depth: { type: 'integer', description: 'Most steps; 32 when not given.', minimum: 1, maximum: 1000 },
    },
    answer: { description: 'Versions, and which were made from which.', schema: datasetSchemas.provenance },
    async handle({ caller, params, query }) {
      const found = await findDataset(dependencies, caller, params);
      const { namespace = '' } = found.dataset.metadata;
      await access.demand(caller, { verb: 'list', resource: 'datasetversions', namespace });
      const source = {
        get: (name: string) => caches.datasetVersions.get(namespace, name),
        madeFrom: (name: string) => caches.datasetVersions.byIndex(Indexes.madeFrom, `${namespace}/${name}`),
      };
      const { direction = 'backwards', depth = 32 } = query;
      const start = versionOf(found, query.tag);
      const { versions, edges, truncated } = provenanceOf(source, start, {
        direction: direction === 'forwards' ? 'forwards' : 'backwards',
        depth,
        limit: mostVersions,
      });
      return {
        json: {
          versions: versions.map(({ metadata, spec }) => ({
            dataset: spec.dataset,
            name: caches.datasets.get(namespace, spec.dataset)?.spec.name ?? spec.dataset.replace(/^[^.]*\./, ''),
            version: spec.version,
            created_date: plainTime(metadata.creationTimestamp),
            created_by: spec.createdBy ?? '',
            provenance: spec.provenance ?? null,
          })),
          edges,
          truncated,
        },
      };
    },
  });
}
