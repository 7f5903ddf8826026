import type { LocalDataset } from '@osmo/workflow-spec';
import type { GatewayClient } from '../../http/client.ts';
import type { QueryValue } from '../../http/query.ts';
import type { Session } from '../../session.ts';
import { absolute } from '../../data/sources.ts';
import { contentsOf } from '../dataset/contents.ts';
import { datasetName } from '../dataset/dataset-name.ts';
import { uploadVersion } from '../dataset/upload.ts';
import type { Recipe } from './submission.ts';

/**
 * Makes versions of what datasets of a recipe have a `localpath` for, in the namespace that the workflow goes to.
 *
 * @returns the rendered recipe, which names them
 */
export async function uploadDatasets(
  session: Session,
  client: GatewayClient,
  { folder }: Recipe,
  rendered: {
    document: string;
    datasets: readonly LocalDataset[];
    query: Readonly<Record<string, QueryValue>>;
  },
): Promise<string> {
  const { document, datasets, query } = rendered;
  const namespace = typeof query['namespace'] === 'string' ? query['namespace'] : undefined;
  const names = new Map<string, string>();
  for (const { name, localPath } of datasets) {
    // oxlint-disable-next-line no-await-in-loop
    const dataset = await datasetName(session, client, name, namespace);
    // oxlint-disable-next-line no-await-in-loop
    const contents = await contentsOf(session, [{ text: absolute(folder, localPath), into: '' }], () => true);
    const body = { description: `Of ${localPath}`, metadata: { localpath_dataset: true } };
    // oxlint-disable-next-line no-await-in-loop
    const { committed } = await uploadVersion(session, client, { dataset, contents, body });
    // A workflow names buckets of its own namespace.
    const bucket = dataset.bucket.split('.').at(-1) ?? '';
    const version = `${bucket}/${dataset.name}:${committed.version_id}`;
    names.set(JSON.stringify([name, localPath]), version);
    session.note(`Uploaded ${localPath} as ${version}`);
  }
  const { withUploadedDatasets } = await import('@osmo/workflow-spec');
  return withUploadedDatasets(document, ({ name, localPath }) => names.get(JSON.stringify([name, localPath])) ?? name);
}
