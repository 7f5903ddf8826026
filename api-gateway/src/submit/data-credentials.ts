import {
  type Bucket,
  type Credential,
  defaultBucketOf,
  readDatasetReference,
  type WorkflowSpecInput,
} from '@osmo/crds';
import { isForbidden, isNotFound, type KubeClient, Secret } from '@osmo/kube';
import { credentialsFrom, dataSecretName, profileOf } from '@osmo/storage';

/** Secrets that one submission looks at. */
const mostSecrets = 16;
const timeoutMs = 5_000;

/** Tries keys at the store of a URL: what it says against them; undefined when that is nothing, or isn't known. */
export type ProbeKeys = (
  trial: { url: string; fields: Readonly<Record<string, string>> },
  signal: AbortSignal,
) => Promise<string | undefined>;

/** A Secret that moves data of a workflow, and what it is for. */
interface NeededKey {
  secret: string;
  /** Where the workflow says so, for people. */
  what: string;
  /** What it is to open. */
  url: string;
  /** Whether the workflow or bucket names it, so that nothing else takes its place. */
  named: boolean;
  /** What it is for, as far as that is known. */
  profile?: string;
}

/**
 * What is wrong with the data credentials of a workflow, as far as the caller may get Secrets: asked in the caller's name, since the gateway
 * itself may read none. Keys that are whole are tried. Nothing is refused for it: without a credential the identity of a pod may do, and only
 * where the pod runs is known for good whether a store takes a key. Who may not get Secrets is told nothing.
 *
 * @param client acts as the caller
 * @param probe tries keys at the store, within bounds of its own: what it says against them, undefined when that is nothing
 * @param buckets of the namespace
 * @param entries credentials that the caller may use
 */
export async function credentialWarnings(
  client: Pick<KubeClient, 'get'>,
  namespace: string,
  {
    spec,
    buckets,
    entries = [],
  }: { spec: WorkflowSpecInput; buckets: readonly Bucket[]; entries?: readonly Credential[] },
  probe: ProbeKeys,
  signal: AbortSignal,
): Promise<string[]> {
  // Each once, for the first that needs it.
  const keys = new Map(
    neededKeys(spec, buckets)
      // What was set through the gateway was tried then, and is looked at again before the command starts.
      .filter(({ named, profile }) => named || !entries.some((entry) => entry.spec.profile === profile))
      .toReversed()
      .map((key) => [key.secret, key]),
  );
  const problems = await Promise.all(
    [...keys.values()].slice(0, mostSecrets).map((key) => problemOf(client, namespace, key, probe, signal)),
  );
  return problems.filter((problem) => problem !== undefined);
}

async function problemOf(
  client: Pick<KubeClient, 'get'>,
  namespace: string,
  { secret: name, what, url, named }: NeededKey,
  probe: ProbeKeys,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { data = {} } = await client.get(Secret, { namespace, name }, { signal, timeoutMs });
    const fields = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
    const known = Object.fromEntries(fields) as Record<string, string>;
    const { credentials } = credentialsFrom(known);
    if (credentials === undefined) return `${what}: Secret ${name} has no access_key`;
    const said = await probe({ url, fields: known }, signal);
    return said === undefined ? undefined : `${what}: the store ${said} (Secret ${name})`;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RangeError) return `${what}: Secret ${name}: ${error.message}`;
    // That it may not be asked, or can't be now, says nothing about the credential.
    if (isForbidden(error) || !isNotFound(error)) return undefined;
    if (named) return `${what}: there is no Secret ${name} in namespace ${namespace}`;
    return `${what}: namespace ${namespace} has no data credential for it (Secret ${name}), so that it takes what pods are allowed by themselves`;
  }
}

function neededKeys(spec: WorkflowSpecInput, buckets: readonly Bucket[]): NeededKey[] {
  const tasks = [...(spec.tasks ?? []), ...(spec.groups ?? []).flatMap(({ tasks: members }) => members)];
  return tasks.flatMap(({ inputs = [], outputs = [], checkpoints = [] }) => [
    ...[...inputs, ...outputs].flatMap(({ url }) => (url === undefined ? [] : keyOf(url.url, url.url, url.credential))),
    ...checkpoints.flatMap(({ url, credential }) => keyOf(url, url, credential)),
    ...inputs.flatMap(({ dataset }) => keyOfDataset(dataset?.name, buckets)),
    ...outputs.flatMap(({ dataset, updateDataset }) => keyOfDataset((dataset ?? updateDataset)?.name, buckets)),
  ]);
}

function keyOfDataset(name: string | undefined, buckets: readonly Bucket[]): NeededKey[] {
  const reference = name === undefined ? undefined : readDatasetReference(name);
  if (reference === undefined) return [];
  const bucket =
    reference.bucket === undefined
      ? defaultBucketOf(buckets)
      : buckets.find(({ metadata }) => metadata.name === reference.bucket);
  if (bucket === undefined) return [];
  return keyOf(bucket.spec.url, `bucket ${bucket.metadata.name}`, bucket.spec.credential);
}

/** Of a URL with tokens nobody knows yet what it becomes, of a folder of a machine no key is needed. */
function keyOf(url: string, what: string, named: string | undefined): NeededKey[] {
  if (named !== undefined) return [{ secret: named, what, url, named: true }];
  try {
    const profile = profileOf(url);
    return [{ secret: dataSecretName(profile), what, url, named: false, profile }];
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
