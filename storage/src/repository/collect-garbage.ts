import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import type { Blake3 } from './hash.ts';
import { marksFolder, packKey, sessionDigits } from './layout.ts';
import { readManifest, readPacks, versionKeys } from './manifests.ts';
import { clockPrefix, encodeMark, type Mark, readMarks, staleMarks } from './marks.ts';
import { mapOrdered } from './ordered.ts';
import { RepositoryError } from './repository-error.ts';
import { type RewriteOptions, rewritePacks } from './rewrite-packs.ts';
import { leaseSeconds, leastGraceSeconds, readIntents } from './session.ts';
import { tidyIndex } from './tidy-index.ts';
import type { GarbageOptions, GarbageResult } from './types.ts';

const defaultGraceSeconds = 86_400;
const deletesAtOnce = 16;
/** Packs of which less than this part is needed are written anew. */
const defaultRewriteBelow = 0.5;

/**
 * Writes packs anew of which little is needed, and deletes packs that no version refers to, in two steps: what is garbage now is marked; what was marked a grace period ago, and
 * still is garbage, and no writer keeps, is deleted. docs/designs/0008-repository.md says why nothing else can happen.
 *
 * @throws RepositoryError Corrupt when a version can't be read: then nothing is deleted, since nobody knows what it needs
 */
export async function collectGarbage(
  store: ObjectStore,
  blake3: Blake3,
  { graceSeconds = defaultGraceSeconds, rewriteBelow = defaultRewriteBelow, signal }: GarbageOptions = {},
  writing: Pick<RewriteOptions, 'now' | 'newName'> = {},
): Promise<GarbageResult> {
  if (graceSeconds !== 0 && !(graceSeconds >= leastGraceSeconds)) {
    throw new RepositoryError(
      'Refused',
      `graceSeconds ${graceSeconds}: must be at least ${leastGraceSeconds}, with which writers are safe, or 0 while nobody writes`,
    );
  }
  if (!(rewriteBelow >= 0 && rewriteBelow <= 1)) {
    throw new RepositoryError('Refused', `rewriteBelow ${rewriteBelow}: must be a number from 0 to 1`);
  }
  // First: what it leaves behind is garbage like any other.
  const rewrittenPacks = await rewritePacks({ store, blake3, below: rewriteBelow, ...writing, signal });
  const result: GarbageResult = { deletedObjects: 0, deletedBytes: 0, keptBytes: 0, rewrittenPacks };
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

async function livePacks(store: ObjectStore, blake3: Blake3, signal: AbortSignal | undefined): Promise<Set<string>> {
  const live = new Set<string>();
  const found = mapOrdered(versionKeys(store, signal), 8, (key) => readManifest(store, key, blake3, signal));
  for await (const each of found) for (const pack of each?.manifest.packs ?? []) live.add(pack);
  return live;
}
