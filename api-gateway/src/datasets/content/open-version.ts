import type { Bucket } from '@osmo/crds';
import { type Outgoing, OutgoingError } from '@osmo/kube/outgoing';
import { type AccessOptions, isStoreError, openStore, parseStoreUrl, speaksGoogle } from '@osmo/storage';
import type { ReadLimits, Version } from '@osmo/storage/repository';
import { notFound, RequestError } from '../../http/errors.ts';

const MiB = 1024 * 1024;
/** Lists of a few million files, and chunks far larger than ours, fit; what somebody has made to fill this process doesn't. */
const limits: ReadLimits = { manifestBytes: 16 * MiB, itemBytes: 8 * MiB, requestsAtOnce: 2 };
/** Whole answers of the store: the longest is a manifest, or a request for chunks, which is up to 4 MiB or one chunk. */
const maxResponseBytes = 17 * MiB;
const timeoutMs = 60_000;

/** A version that is open for reading. */
export interface OpenVersion {
  version: Version;
  /** Ends reading. */
  close(): Promise<void>;
}

export interface OpenVersionOptions {
  outgoing: Pick<Outgoing, 'fetch'>;
  access: AccessOptions;
  /** Digest of the manifest. */
  manifest: string;
  signal: AbortSignal;
}

/**
 * Opens a version in the store of a bucket, which is called only where people may have things called: whoever made the bucket has chosen the address.
 *
 * @throws RequestError, see `storeProblem`
 */
export async function openVersion(bucket: Bucket, options: OpenVersionOptions): Promise<OpenVersion> {
  const { outgoing, access, manifest, signal } = options;
  const location = parseStoreUrl(bucket.spec.url);
  if (location.kind === 'gs' && speaksGoogle(access, {})) {
    const why = 'that is done only where the service of the store speaks S3; take an HMAC key';
    throw new RequestError(
      400,
      'CREDENTIAL',
      `bucket ${bucket.metadata.name}: can't be read through the gateway: ${why}`,
    );
  }
  // Loaded when first needed: most gateways read logs and records only.
  const { openRepository } = await import('@osmo/storage/repository');
  const fetch: Outgoing['fetch'] = (url, init) => outgoing.fetch(url, { ...init, timeoutMs, maxResponseBytes });
  const store = await openStore(bucket.spec.url, { ...access, environment: {}, fetch });
  try {
    const repository = await openRepository(store, { workers: 0, limits, signal });
    return { version: await repository.open(manifest), close: () => store.close() };
  } catch (error) {
    await store.close();
    throw await storeProblem(bucket, error, signal);
  }
}

/**
 * What a caller is told when a store, or what is in it, fails. Never the words of the store's SDK: they may hold what only we can see.
 *
 * @returns the error itself where it is none of a store, or the caller has left
 */
export async function storeProblem(bucket: Bucket, error: unknown, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted || error instanceof RequestError) return error;
  const { isRepositoryError } = await import('@osmo/storage/repository');
  const name = `bucket ${bucket.metadata.name}`;
  const refusal = refusalIn(error);
  if (refusal !== undefined)
    return new RequestError(400, 'CREDENTIAL', `${name}: its store can't be called: ${refusal}`);
  if (isRepositoryError(error, 'Corrupt'))
    return new RequestError(500, 'SERVER', `${name}: is damaged: ${error.message}`);
  if (isRepositoryError(error)) return new RequestError(400, 'USER', `${name}: ${error.message}`);
  if (!isStoreError(error)) return error;
  if (error.reason === 'NotFound') return notFound(`${name}: the store doesn't have this version any more`);
  if (error.reason === 'TooLarge')
    return new RequestError(
      400,
      'USER',
      `${name}: the version is too large to be read through the gateway; 'osmo dataset cat' reads it`,
    );
  if (error.reason === 'Denied')
    return new RequestError(400, 'CREDENTIAL', `${name}: its store refuses the key, or to read with it`);
  if (error.reason === 'Misconfigured')
    return new RequestError(
      400,
      'CREDENTIAL',
      `${name}: its store has no such bucket, or is another service than it seems`,
    );
  return new RequestError(503, 'SERVER', `${name}: its store could not be asked (${error.reason}); try again`, {
    headers: { 'retry-after': '1' },
  });
}

/** Why an address may not be called, where that is what is behind a failure. */
function refusalIn(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++)
    if (at instanceof OutgoingError) return at.mayPass ? undefined : at.message;
  return undefined;
}
