import { usageFailure } from '../../failure.ts';
import { type GatewayClient, segment } from '../../http/client.ts';
import type { Session } from '../../session.ts';

/** A dataset as a command names it. */
export interface DatasetName {
  bucket: string;
  /** Without bucket and version. */
  name: string;
  /** Number, tag or `latest`; undefined when none was given. */
  version: string | undefined;
  /** Of the dataset in the REST API. */
  path: string;
}

/**
 * Reads `[BUCKET/]NAME[:VERSION]`. Without a bucket the gateway's default one is meant.
 *
 * @param namespace where the bucket is; the one of the context when not given
 * @throws Failure when it is no such name, or there is no default bucket
 */
export async function datasetName(
  session: Session,
  client: GatewayClient,
  text: string,
  namespace?: string,
): Promise<DatasetName> {
  const [, bucket, name = '', version] = /^(?:([^/:]+)\/)?([^/:]+)(?::([^/:]+))?$/.exec(text) ?? [];
  if (name === '')
    throw usageFailure(
      `${JSON.stringify(text)}: must be the name of a dataset: [bucket/]name, or [bucket/]name:version`,
    );
  const found = await bucketName(session, client, bucket, namespace);
  return { bucket: found, name, version, path: datasetPath(found, name) };
}

/** A dataset without a version: what concerns all of its versions. */
export async function plainDatasetName(session: Session, client: GatewayClient, text: string): Promise<DatasetName> {
  const dataset = await datasetName(session, client, text);
  if (dataset.version === undefined) return dataset;
  throw usageFailure(`${JSON.stringify(text)}: must be the name of a dataset, without a version`);
}

export const datasetPath = (bucket: string, name: string): string =>
  `/api/bucket/${segment(bucket)}/dataset/${segment(name)}`;

/** A bucket as the gateway knows it: in the namespace of the context unless it names one; the default one when none is given. */
export async function bucketName(
  session: Session,
  client: GatewayClient,
  given: string | undefined,
  inNamespace?: string,
): Promise<string> {
  const namespace = inNamespace ?? (await session.current()).context.namespace;
  if (given !== undefined) return namespace === undefined || given.includes('.') ? given : `${namespace}.${given}`;
  const query = { default_only: true, namespace };
  const answer = await client.json<{ default: string | null }>({ path: '/api/bucket', query });
  if (answer.default !== null) return answer.default;
  throw usageFailure(
    "no bucket is named, and there is no default one; 'osmo bucket list' tells which there are: BUCKET/NAME",
  );
}
