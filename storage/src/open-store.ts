import type { Pause } from './back-off.ts';
import type { AccessOptions } from './credentials.ts';
import { FileStore } from './file/file-store.ts';
import { speaksGoogle } from './gcs/speaks-google.ts';
import type { KeyRule } from './keys.ts';
import type { StoreLocation } from './location.ts';
import type { ObjectStore } from './object-store.ts';
import { parseStoreUrl } from './parse-url.ts';
import type { StoreFetch } from './s3/fetch-handler.ts';
import { type RateLimit, rateLimited } from './rate-limit.ts';
import { s3LocationOf } from './s3/services.ts';

/** Bytes of a part of a stream, by most drivers. */
const usualPartSize = 8 * 1024 * 1024;

/** How stores are opened; each driver takes what concerns it. */
export interface OpenOptions extends AccessOptions {
  /** Which keys are allowed; absent: `plain`. `any` is for the files of users, under the names that they gave them. */
  keys?: KeyRule | undefined;
  /** Bytes of a part of a stream; larger objects are uploaded in parts. At least 5 MiB. */
  partSize?: number | undefined;
  /** How to wait before a body that broke is continued; absent: see `backOff`. */
  pause?: Pause | undefined;
  /** Where ambient settings and credentials are read; absent: those of the process. */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** How fast the store may be used, by all that is done with what is opened. */
  rateLimit?: RateLimit | undefined;
  /** Makes the requests of services that speak S3, for small bodies: where it must be said which addresses may be called. */
  fetch?: StoreFetch | undefined;
}

/**
 * Opens the store that a URL names, without asking it anything. Close it when done.
 *
 * @throws RangeError when the URL, or a service account for it, can't be used
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<ObjectStore> {
  return openLocation(parseStoreUrl(url), options);
}

/** Opens the store of a location that was read already. */
export async function openLocation(location: StoreLocation, options: OpenOptions = {}): Promise<ObjectStore> {
  const { rateLimit, partSize = usualPartSize } = options;
  const store = await openDriver(location, options);
  return rateLimit === undefined ? store : rateLimited(store, rateLimit, { partSize });
}

async function openDriver(location: StoreLocation, options: OpenOptions): Promise<ObjectStore> {
  if (location.kind === 'file') return new FileStore(location.path, options);
  // Their SDKs are large, and most processes never need them.
  if (location.kind === 'azure') {
    const { openAzureStore } = await import('./azure/azure-store.ts');
    return openAzureStore(location, options);
  }
  if (location.kind === 'gs' && speaksGoogle(options, options.environment ?? process.env)) {
    const { openGcsStore } = await import('./gcs/gcs-store.ts');
    return openGcsStore(location, options);
  }
  const { openS3Store } = await import('./s3/s3-store.ts');
  return openS3Store(s3LocationOf(location, options), options);
}
