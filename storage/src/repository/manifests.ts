import type { ObjectStore } from '../object-store.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import type { Blake3 } from './hash.ts';
import { packIdOf, packsFolder, versionsFolder } from './layout.ts';
import { decodeManifest, type Manifest } from './manifest.ts';

/** A manifest of a hundred million chunks stays below. */
const longestManifest = 1024 * 1024 * 1024;

/** A manifest as it is stored. */
export interface FoundManifest {
  key: string;
  manifest: Manifest;
  bytes: Buffer;
  etag: string;
}

/** Keys of all versions. */
export async function* versionKeys(store: ObjectStore, signal?: AbortSignal): AsyncGenerator<string> {
  for await (const { objects } of store.list(versionsFolder, { signal })) for (const { key } of objects) yield key;
}

/**
 * Reads the manifest of a version; undefined when it was deleted since it was listed.
 *
 * @throws RepositoryError Corrupt
 */
export async function readManifest(
  store: ObjectStore,
  key: string,
  blake3: Blake3,
  signal?: AbortSignal,
): Promise<FoundManifest | undefined> {
  try {
    const { info, body } = await store.get(key, { signal });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of body) {
      size += piece.byteLength;
      if (size > longestManifest)
        throw new StoreError('TooLarge', `${store.url}/${key}`, 'is too large for a manifest');
      pieces.push(piece);
    }
    const bytes = Buffer.concat(pieces);
    const manifest = decodeManifest(bytes, `blake3:${key.slice(versionsFolder.length)}`, `${store.url}/${key}`, blake3);
    return { key, manifest, bytes, etag: info.etag };
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** Bytes of all packs, by id. */
export async function readPacks(store: ObjectStore, signal?: AbortSignal): Promise<Map<string, number>> {
  const packs = new Map<string, number>();
  for await (const { objects } of store.list(packsFolder, { signal })) {
    for (const { key, size } of objects) {
      const id = packIdOf(key);
      if (id !== undefined) packs.set(id, size);
    }
  }
  return packs;
}
