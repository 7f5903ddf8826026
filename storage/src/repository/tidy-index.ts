import { readAll } from '../bytes.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { prefixBytes } from './chunk-table.ts';
import type { Blake3 } from './hash.ts';
import { decodeRun, encodeRun, entryBytes, type IndexedPack, isWholeRun } from './index-run.ts';
import { indexFolder } from './layout.ts';

/** Small runs are put together until they have so many bytes. */
const wholeRun = 16 * 1024 * 1024;
const longestRun = 512 * 1024 * 1024;

/**
 * Leaves packs that are gone out of the index and puts small runs together. Safe at any moment: what is missing from the index for a while
 * is at worst stored twice.
 */
export async function tidyIndex(
  store: ObjectStore,
  blake3: Blake3,
  exists: (pack: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const runs: ObjectInfo[] = [];
  for await (const { objects } of store.list(indexFolder, { signal })) runs.push(...objects);
  let group: { key: string; packs: IndexedPack[]; changed: boolean }[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    const needed = group.length > 1 || group.some(({ changed }) => changed);
    const [first] = group;
    if (needed && first !== undefined) await replace(store, blake3, group, signal);
    group = [];
    bytes = 0;
  };
  for (const { key, size } of runs) {
    const run = await readRun(store, blake3, key, signal);
    if (run === undefined) continue;
    const kept = run.filter(({ id }) => exists(id));
    const changed = kept.length < run.length || kept.length === 0;
    if (size >= wholeRun && !changed) continue;
    group.push({ key, packs: kept, changed });
    bytes += size;
    if (bytes >= wholeRun) await write();
  }
  await write();
}

async function replace(
  store: ObjectStore,
  blake3: Blake3,
  group: readonly { key: string; packs: IndexedPack[] }[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const packs = new Map(group.flatMap((run) => run.packs).map((pack) => [pack.id, pack]));
  const [first, ...others] = group.map(({ key }) => key);
  if (first === undefined) return;
  if (packs.size === 0) await store.delete(first, { signal });
  else await store.put(first, encodeRun([...packs.values()], blake3), { signal });
  for (const key of others) await store.delete(key, { signal });
}

/** Empty when it is damaged: then it is of no use. */
async function readRun(
  store: ObjectStore,
  blake3: Blake3,
  key: string,
  signal: AbortSignal | undefined,
): Promise<IndexedPack[] | undefined> {
  try {
    const bytes = await readAll(store, key, { limit: longestRun, signal });
    if (!isWholeRun(bytes, blake3)) return [];
    const { packs, entries } = decodeRun(bytes);
    const prefixes = packs.map((): Buffer[] => []);
    for (let at = 0; at < entries.byteLength; at += entryBytes) {
      prefixes[entries.readUInt32LE(at + prefixBytes)]?.push(entries.subarray(at, at + prefixBytes));
    }
    return packs.map((pack, number) => ({ ...pack, prefixes: Buffer.concat(prefixes[number] ?? []) }));
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    if (error instanceof RangeError) return [];
    throw error;
  }
}
