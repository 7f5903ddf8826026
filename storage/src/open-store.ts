import { FileStore } from './file/file-store.ts';
import { parseStoreUrl } from './location.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3StoreOptions } from './s3/s3-store.ts';

/** How stores are opened; each driver takes what concerns it. */
export interface OpenOptions extends S3StoreOptions {}

/**
 * Opens the store that a URL names, without asking it anything. Close it when done.
 *
 * @throws RangeError when the URL can't be used
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<ObjectStore> {
  const location = parseStoreUrl(url);
  if (location.kind === 'file') return new FileStore(location.path);
  // Its SDK is large, and most processes never need it.
  const { openS3Store } = await import('./s3/s3-store.ts');
  return openS3Store(location, options);
}
