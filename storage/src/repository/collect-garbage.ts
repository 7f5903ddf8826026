import { randomUUID } from 'node:crypto';
import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import type { Blake3 } from './hash.ts';
import { marksFolder, packIdOf, packKey, packsFolder, sessionDigits, versionsFolder } from './layout.ts';
import { decodeManifest } from './manifest.ts';
import { clockPrefix, encodeMark, type Mark, readMarks, staleMarks } from './marks.ts';
import { mapOrdered } from './ordered.ts';
import { RepositoryError } from './repository-error.ts';
import { leaseSeconds, leastGraceSeconds, readIntents } from './session.ts';
import { tidyIndex } from './tidy-index.ts';
import type { GarbageOptions, GarbageResult } from './types.ts';

const defaultGraceSeconds = 86_400;
const deletesAtOnce = 16;
/** A manifest of a hundred million chunks stays below. */
const longestManifest = 1024 * 1024 * 1024;

/**
 * Deletes packs that no version refers to, in two steps: what is garbage now is marked; what was marked a grace period ago, and
 * still is garbage, and no writer keeps, is deleted. docs/designs/0008-repository.md says why nothing else can happen.
 *
 * @throws RepositoryError Corrupt when a version can't be read: then nothing is deleted, since nobody knows what it needs
 */
export async function collectGarbage(
  store: ObjectStore,
  blake3: Blake3,
  { graceSeconds = defaultGraceSeconds, signal }: GarbageOptions = {},
): Promise<GarbageResult> {
  if (graceSeconds !== 0 && !(graceSeconds >= leastGraceSeconds)) {
    throw new RepositoryError(
      'Refused',
      `graceSeconds ${graceSeconds}: must be at least ${leastGraceSeconds}, with which writers are safe, or 0 while nobody writes`,
    );
  }
  const result: GarbageResult = { deletedObjects: 0, deletedBytes: 0, keptBytes: 0 };
  const now = await storeTime(store, signal);
  const packs = await readPacks(store, signal);
  const marks = await readMarks(store, signal);
  const intents = await readIntents(store, now, signal);
  // Last: a pack whose writer has committed since we looked for its intent is in a version.
  const live = await livePacks(store, blake3, signal);
  const isGarbage = (pack: string): boolean =>
    !live.has(pack) && !intents.sessions.has(pack.slice(0, sessionDigits)) && !intents.packs.has(pack);

  const remove = async (keys: readonly { key: string; size: number }[]): Promise<void> => {
    const deleted = mapOrdered(keys, deletesAtOnce, async ({ key, size }) => {
      signal?.throwIfAborted();
      await store.delete(key, { signal });
      result.deletedObjects++;
      result.deletedBytes += size;
    });
    for await (const _ of deleted);
  };
  const removePacks = async (ids: Iterable<string>): Promise<void> => {
    const gone = [...ids].filter((pack) => packs.has(pack));
    await remove(gone.map((pack) => ({ key: packKey(pack), size: packs.get(pack) ?? 0 })));
    for (const pack of gone) packs.delete(pack);
  };

  const ripe = marks.filter(({ deleteAfter }) => graceSeconds === 0 || deleteAfter <= now);
  for (const { key, packs: marked } of ripe) {
    await removePacks([...marked].filter(isGarbage));
    await remove([{ key, size: 0 }]);
  }
  const waiting = new Set(marks.filter((each) => !ripe.includes(each)).flatMap((each) => [...each.packs]));
  const found = [...packs.keys()].filter((pack) => isGarbage(pack) && !waiting.has(pack));
  if (graceSeconds === 0) await removePacks(found);
  else if (found.length > 0) await putMark(store, now + 1000 * graceSeconds, found, signal);
  const stale = await staleMarks(store, marks, new Date(now - 1000 * leaseSeconds), signal);
  for (const key of [...intents.stale, ...stale]) await store.delete(key, { signal });
  const exists = (pack: string): boolean => packs.has(pack) || intents.sessions.has(pack.slice(0, sessionDigits));
  await tidyIndex(store, blake3, exists, signal);
  for (const size of packs.values()) result.keptBytes += size;
  return result;
}

async function putMark(
  store: ObjectStore,
  deleteAfter: number,
  packs: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const key = `${marksFolder}${new Date(deleteAfter).toISOString().replaceAll(/[^0-9]/g, '')}-${packs[0]}`;
  const body: Omit<Mark, 'key'> = { deleteAfter, packs: new Set(packs) };
  await store.put(key, encodeMark(body), { signal, contentType: 'text/plain' });
}

/** What the store's clock says: only its own times are ever compared. */
async function storeTime(store: ObjectStore, signal: AbortSignal | undefined): Promise<number> {
  const key = `${clockPrefix}${randomUUID()}`;
  await store.put(key, Buffer.from('now\n'), { signal });
  const found = await store.head(key, { signal });
  await store.delete(key, { signal });
  if (found === undefined)
    throw new StoreError('Unavailable', `${store.url}/${key}`, 'is not there after it was stored');
  return found.modified.getTime();
}

/** Bytes of packs, by id. */
async function readPacks(store: ObjectStore, signal: AbortSignal | undefined): Promise<Map<string, number>> {
  const packs = new Map<string, number>();
  for await (const { objects } of store.list(packsFolder, { signal })) {
    for (const { key, size } of objects) {
      const id = packIdOf(key);
      if (id !== undefined) packs.set(id, size);
    }
  }
  return packs;
}

async function livePacks(store: ObjectStore, blake3: Blake3, signal: AbortSignal | undefined): Promise<Set<string>> {
  const live = new Set<string>();
  async function* keys(): AsyncGenerator<string> {
    for await (const { objects } of store.list(versionsFolder, { signal })) for (const { key } of objects) yield key;
  }
  const manifests = mapOrdered(keys(), 8, async (key) => {
    try {
      const bytes = await readAll(store, key, { limit: longestManifest, signal });
      const digest = `blake3:${key.slice(versionsFolder.length)}`;
      return decodeManifest(bytes, digest, `${store.url}/${key}`, blake3).packs;
    } catch (error) {
      // Deleted since it was listed.
      if (isStoreError(error, 'NotFound')) return new Set<string>();
      throw error;
    }
  });
  for await (const packs of manifests) for (const pack of packs) live.add(pack);
  return live;
}
