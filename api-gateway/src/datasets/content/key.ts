import { type Bucket, CredentialTypes, Labels } from '@osmo/crds';
import { isForbidden, isNotFound, type KubeClient, Secret } from '@osmo/kube';
import {
  type AccessOptions,
  credentialsFrom,
  dataSecretName,
  parseStoreUrl,
  profileOf,
  type StoreLocation,
} from '@osmo/storage';
import { RequestError } from '../../http/errors.ts';

const timeoutMs = 5_000;

const refused = (bucket: Bucket, why: string): RequestError =>
  new RequestError(
    400,
    'CREDENTIAL',
    `bucket ${bucket.metadata.name}: its files can't be read through the gateway: ${why}. With a key of your own 'osmo dataset cat' and 'download' read them from the store`,
  );

/**
 * The key by which a bucket's store is read for somebody: of the Secret that the bucket names, else of its profile's. It is got in the caller's
 * name; where the caller may not get it, in the gateway's own, which may get none but those that an administrator has given it by name. What
 * the gateway's pod is allowed by itself (workload identity, files) is never used: whoever makes a bucket chooses its URL.
 *
 * @param asCaller acts as the caller
 * @param own acts as the gateway
 * @throws RequestError 400 (CREDENTIAL) when there is none, or the store isn't one that is read this way
 */
export async function keyFor(
  bucket: Bucket,
  { asCaller, own }: Record<'asCaller' | 'own', Pick<KubeClient, 'get'>>,
  signal: AbortSignal,
): Promise<AccessOptions> {
  const { url, credential } = bucket.spec;
  const kind = kindOf(bucket);
  if (kind === 'file' || kind === 'azure')
    throw refused(bucket, 'that is done only where the service of the store speaks S3');
  const name = credential ?? dataSecretName(profileOf(url));
  const ref = { namespace: bucket.metadata.namespace ?? '', name };
  const secret = await got(asCaller, ref, signal);
  const mine = secret === 'forbidden' ? await given(own, ref, signal) : secret;
  if (mine === 'forbidden') throw refused(bucket, `neither you nor the gateway may get Secret ${name} with its key`);
  if (mine === 'missing') throw refused(bucket, `there is no Secret ${name} in namespace ${ref.namespace}`);
  try {
    const access = credentialsFrom(fieldsOf(mine));
    if (access.credentials !== undefined) return access;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused(bucket, `Secret ${name}: ${error.message}`);
  }
  throw refused(bucket, `Secret ${name} has no access_key`);
}

/** What kind of store a bucket is in; no apiserver looks at every part of a URL. */
function kindOf(bucket: Bucket): StoreLocation['kind'] {
  try {
    return parseStoreUrl(bucket.spec.url).kind;
  } catch (error) {
    throw error instanceof RangeError ? refused(bucket, error.message) : error;
  }
}

type Got = Secret | 'forbidden' | 'missing';

async function got(client: Pick<KubeClient, 'get'>, ref: { namespace: string; name: string }, signal: AbortSignal) {
  try {
    return await client.get(Secret, ref, { signal, timeoutMs });
  } catch (error) {
    if (isForbidden(error)) return 'forbidden' as const;
    if (isNotFound(error)) return 'missing' as const;
    throw error;
  }
}

/** A Secret that the gateway was given for everybody who may read the bucket's files: a shared data credential, whatever else it may get. */
async function given(
  own: Pick<KubeClient, 'get'>,
  ref: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<Got> {
  const secret = await got(own, ref, signal);
  // Whether there is one is told to nobody who may not know.
  if (secret === 'missing' || secret === 'forbidden') return 'forbidden';
  const { [Labels.credentialType]: type, [Labels.credentialOwner]: owner = 'shared' } = secret.metadata.labels ?? {};
  return type === CredentialTypes.data && owner === 'shared' ? secret : 'forbidden';
}

const fieldsOf = ({ data = {} }: Secret): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
