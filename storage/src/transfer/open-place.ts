import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { ObjectStore } from '../object-store.ts';
import { openLocation, type OpenOptions } from '../open-store.ts';
import { parseStoreUrl } from '../parse-url.ts';

/**
 * Opens the store that a user's URL is in, for `uploadTree` and `downloadTree`: the whole bucket, since the path of the URL
 * may be a folder or an object.
 *
 * @returns the store, which takes every name and is to be closed, and the path in it
 * @throws RangeError when the URL can't be used
 */
export async function openPlace(url: string, options: OpenOptions = {}): Promise<{ store: ObjectStore; path: string }> {
  const location = parseStoreUrl(url);
  const any: OpenOptions = { ...options, keys: 'any' };
  if (location.kind !== 'file') {
    return { store: await openLocation({ ...location, prefix: '' }, any), path: location.prefix };
  }
  const isFile = await stat(location.path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isFile) return { store: await openLocation(location, any), path: '' };
  return {
    store: await openLocation({ kind: 'file', path: dirname(location.path) }, any),
    path: basename(location.path),
  };
}
