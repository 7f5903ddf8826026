import { randomInt } from 'node:crypto';
import type { ObjectStore } from '../object-store.ts';
import { fetchChunks } from './fetch-chunks.ts';
import type { Blake3 } from './hash.ts';
import { readManifest, readPacks, versionKeys } from './manifests.ts';
import type { PageRef } from './manifest.ts';
import { decodePage, type Location } from './page.ts';

/** Packs that are looked at in a run, so that what is kept of their chunks fits into memory; of more, others the next time. */
const mostPacks = 65_536;
/** What a chunk takes beside its own bytes, at most: its part of the list at the end of the pack. */
const entryBytes = 56;
/** Beginning and end of a pack. */
const frameBytes = 60;

/** Offsets of the chunks of a pack that versions need. */
export type NeededOffsets = ReadonlySet<number>;

/**
 * Finds packs of which versions need only a part, less than `below` of their bytes. Memory: a number for each chunk that is needed of
 * the packs that are looked at.
 *
 * @throws RepositoryError Corrupt when a list of files can't be read
 */
export async function sparsePacks(
  store: ObjectStore,
  blake3: Blake3,
  below: number,
  signal?: AbortSignal,
): Promise<Map<string, { size: number; needed: NeededOffsets }>> {
  const sizes = await readPacks(store, signal);
  const watched = new Map(
    someOf([...sizes.keys()]).map((pack) => [pack, { bytes: frameBytes, needed: new Set<number>() }]),
  );
  const note = ({ pack, offset, length }: Location): void => {
    const usage = watched.get(pack);
    if (usage === undefined || usage.needed.has(offset)) return;
    usage.needed.add(offset);
    usage.bytes += length + entryBytes;
  };
  const seen = new Set<string>();
  for await (const key of versionKeys(store, signal)) {
    const found = await readManifest(store, key, blake3, signal);
    const pages = (found?.manifest.pages ?? []).filter((page) => !seen.has(placeOf(page.at)));
    for (const { at } of pages) seen.add(placeOf(at));
    for await (const { item, plain } of fetchChunks<PageRef>(pages, { store, blake3, signal })) {
      note(item.at);
      for (const { chunks } of decodePage(plain)) for (const { at } of chunks) note(at);
    }
  }
  const sparse = new Map<string, { size: number; needed: NeededOffsets }>();
  for (const [pack, { bytes, needed }] of watched) {
    const size = sizes.get(pack) ?? 0;
    // Those of which nothing is needed are garbage, which is for others to delete.
    if (needed.size > 0 && bytes < below * size) sparse.set(pack, { size, needed });
  }
  return sparse;
}

/** Tells a place from all others. */
export const placeOf = ({ pack, offset }: Pick<Location, 'pack' | 'offset'>): string => `${pack}:${offset}`;

/** All, or as many as can be looked at in a run, from anywhere on. */
function someOf(packs: readonly string[]): readonly string[] {
  if (packs.length <= mostPacks) return packs;
  const start = randomInt(packs.length);
  return [...packs.slice(start), ...packs.slice(0, start)].slice(0, mostPacks);
}
